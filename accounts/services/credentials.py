"""Whether somebody is who they say, by login and password. Every try counts, whatever asks for the password."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.hashers import make_password, verify_password
from django.db.models import Q
from django.utils import timezone

from accounts.errors import AccountSuspendedError, InvalidCredentialsError
from accounts.models import User, UserSession
from accounts.names import phone_form
from chat_project.core import audit
from chat_project.core.addresses import is_loopback, network_of
from chat_project.core.api.json import has_forbidden_characters
from chat_project.core.api.renderers import rfc3339
from chat_project.core.errors import InvalidError, UnavailableError
from chat_project.core.limits import count, forget, hit, take_back

WINDOW_SECONDS = 15 * 60
FAILURES_PER_LOGIN = 10
FAILURES_PER_ADDRESS = 50
# Of one account, from wherever: above it only devices that were signed in before are heard.
FAILURES_PER_ACCOUNT = 100
REMEMBERED_SESSIONS = 200
RECORDED_FAILURES = (1, 10, 50)


def verify_credentials(*, login: str, password: str) -> User:
    """Return the person of a username, e-mail address or phone number, if the password is theirs.

    An unknown login costs the same work and gets the same answer as a wrong password. Only the right password tells
    that an account is suspended. Attempts count before they are judged, so that many at once get no more tries.

    Raises: InvalidCredentialsError, AccountSuspendedError, TooManyRequestsError, UnavailableError.
    """
    typed = login.strip().lower()
    attempt = _Attempt.counted(names=(typed,))
    user = _find(typed)
    failures = attempt.count_for(user.pk if user else typed)
    is_heard = not settings.RATE_LIMITS or failures <= FAILURES_PER_ACCOUNT or _knows(user, attempt.address)
    is_heard = is_heard and not _is_demo_from_afar(user, attempt.address)
    with attempt.taken_back_where_unjudged(account=user.pk if user else typed):
        is_right = _is_password_of(user if is_heard else None, password)
    if not is_right or user is None:
        if failures in RECORDED_FAILURES:
            audit.record(actor_id=None, action="sign_in.failed", target=user, count=failures)
        raise InvalidCredentialsError
    attempt.succeeded(account=user.pk)
    if is_suspended(user):
        raise AccountSuspendedError(suspended_until=user.suspended_until and rfc3339(user.suspended_until))
    return user


def confirm_password(*, user: User, password: str, field: str = "password") -> None:
    """Make sure that who is signed in knows the password: what is asked before something that can't be undone.

    Failures count together with those of signing in. A device that is signed in is heard however often others guess.
    To be called before a transaction begins: a hash takes long, and a refusal is recorded in a transaction of its own.

    Raises: InvalidError, which names `field`; TooManyRequestsError.
    """
    # By the id too, which no change of the username takes away.
    attempt = _Attempt.counted(names=(user.username or "", user.pk))
    failures = attempt.count_for(user.pk)
    with attempt.taken_back_where_unjudged(account=user.pk):
        is_right = _is_password_of(user, password)
    if not is_right:
        if failures in RECORDED_FAILURES:
            audit.record(actor_id=user.pk, action="password.refused", target=user, count=failures)
        raise InvalidError.of(field, "This is not your password.", code="password_wrong")
    attempt.succeeded(account=user.pk)


def forget_failures(*, user: User) -> None:
    """Begin the counts of somebody who proved to be the account's owner anew, for where they are."""
    network = network_of(audit.origin.get().ip_address)
    forget(_account_key(user.pk))
    for name in (user.username, user.email, user.phone, user.pk):
        if name:
            forget(_name_key(name, network))


def is_suspended(user: User) -> bool:
    """Tell whether a suspension holds now."""
    return user.is_suspended and (user.suspended_until is None or user.suspended_until > timezone.now())


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One try at a password, counted before it is judged: by where it comes from, and by that and what was typed."""

    address: str
    address_key: str
    name_keys: tuple[str, ...]

    @classmethod
    def counted(cls, *, names: Iterable[str]) -> "_Attempt":
        """Count a try under names, in lower case, that may be nobody's. Raises TooManyRequestsError."""
        address = audit.origin.get().ip_address or ""
        network = network_of(address)
        attempt = cls(address, f"sign-in:address:{network}", tuple(_name_key(name, network) for name in names))
        hit(attempt.address_key, limit=FAILURES_PER_ADDRESS, seconds=WINDOW_SECONDS)
        for key in attempt.name_keys:
            hit(key, limit=FAILURES_PER_LOGIN, seconds=WINDOW_SECONDS)
        return attempt

    def count_for(self, account: str) -> int:
        """Count the try against an account too, wherever it comes from, and return their number."""
        return count(_account_key(account), seconds=WINDOW_SECONDS).count

    @contextmanager
    def taken_back_where_unjudged(self, *, account: str) -> Iterator[None]:
        """Uncount the try where the server was too busy to look at the password."""
        try:
            yield
        except UnavailableError:
            take_back(self.address_key, _account_key(account), *self.name_keys)
            raise

    def succeeded(self, *, account: str) -> None:
        """Take the try back: the password was right."""
        take_back(self.address_key, _account_key(account))
        for key in self.name_keys:
            forget(key)


def _name_key(name: str, network: str) -> str:
    return f"sign-in:login:{name}:{network}"


def _account_key(account: str) -> str:
    return f"sign-in:account:{account}"


def _find(typed: str) -> User | None:
    if has_forbidden_characters(typed):
        return None
    named = Q(username=typed) | Q(email=typed) | Q(phone=phone_form(typed))
    return User.objects.filter(named, is_active=True).first()


def _knows(user: User | None, address: str) -> bool:
    """Tell whether somebody signed in from this address before, in one of their last sessions."""
    if user is None or not address:
        return False
    seen = UserSession.objects.filter(user=user).order_by("-id").values_list("ip_address", flat=True)
    return network_of(address) in {network_of(each) for each in seen[:REMEMBERED_SESSIONS]}


def _is_demo_from_afar(user: User | None, address: str) -> bool:
    """Tell whether this is somebody of the demo, whose password everybody knows, called from another machine."""
    is_demo = user is not None and (user.email or "").endswith(f"@{settings.DEMO_EMAIL_DOMAIN}")
    return is_demo and not is_loopback(address)


def _is_password_of(user: User | None, password: str) -> bool:
    if user is None:
        make_password(password)
        return False
    is_right, is_outdated = verify_password(password, user.password)
    if is_right and is_outdated:
        # Not over a password that was changed in the meantime.
        User.objects.filter(pk=user.pk, password=user.password).update(password=make_password(password))
    return is_right
