"""What all second factors have in common: recovery codes, the words about changes, and the end of all of them."""

import hashlib
import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.mails import send_mail_later
from accounts.models import AuthenticatorApp, Passkey, RecoveryCode, User
from accounts.selectors.second_factors import has_second_factor
from accounts.services.credentials import confirm_password
from chat_project.core import audit
from chat_project.core.errors import ConflictError

RECOVERY_CODES = 10
# Without what is mistaken for others. Sixteen of them hold 79 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 4


def renew_recovery_codes(*, user: User, password: str) -> list[str]:
    """Return ten new recovery codes; the ones before are void. They are shown this once, and kept as digests.

    Raises: InvalidError for a wrong password, ConflictError where there is no factor to recover, TooManyRequestsError.
    """
    confirm_password(user=user, password=password)
    with transaction.atomic():
        lock_account(user.pk)
        if not has_second_factor(user_id=user.pk):
            raise ConflictError("There is no second factor that they could stand in for.", code="no_second_factor")
        codes = make_recovery_codes(user.pk)
        tell_of_change(user_id=user.pk, action="recovery_codes.renewed")
    return codes


def remove_all(*, user_id: str, actor_id: str | None = None) -> bool:
    """Remove every second factor of an account, and its recovery codes, in the caller's transaction if there is one.

    For the first proof of an address, which ends what was made before it, and for operators. `actor_id` is who wanted
    it, where it was not the person. Tells whether there was any; where there was none, nobody hears of it.
    """
    with transaction.atomic():
        lock_account(user_id)
        counts = [
            rows.filter(user_id=user_id).delete()[0]
            for rows in (AuthenticatorApp.objects, Passkey.objects, RecoveryCode.objects)
        ]
        if any(counts):
            tell_of_change(user_id=user_id, actor_id=actor_id, action="second_factors.removed")
    return any(counts)


def lock_account(user_id: str) -> None:
    """Let one change of an account's factors come after the other: each looks at what the others leave."""
    User.objects.select_for_update(of=("self",), no_key=True).filter(pk=user_id).values_list("pk").first()


def codes_of_first_factor(user_id: str) -> list[str] | None:
    """Return new recovery codes where the factor that was just made is the account's first; None where it has some."""
    if RecoveryCode.objects.filter(user_id=user_id, used_at=None).exists():
        return None
    return make_recovery_codes(user_id)


def void_codes_without_factor(user_id: str) -> None:
    """Delete the recovery codes where the last factor is gone: they would stand in for nothing."""
    if not has_second_factor(user_id=user_id):
        RecoveryCode.objects.filter(user_id=user_id).delete()


def make_recovery_codes(user_id: str) -> list[str]:
    """Put new recovery codes in the place of an account's old ones, and return them."""
    codes = ["-".join(_group() for _ in range(_GROUPS)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.filter(user_id=user_id).delete()
    now = timezone.now()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user_id=user_id, digest=_digest(user_id, code), created_at=now) for code in codes
    )
    return codes


def take_recovery_code(*, user_id: str, text: str) -> bool:
    """Use a recovery code up; tell whether it was one that was good. Each counts once, however many try at a time."""
    unused = RecoveryCode.objects.filter(user_id=user_id, digest=_digest(user_id, text), used_at=None)
    if not unused.update(used_at=timezone.now()):
        return False
    left = RecoveryCode.objects.filter(user_id=user_id, used_at=None).count()
    tell_of_change(user_id=user_id, action="recovery_code.used", left=left)
    return True


def tell_of_change(*, user_id: str, action: str, actor_id: str | None = None, **details: Any) -> None:
    """Write the audit row of a change of somebody's factors, and a mail to them, in the transaction of the change."""
    audit.record(actor_id=actor_id or user_id, action=action, target=User(pk=user_id), **details)
    send_mail_later(kind="second_factor_changed", user_id=user_id, context={"change": action, **details})


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH))


def _digest(user_id: str, text: str) -> bytes:
    """Return what is kept of a code, however it was typed. It holds too much chance to be guessed from its digest."""
    code = "".join(text.lower().split()).replace("-", "")
    return hashlib.sha256(f"recovery-code:{user_id}:{code}".encode(errors="replace")).digest()
