"""Addresses of mail: proven by a link that is sent there, and changed for another that is proven."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import names
from accounts.errors import InvalidLinkError
from accounts.mail_tokens import MailClaims, MailTokenKind, read_mail_token, write_mail_token
from accounts.mails import send_mail_later
from accounts.models import OutgoingMail, PendingEmail, User
from accounts.services.authentication import Identity
from accounts.services.checks import checked, require_untaken, taken_names_refused
from accounts.services.credentials import confirm_password
from accounts.services.first_proof import end_what_came_before
from accounts.services.mail_requests import count_mail_request
from chat_project.core import audit
from chat_project.core.errors import InvalidError
from chat_project.core.limits import hit

CHANGES_PER_HOUR = 10

# What a token of no row is held against, so that it costs what any other does.
_NO_ADDRESS = ""


def verification_mail(mail: OutgoingMail) -> tuple[str, dict[str, Any]] | None:
    """Return the address that a person has yet to prove, and the link that proves it; None where there is none."""
    pending = _renewed(mail.user) if mail.user is not None and mail.user.is_active else None
    if pending is None:
        return None
    token = write_mail_token(
        MailTokenKind.VERIFICATION, subject_id=pending.id, state=pending.email, seconds=settings.EMAIL_LINK_SECONDS
    )
    link = f"{settings.SITE_URL}/verify/{token}/"
    return pending.email, {"link": link, "email": pending.email, "expires_at": pending.expires_at}


def resend_verification(*, email: str) -> None:
    """Send the link to an address once more, if anybody has yet to prove it. The answer tells nobody whether.

    Raises: TooManyRequestsError.
    """
    typed = names.email_form(email)
    count_mail_request(recipient=typed)
    waiting = PendingEmail.objects.filter(email=typed, user__is_active=True).values_list("user_id", flat=True)
    unproven = User.objects.filter(email=typed, is_active=True, is_verified=False).values_list("pk", flat=True)
    # A pending change by somebody else must not keep a new account from its link, nor the other way round: one query
    # finds both, whether there is anybody or not.
    user_ids: list[str | None] = [*waiting.union(unproven)] or [None]
    for user_id in user_ids:
        send_mail_later(kind="verify_email", user_id=user_id)


def resend_own_verification(*, user_id: str) -> None:
    """Send the link to the address that somebody who is signed in has yet to prove, if there is one.

    Raises: TooManyRequestsError.
    """
    count_mail_request(recipient=user_id)
    send_mail_later(kind="verify_email", user_id=user_id)


def change_email(*, user: User, password: str, email: str) -> None:
    """Begin to change somebody's address: it changes when the link that goes to the new one is used.

    Raises: InvalidError, which names `password` or `email`; TooManyRequestsError.
    """
    hit(f"email-change:{user.pk}", limit=CHANGES_PER_HOUR, seconds=3600)
    confirm_password(user=user, password=password)
    values = checked(email=lambda: names.checked_email(email))
    if values["email"] == user.email and user.is_verified:
        raise InvalidError.of("email", "This is your address already.")
    require_untaken(values, except_id=user.pk)
    with transaction.atomic():
        # A new row each time: links that were sent for the address before are dead.
        PendingEmail.objects.filter(user_id=user.pk).delete()
        PendingEmail.objects.create(user_id=user.pk, email=values["email"], expires_at=_expiry())
        send_mail_later(kind="verify_email", user_id=user.pk)
        if values["email"] != user.email:
            send_mail_later(kind="email_change_asked", user_id=user.pk, address=user.email or "")
        audit.record(actor_id=user.pk, action="email.change_asked", target=user)


def find_pending(*, token: str) -> PendingEmail:
    """Return the address that a link would prove, and whose it is, without using the link up.

    Raises: InvalidLinkError.
    """
    return _pending(_claims(token))


@transaction.atomic
def verify_email(*, token: str, identity: Identity | None = None) -> None:
    """Note that a person reads the address to which a link went, and make it theirs if it is a new one.

    The first proof of an account ends the sessions and factors that were made before it: somebody else may have
    registered the address. The session of `identity` stays, since who uses the link sits before it.

    Raises: InvalidLinkError, InvalidError where the address was taken meanwhile.
    """
    claims = _claims(token)
    User.objects.select_for_update(of=("self",), no_key=True).filter(pk=_pending(claims).user_id).first()
    # Once more, now that nobody else can use it.
    pending = _pending(claims)
    user = pending.user
    is_first, former = not user.is_verified, user.email
    user.email, user.is_verified = pending.email, True
    with taken_names_refused():
        user.save(update_fields=["email", "is_verified", "updated_at"])
    pending.delete()
    audit.record(actor_id=user.pk, action="email.verified", target=user, changed=former != user.email)
    if is_first:
        kept = identity.session_id if identity is not None and identity.user_id == user.pk else None
        end_what_came_before(user_id=user.pk, kept_session_id=kept)
    if former != user.email:
        send_mail_later(kind="email_changed", user_id=user.pk, address=former or "")


def cleanup_pending_emails() -> int:
    """Delete what nobody proved in time. Returns its number."""
    return PendingEmail.objects.filter(expires_at__lt=timezone.now()).delete()[0]


def _claims(token: str) -> MailClaims:
    claims = read_mail_token(token, MailTokenKind.VERIFICATION)
    if claims is None:
        raise InvalidLinkError
    return claims


def _pending(claims: MailClaims) -> PendingEmail:
    pending = PendingEmail.objects.select_related("user").filter(id=claims.subject_id).first()
    if not claims.is_genuine(state=pending.email if pending else _NO_ADDRESS) or pending is None:
        raise InvalidLinkError
    if not pending.user.is_active:
        raise InvalidLinkError
    return pending


def _renewed(user: User) -> PendingEmail | None:
    """Return what somebody has yet to prove, good for a new link."""
    pending = PendingEmail.objects.filter(user_id=user.pk).first()
    if pending is not None:
        pending.expires_at = _expiry()
        pending.save(update_fields=["expires_at"])
        return pending
    if user.is_verified or not user.email:
        return None
    return PendingEmail.objects.get_or_create(user_id=user.pk, defaults={"email": user.email, "expires_at": _expiry()})[
        0
    ]


def _expiry() -> datetime:
    return timezone.now() + timedelta(seconds=settings.EMAIL_LINK_SECONDS)
