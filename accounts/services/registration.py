"""New accounts."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts import names
from accounts.devices import Device
from accounts.enums import NameKind
from accounts.errors import RegistrationClosedError
from accounts.models import User
from accounts.services.checks import checked, require_untaken, taken_names_refused
from accounts.services.sign_in import SignedIn, issue_tokens
from chat_project.core import audit
from chat_project.core.errors import InvalidError
from chat_project.core.limits import hit

PASSWORD_MAX_LENGTH = 128


def register(
    *, username: str, email: str, password: str, display_name: str = "", phone: str = "", device: Device
) -> SignedIn:
    """Make an account and sign its first device in.

    Raises: InvalidError with all fields that are wrong or taken, RegistrationClosedError, TooManyRequestsError.
    """
    user = create_account(username=username, email=email, password=password, display_name=display_name, phone=phone)
    return issue_tokens(user=user, device=device)


def create_account(*, username: str, email: str, password: str, display_name: str = "", phone: str = "") -> User:
    """Make an account, called by its username where no display name is given.

    Raises: InvalidError with all fields that are wrong or taken, RegistrationClosedError, TooManyRequestsError.
    """
    if settings.REGISTRATION != "open":
        raise RegistrationClosedError
    address = audit.origin.get().ip_address or ""
    hit(f"registration:{address}", limit=settings.REGISTRATIONS_PER_HOUR, seconds=3600)
    given = User(username=username.strip(), email=email, display_name=display_name or username)
    values = checked(
        username=lambda: _free_username(given.username or ""),
        email=lambda: names.checked_email(email),
        display_name=lambda: names.checked_display_name(given.display_name),
        phone=lambda: names.checked_phone(phone),
        password=lambda: check_password(password, user=given),
    )
    # Ahead of the transaction: a hash takes long, and an open transaction would keep its connection all the while.
    values["password"] = make_password(password)
    require_untaken(values)
    user = User(**values)
    with taken_names_refused():
        user.save(force_insert=True)
        audit.record(actor_id=user.pk, action="account.registered", target=user)
    return user


def check_password(password: str, *, user: User, field: str = "password") -> None:
    """Refuse a password that is too short, too long, common, all digits, or like its owner's names.

    Raises: InvalidError, which names `field`.
    """
    if len(password) > PASSWORD_MAX_LENGTH:
        raise InvalidError.of(field, f"Give at most {PASSWORD_MAX_LENGTH} characters.")
    try:
        validate_password(password, user=user)
    except ValidationError as error:
        raise InvalidError(errors={field: error.messages}) from None


def _free_username(text: str) -> str:
    username = text.lower()
    names.check_name_is_free(username, kind=NameKind.USERNAME, field="username")
    return username
