"""Passwords that were forgotten: replaced by who reads the account's mail."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import names
from accounts.errors import InvalidLinkError
from accounts.mail_tokens import MailClaims, MailTokenKind, read_mail_token, write_mail_token
from accounts.mails import send_mail_later
from accounts.models import OutgoingMail, PendingEmail, User
from accounts.services.credentials import forget_failures
from accounts.services.first_proof import end_what_came_before
from accounts.services.mail_requests import count_mail_request
from accounts.services.passwords import check_password, set_password
from chat_project.core import audit

# What a token of no account is held against, so that it costs what any other does.
_NO_STATE = ""


def request_password_reset(*, email: str) -> None:
    """Send a link to an address, if it is an account's. The answer, and the work for it, tell nobody whether.

    Raises: TooManyRequestsError.
    """
    typed = names.email_form(email)
    count_mail_request(recipient=typed)
    user = User.objects.filter(email=typed, is_active=True).first()
    with transaction.atomic():
        send_mail_later(kind="reset_password", user_id=user.pk if user else None)
        audit.record(actor_id=None, action="password.reset_asked", target=user)


def reset_mail(mail: OutgoingMail) -> tuple[str, dict[str, Any]] | None:
    """Return a person's address and the link that resets their password; None where there is no such person."""
    user = mail.user
    if user is None or not user.is_active or not user.email:
        return None
    seconds = settings.RESET_LINK_SECONDS
    token = write_mail_token(MailTokenKind.RESET, subject_id=user.pk, state=_state(user), seconds=seconds)
    expires_at = timezone.now() + timedelta(seconds=seconds)
    return user.email, {"link": f"{settings.SITE_URL}/reset/{token}/", "expires_at": expires_at}


def find_resettable(*, token: str) -> User:
    """Return whose password a link would reset, without using the link up. Raises InvalidLinkError."""
    return _user(_claims(token))


def reset_password(*, token: str, password: str) -> None:
    """Give the account of a link another password. Signs nobody in, and ends all of the account's sessions.

    Second factors stay, unless this is the first proof of the address.

    Raises: InvalidLinkError, InvalidError, which names `password`.
    """
    claims = _claims(token)
    check_password(password, user=_user(claims))
    hashed = make_password(password)
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).filter(pk=claims.subject_id).first()
        # Once more, now that nobody else can use it.
        user = _user(claims)
        if not user.is_verified:
            _note_proof(user)
        set_password(user, hashed, reason="password_reset")
        audit.record(actor_id=user.pk, action="password.reset", target=user)
    forget_failures(user=user)


def _note_proof(user: User) -> None:
    user.is_verified = True
    user.save(update_fields=["is_verified"])
    PendingEmail.objects.filter(user_id=user.pk, email=user.email).delete()
    end_what_came_before(user_id=user.pk)


def _claims(token: str) -> MailClaims:
    claims = read_mail_token(token, MailTokenKind.RESET)
    if claims is None:
        raise InvalidLinkError
    return claims


def _user(claims: MailClaims) -> User:
    user = User.objects.filter(pk=claims.subject_id, is_active=True).first()
    if not claims.is_genuine(state=_state(user) if user else _NO_STATE) or user is None:
        raise InvalidLinkError
    return user


def _state(user: User) -> str:
    """Return what every change of the password changes, and a change of the address too."""
    return f"{user.auth_version}\n{user.email}"
