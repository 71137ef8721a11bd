"""How often anybody may ask for mails to an address."""

from django.conf import settings

from chat_project.core import audit
from chat_project.core.addresses import network_of
from chat_project.core.limits import hit

WINDOW_SECONDS = 3600


def count_mail_request(*, recipient: str) -> None:
    """Count one more mail that is asked for, by where the call comes from and by the recipient, known or not.

    Raises: TooManyRequestsError.
    """
    client = network_of(audit.origin.get().ip_address)
    hit(f"mail-request:client:{client}", limit=settings.MAIL_REQUESTS_PER_CLIENT, seconds=WINDOW_SECONDS)
    hit(f"mail-request:recipient:{recipient}", limit=settings.MAIL_REQUESTS_PER_ADDRESS, seconds=WINDOW_SECONDS)
