"""Mails on their way out: from their rows, through templates, to the server that takes them."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import OutgoingMail
from accounts.services.email_verification import verification_mail
from accounts.services.password_reset import reset_mail

BATCH = 100
# After a failure it is tried again: after a minute, two, four …, and at least every six hours.
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=2)

# Mails with a link in them: who they go to, and what the templates get, made when they leave.
_WITH_LINKS: Mapping[str, Callable[[OutgoingMail], tuple[str, dict[str, Any]] | None]] = {
    "verify_email": verification_mail,
    "reset_password": reset_mail,
}

logger = logging.getLogger(__name__)


def deliver_mail(*, mail_id: str) -> bool:
    """Send one mail and forget it; tell whether it left.

    Of several who try at once one sends it. What fails stays, and is tried again. A crash between sending and
    forgetting sends it twice, which is better than not at all.
    """
    mail = _claimed(mail_id)
    if mail is None:
        return False
    message = _message(mail)
    try:
        has_left = message is not None and message.send() > 0
    except (SMTPException, OSError) as error:
        logger.warning("a mail could not be sent, and is tried again: %s", type(error).__name__)
        return False
    mail.delete()
    return has_left


def deliver_due_mails() -> int:
    """Send what is due: what failed before, and what the worker was never told of. Returns how many left."""
    due = OutgoingMail.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
    return sum(deliver_mail(mail_id=mail_id) for mail_id in due.values_list("id", flat=True)[:BATCH])


def cleanup_mails() -> int:
    """Give up what could not be sent for days. Returns the number of mails."""
    return OutgoingMail.objects.filter(created_at__lt=timezone.now() - GIVEN_UP_AFTER).delete()[0]


def _claimed(mail_id: str) -> OutgoingMail | None:
    """Return a mail that is due, for this caller alone: for others it is due after a pause."""
    now = timezone.now()
    mail = OutgoingMail.objects.select_related("user").filter(id=mail_id, due_at__lte=now).first()
    if mail is None:
        return None
    pause = min(FIRST_PAUSE * 2**mail.attempts, LONGEST_PAUSE)
    unclaimed = OutgoingMail.objects.filter(id=mail_id, attempts=mail.attempts)
    return mail if unclaimed.update(due_at=now + pause, attempts=F("attempts") + 1) else None


def _message(mail: OutgoingMail) -> EmailMultiAlternatives | None:
    """Return the mail as it leaves; None where it is for nobody, or there is no reason for it any more."""
    with_link = _WITH_LINKS.get(mail.kind)
    made = with_link(mail) if with_link else (mail.address or _address_of(mail), {})
    if made is None or not made[0]:
        return None
    address, values = made
    context = {
        **mail.context,
        **values,
        "person": mail.user,
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
    }
    message = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"mails/{mail.kind}.subject.txt", context).split()),
        body=render_to_string(f"mails/{mail.kind}.txt", context).strip() + "\n",
        to=[address],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string(f"mails/{mail.kind}.html", context), "text/html")
    return message


def _address_of(mail: OutgoingMail) -> str:
    return mail.user.email or "" if mail.user is not None else ""
