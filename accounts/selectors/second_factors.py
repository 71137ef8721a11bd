"""The second factors of an account: which there are, and the passkeys among them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q

from accounts.models import AuthenticatorApp, Passkey, RecoveryCode


@dataclass(frozen=True, slots=True)
class SecondFactors:
    """What an account is kept by beside its password."""

    app_since: datetime | None
    passkeys: list[Passkey]
    recovery_codes_left: int
    recovery_codes_since: datetime | None

    @property
    def is_on(self) -> bool:
        """Whether a sign-in by password asks for more."""
        return self.app_since is not None or bool(self.passkeys)

    @property
    def methods(self) -> list[str]:
        """The words for what a sign-in may answer with."""
        offered = {
            "code": self.app_since is not None,
            "passkey": bool(self.passkeys),
            "recovery_code": self.is_on and self.recovery_codes_left > 0,
        }
        return [method for method, there in offered.items() if there]


def get_second_factors(*, user_id: str) -> SecondFactors:
    """Return an account's factors, by three queries."""
    since = AuthenticatorApp.objects.filter(user_id=user_id, is_confirmed=True).values_list("created_at", flat=True)
    codes = RecoveryCode.objects.filter(user_id=user_id).aggregate(
        left=Count("digest", filter=Q(used_at=None)), since=Max("created_at")
    )
    return SecondFactors(
        app_since=since.first(),
        passkeys=list_passkeys(user_id=user_id),
        recovery_codes_left=codes["left"],
        recovery_codes_since=codes["since"],
    )


def has_second_factor(*, user_id: str) -> bool:
    """Tell whether a sign-in by password asks for more."""
    return (
        AuthenticatorApp.objects.filter(user_id=user_id, is_confirmed=True).exists()
        or Passkey.objects.filter(user_id=user_id).exists()
    )


def list_passkeys(*, user_id: str) -> list[Passkey]:
    """Return a person's passkeys, the oldest first. They are few: an account has at most MAX_PASSKEYS."""
    return list(Passkey.objects.filter(user_id=user_id).order_by("id"))
