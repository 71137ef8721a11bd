"""New accounts."""

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts import names
from accounts.devices import Device
from accounts.enums import NameKind
from accounts.errors import RegistrationClosedError
from accounts.mails import send_mail_later
from accounts.models import User
from accounts.services.checks import checked, require_untaken, taken_names_refused
from accounts.services.passwords import check_password
from accounts.services.sign_in import SignedIn, issue_tokens
from chat_project.core import audit
from chat_project.core.addresses import network_of
from chat_project.core.limits import hit


def register(
    *, username: str, email: str, password: str, display_name: str = "", phone: str = "", device: Device
) -> SignedIn:
    """Make an account and sign its first device in.

    Raises: InvalidError with all fields that are wrong or taken, RegistrationClosedError, TooManyRequestsError.
    """
    user = create_account(username=username, email=email, password=password, display_name=display_name, phone=phone)
    return issue_tokens(user=user, device=device)


def create_account(*, username: str, email: str, password: str, display_name: str = "", phone: str = "") -> User:
    """Make an account, called by its username where no display name is given, and send its address a link.

    Raises: InvalidError with all fields that are wrong or taken, RegistrationClosedError, TooManyRequestsError.
    """
    if settings.REGISTRATION != "open":
        raise RegistrationClosedError
    hit(
        f"registration:{network_of(audit.origin.get().ip_address)}", limit=settings.REGISTRATIONS_PER_HOUR, seconds=3600
    )
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
        send_mail_later(kind="verify_email", user_id=user.pk)
        audit.record(actor_id=user.pk, action="account.registered", target=user)
    return user


def _free_username(text: str) -> str:
    username = text.lower()
    names.check_name_is_free(username, kind=NameKind.USERNAME, field="username")
    return username
