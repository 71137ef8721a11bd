"""What arrives by mail, and the links in it."""

import re
from datetime import timedelta

from django.core import mail as django_mail
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.models import OutgoingMail
from accounts.services.mailing import deliver_due_mails

_LINK = re.compile(r"http://localhost:8000(/(?:verify|reset)/([A-Za-z0-9._~-]+)/)")


def received(address: str | None = None) -> list[EmailMessage]:
    """Return the mails that came since the last time, to one address or to all."""
    OutgoingMail.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    deliver_due_mails()
    messages, django_mail.outbox = list(django_mail.outbox), []
    return [message for message in messages if address is None or message.to == [address]]


def subjects(address: str | None = None) -> list[str]:
    """Return the subjects of what came."""
    return [message.subject for message in received(address)]


def token_for(address: str) -> str:
    """Return the token of the one link that came to an address."""
    return _link(address)[2]


def page_for(address: str) -> str:
    """Return the path of the one link that came to an address."""
    return _link(address)[1]


def _link(address: str) -> re.Match[str]:
    (found,) = [found for message in received(address) if (found := _LINK.search(str(message.body)))]
    return found
