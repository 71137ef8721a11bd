"""Whether somebody is who they say, by login and password."""

from django.conf import settings
from django.contrib.auth.hashers import make_password, verify_password
from django.db.models import Q
from django.utils import timezone

from accounts.errors import AccountSuspendedError, InvalidCredentialsError
from accounts.models import User, UserSession
from accounts.names import phone_form
from chat_project.core import audit
from chat_project.core.addresses import is_loopback
from chat_project.core.api.json import has_forbidden_characters
from chat_project.core.api.renderers import rfc3339
from chat_project.core.limits import count, forget, hit, take_back

WINDOW_SECONDS = 15 * 60
FAILURES_PER_LOGIN = 10
FAILURES_PER_ADDRESS = 50
# Of one account, from wherever: above it only devices that were signed in before are heard.
FAILURES_PER_ACCOUNT = 100
RECORDED_FAILURES = (1, 10, 50)


def verify_credentials(*, login: str, password: str) -> User:
    """Return the person of a username, e-mail address or phone number, if the password is theirs.

    An unknown login costs the same work and gets the same answer as a wrong password. Only the right password tells
    that an account is suspended. Attempts count before they are judged, so that many at once get no more tries.

    Raises: InvalidCredentialsError, AccountSuspendedError, TooManyRequestsError.
    """
    typed = login.strip().lower()
    address = audit.origin.get().ip_address or ""
    address_key, login_key = f"sign-in:address:{address}", f"sign-in:login:{typed}:{address}"
    hit(address_key, limit=FAILURES_PER_ADDRESS, seconds=WINDOW_SECONDS)
    hit(login_key, limit=FAILURES_PER_LOGIN, seconds=WINDOW_SECONDS)
    user = _find(typed)
    account_key = f"sign-in:account:{user.pk if user else typed}"
    failures = count(account_key, seconds=WINDOW_SECONDS).count
    is_heard = not settings.RATE_LIMITS or failures <= FAILURES_PER_ACCOUNT or _knows(user, address)
    is_heard = is_heard and not _is_demo_from_afar(user, address)
    if not _is_password_of(user if is_heard else None, password) or user is None:
        if failures in RECORDED_FAILURES:
            audit.record(actor_id=None, action="sign_in.failed", target=user, count=failures)
        raise InvalidCredentialsError
    take_back(address_key, account_key)
    forget(login_key)
    if is_suspended(user):
        raise AccountSuspendedError(suspended_until=user.suspended_until and rfc3339(user.suspended_until))
    return user


def is_suspended(user: User) -> bool:
    """Tell whether a suspension holds now."""
    return user.is_suspended and (user.suspended_until is None or user.suspended_until > timezone.now())


def _find(typed: str) -> User | None:
    if has_forbidden_characters(typed):
        return None
    named = Q(username=typed) | Q(email=typed) | Q(phone=phone_form(typed))
    return User.objects.filter(named, is_active=True).first()


def _knows(user: User | None, address: str) -> bool:
    """Tell whether somebody signed in from this address before."""
    return user is not None and bool(address) and UserSession.objects.filter(user=user, ip_address=address).exists()


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
