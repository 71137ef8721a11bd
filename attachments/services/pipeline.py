"""From UPLOADED to READY, or to what a file is instead. Safe to run twice, and to be killed anywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from accounts.discarding import discard_objects, keep_objects
from attachments.enums import AttachmentStatus
from attachments.errors import ScannerUnavailableError
from attachments.models import Attachment
from attachments.models.attachments import UNFINISHED_STATUSES
from attachments.services.quarantine import note_verdict
from attachments.services.steps import Found, checked, failed
from attachments.services.telling import tell_finished
from chat_project.core.metrics import FILES, timed_step
from chat_project.core.storage import STORAGE_ERRORS
from conversations.models import Conversation

# A file by which so many workers died, or that failed so often for no fault of its own, is given up.
MOST_ATTEMPTS = 6
# So long it is waited for a storage that is out of reach.
WAITED_FOR = timedelta(days=1)

_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
# Nothing is said on this connection for as long as a file is checked.
_PATIENCE = "SET LOCAL idle_in_transaction_session_timeout = 0"


def process(*, conversation_id: str, attachment_id: str) -> None:
    """Check a file and make what is shown of it; tell who sees it. What is finished, or in hand elsewhere, is left.

    Raises ScannerUnavailableError, and what storages raise: it waits, and is not served.
    """
    with _alone(attachment_id) as is_mine:
        if not is_mine:
            return
        mine = Attachment.objects.filter(conversation_id=conversation_id, id=attachment_id)
        # PENDING is a file that is not there yet.
        waiting = mine.filter(status__in=UNFINISHED_STATUSES[1:])
        # Written before the work: who dies of it counts.
        if not waiting.update(status=AttachmentStatus.PROCESSING, attempts=F("attempts") + 1):
            return
        row = mine.get()
        if row.attempts > MOST_ATTEMPTS:
            _finish(row, failed("It could not be checked."))
            return
        try:
            found = checked(row)
        except (ScannerUnavailableError, *STORAGE_ERRORS) as error:
            # To wait for the scanner is no attempt, nor for the storage while that can be hoped for.
            if isinstance(error, ScannerUnavailableError) or row.created_at > timezone.now() - WAITED_FOR:
                mine.update(attempts=F("attempts") - 1)
            raise
        with timed_step("finish"):
            _finish(row, found)


@transaction.atomic
def _finish(row: Attachment, found: Found) -> None:
    # In the order in which senders lock.
    conversation = Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk=row.conversation_id)
    mine = Attachment.objects.filter(conversation_id=row.conversation_id, id=row.id)
    if not conversation.first() or not mine.filter(status=AttachmentStatus.PROCESSING).update(
        **found, is_processed=True, processed_at=Now()
    ):
        # Taken back meanwhile: what was made stands as discarded, and the sweep takes it.
        return
    finished = mine.get()
    keep_objects(*(key for key in (finished.object_key, finished.thumbnail_key, finished.preview_key) if key))
    if finished.object_key != row.object_key:
        discard_objects(row.object_key)
    note_verdict(finished, key_before=row.object_key)
    FILES.labels(finished.status).inc()
    tell_finished(finished)


@contextmanager
def _alone(attachment_id: str) -> Iterator[bool]:
    """Hold a file for this process alone; a process that dies lets go of it.

    A lock of a transaction, so that it holds behind a pooler that lends connections by the transaction; on a connection
    of its own, so that the work can commit. It has written nothing and looks at nothing, so that it keeps no old rows
    alive; and no row is locked by it, which would have who sends the file wait.
    """
    held = connection.copy()
    held.settings_dict["OPTIONS"] = {**held.settings_dict["OPTIONS"], "pool": False}
    try:
        held.set_autocommit(False)
        with held.cursor() as cursor:
            cursor.execute(_PATIENCE)
            cursor.execute(_LOCK, [attachment_id])
            [is_mine] = cursor.fetchone()
        yield is_mine
    finally:
        held.close()
