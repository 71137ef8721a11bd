"""Mails, as everything else asks for them: kept with what they tell of, sent by the worker after the commit."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts.models import OutgoingMail

# By its name: tasks stand above all that may want to send a mail.
_TASK = "accounts.tasks.send_mail"

# How long a request that has a mail to send waits for a broker that hangs.
BROKER_SECONDS = 1

logger = logging.getLogger(__name__)


def send_mail_later(
    *, kind: str, user_id: str | None = None, address: str = "", context: Mapping[str, Any] | None = None
) -> None:
    """Send the mail `templates/mails/<kind>.{subject.txt,txt,html}` once the caller's transaction commits.

    It goes to `address`, else to the person's own. `context` is JSON, and holds no secret and no link: it stands in
    the database until the mail has left. Templates also get `person`, `site_name` and `site_url`.
    """
    mail = OutgoingMail.objects.create(kind=kind, user_id=user_id, address=address, context=dict(context or {}))
    transaction.on_commit(partial(_tell_worker, mail.id), robust=True)


def _tell_worker(mail_id: str) -> None:
    try:
        # A connection of its own: the time-out would end the waits of a worker, which has the same settings.
        with current_app.connection_for_write(transport_options={"socket_timeout": BROKER_SECONDS}) as broker:
            current_app.send_task(_TASK, [mail_id], connection=broker, retry=False)
    except OperationalError as error:
        # The row waits for the clock, which sends what nobody was told of.
        logger.warning("a mail waits for the clock: %s", type(error).__name__)
