"""What a scanner found: kept where nothing is served from, and taken away wherever the same bytes are."""

import secrets
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from accounts.discarding import announce_objects, discard_objects, keep_objects
from attachments.enums import AttachmentStatus
from attachments.models import Attachment
from attachments.models.attachments import QUARANTINE
from attachments.services.queueing import enqueue
from attachments.services.telling import tell_finished
from chat_project.core import audit
from chat_project.core.storage import objects
from conversations.models import Conversation

SWEPT = 100


def quarantined(key: str) -> str:
    """Return the key of a copy in quarantine; of what is there already, its own. Raises FileNotFoundError."""
    return key if is_quarantined(key) else _copied(key, QUARANTINE)


def released(key: str) -> str:
    """Return the key of a copy outside of quarantine; of what is outside, its own. Raises FileNotFoundError."""
    return _copied(key, "attachments/") if is_quarantined(key) else key


def is_quarantined(key: str) -> bool:
    """Tell whether an object is where nothing is served from."""
    return key.startswith(QUARANTINE)


def note_verdict(row: Attachment, *, key_before: str) -> None:
    """Audit what the scanner said of a file, in the transaction that writes it, and have its copies taken away too."""
    if row.status == AttachmentStatus.INFECTED:
        audit.record(actor_id=None, action="attachment.infected", target=row)
        transaction.on_commit(partial(enqueue, "condemn_copies", row.sha256), robust=True)
    elif is_quarantined(key_before):
        audit.record(actor_id=None, action="attachment.released", target=row)


def condemn_copies(*, sha256: str) -> int:
    """Take away every file that is served and has the bytes of one that was found infected. Return how many."""
    if not sha256:
        return 0
    found = Attachment.objects.filter(sha256=sha256, status=AttachmentStatus.INFECTED).values("scan_result").first()
    if found is None:
        return 0
    served = Attachment.objects.filter(sha256=sha256, status=AttachmentStatus.READY).order_by("conversation_id", "id")
    return sum(condemn(row, scan_result=found["scan_result"]) for row in served)


def condemn_known() -> int:
    """Do the same for whatever contents were found infected and are served still. Return how many files went."""
    known = Attachment.objects.filter(status=AttachmentStatus.INFECTED).exclude(sha256="")
    served = Attachment.objects.filter(sha256=OuterRef("sha256"), status=AttachmentStatus.READY)
    contents = known.filter(Exists(served)).values_list("sha256", flat=True).distinct()[:SWEPT]
    return sum(condemn_copies(sha256=sha256) for sha256 in contents)


def condemn(row: Attachment, *, scan_result: str) -> bool:
    """Take a file away that was served, and tell who sees it. False where it is another by now, or gone."""
    try:
        key = quarantined(row.object_key)
    except FileNotFoundError:
        return False
    found = {"status": AttachmentStatus.INFECTED, "is_scanned": True, "scan_result": scan_result, "object_key": key}
    return settle(row, {**found, "thumbnail_key": None, "preview_key": None, "placeholder": ""})


@transaction.atomic
def settle(row: Attachment, outcome: dict[str, Any]) -> bool:
    """Write what became of a file that is served, and tell who sees it. False where it is another by now."""
    # In the order in which senders lock.
    Conversation.objects.select_for_update(of=("self",), no_key=True).filter(pk=row.conversation_id).first()
    mine = Attachment.objects.filter(conversation_id=row.conversation_id, id=row.id)
    was = mine.filter(status=AttachmentStatus.READY, object_key=row.object_key)
    if not was.update(**outcome, processed_at=Now()):
        return False
    settled = mine.get()
    now = {key for key in (settled.object_key, settled.thumbnail_key, settled.preview_key) if key}
    keep_objects(*now)
    discard_objects(*({key for key in (row.object_key, row.thumbnail_key, row.preview_key) if key} - now))
    note_verdict(settled, key_before=row.object_key)
    tell_finished(settled)
    return True


def _copied(key: str, prefix: str) -> str:
    copy = f"{prefix}{secrets.token_hex(16)}"
    announce_objects(copy)
    objects.copy(key, copy)
    return copy
