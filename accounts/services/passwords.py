"""Passwords: which are good enough, and how their owner changes theirs."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.errors import PersonNotFoundError
from accounts.mails import send_mail_later
from accounts.models import PendingEmail, User, UserSession
from accounts.services.authentication import Identity
from accounts.services.credentials import confirm_password
from accounts.services.sessions import end_all_sessions
from chat_project.core import audit
from chat_project.core.errors import InvalidError

PASSWORD_MAX_LENGTH = 128


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


def change_password(*, user: User, identity: Identity, current: str, password: str) -> None:
    """Give somebody who is signed in another password. All of their sessions end but the one by which they are.

    Raises: InvalidError, which names `current` or `password`; TooManyRequestsError.
    """
    confirm_password(user=user, password=current, field="current")
    check_password(password, user=user)
    hashed = make_password(password)
    with transaction.atomic():
        me = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        # Changed, reset or closed while the password was looked at.
        if me.auth_version != user.auth_version:
            raise InvalidError.of("current", "The password was changed meanwhile.")
        set_password(me, hashed, reason="password_changed", kept_session_id=identity.session_id)
        audit.record(actor_id=me.pk, action="password.changed", target=me)


def replace_password(*, username: str, password: str) -> None:
    """Give somebody another password, as whoever runs the server may. Ends all of their sessions.

    Raises: PersonNotFoundError, InvalidError, which names `password`.
    """
    user = User.objects.filter(username=username.lower(), is_active=True).first()
    if user is None:
        raise PersonNotFoundError
    check_password(password, user=user)
    hashed = make_password(password)
    with transaction.atomic():
        me = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
        set_password(me, hashed, reason="password_replaced")
        audit.record(actor_id=None, action="password.replaced", target=me)


def set_password(user: User, hashed: str, *, reason: str, kept_session_id: str | None = None) -> None:
    """Put a new password's hash into a person's row, which the caller holds the lock of, and tell them by mail.

    All of their sessions end but the one to keep, whose tokens stay good. A change of address that is under way is off:
    who began it knew the password before.
    """
    user.password = hashed
    user.auth_version += 1
    user.save(update_fields=["password", "auth_version", "updated_at"])
    UserSession.objects.filter(id=kept_session_id, user_id=user.pk).update(auth_version=user.auth_version)
    end_all_sessions(user_id=user.pk, reason=reason, except_id=kept_session_id)
    PendingEmail.objects.filter(user_id=user.pk).exclude(email=user.email or "").delete()
    send_mail_later(kind="password_changed", user_id=user.pk)
