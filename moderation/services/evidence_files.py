"""The files of evidence: copied when somebody reports, so that neither their sender nor retention takes them away."""

import secrets
from collections.abc import Sequence

from django.db import transaction

from accounts.discarding import announce_objects, delete_discarded, discard_objects, keep_objects
from accounts.models import User
from attachments.enums import AttachmentStatus
from attachments.errors import AttachmentInfectedError
from attachments.models import Attachment
from chat_project.core import audit
from chat_project.core.errors import NotAllowedError
from chat_project.core.storage import objects
from moderation.errors import ReportNotFoundError
from moderation.models import ReportFile, UserReport
from moderation.selectors.queue import readable_by
from moderation.selectors.reportable import Reportable

READ = "moderation.view_userreport"
PREFIX = "evidence/"


def copy_evidence(target: Reportable) -> list[ReportFile]:
    """Copy what is ready of the files that stand in a report's messages; the rows are of no report yet."""
    if target.conversation is None:
        return []
    readable = [row.id for row in target.messages if not row.is_deleted]
    files = Attachment.objects.filter(
        conversation_id=target.conversation.pk, message_id__in=readable, status=AttachmentStatus.READY
    )
    copied = []
    for file in files.order_by("id"):
        try:
            copied.append(_copy(file))
        except FileNotFoundError:
            # Deleted at this moment: what the report says of it stands without its bytes.
            continue
    return copied


def keep_evidence(report: UserReport, files: Sequence[ReportFile]) -> None:
    """Make copies a report's own, in the transaction that files it."""
    for file in files:
        file.report = report
    ReportFile.objects.bulk_create(files)
    keep_objects(*_keys(files))


def drop_copies(files: Sequence[ReportFile]) -> None:
    """Delete copies that no report took."""
    delete_discarded(*_keys(files))


def discard_evidence(report_ids: Sequence[str]) -> None:
    """Delete the objects of reports once the caller's transaction commits, which takes the reports."""
    if keys := _keys(list(ReportFile.objects.filter(report_id__in=report_ids))):
        discard_objects(*keys)


@transaction.atomic
def open_evidence_file(*, actor: User, report_id: str, file_id: str, is_preview: bool = False) -> ReportFile:
    """Return a file of a report's evidence, and keep that it was opened: of a preview, its page's opening says so.

    Raises NotAllowedError, ReportNotFoundError, AttachmentInfectedError where its bytes were found bad meanwhile.
    """
    if not actor.is_staff or not actor.has_perm(READ):
        raise NotAllowedError
    report = readable_by(actor).filter(pk=report_id)
    file = ReportFile.objects.filter(report__in=report, pk=file_id).select_related("report").first()
    if file is None or (is_preview and file.preview_key is None):
        raise ReportNotFoundError
    if file.sha256 and Attachment.objects.filter(sha256=file.sha256, status=AttachmentStatus.INFECTED).exists():
        raise AttachmentInfectedError
    if not is_preview:
        audit.record(actor_id=actor.pk, action="evidence.file_opened", target=file.report, file_id=file.pk)
    return file


def _copy(file: Attachment) -> ReportFile:
    """Return a copy of a file. Raises FileNotFoundError."""
    keys = {key: f"{PREFIX}{secrets.token_hex(16)}" for key in (file.object_key, file.preview_key) if key}
    announce_objects(*keys.values())
    for key, copy in keys.items():
        objects.copy(key, copy)
    return ReportFile(
        attachment_id=file.id,
        file_name=file.file_name,
        mime_type=file.mime_type,
        size=file.size,
        sha256=file.sha256,
        object_key=keys[file.object_key],
        preview_key=keys[file.preview_key] if file.preview_key else None,
    )


def _keys(files: Sequence[ReportFile]) -> list[str]:
    return [key for file in files for key in (file.object_key, file.preview_key) if key]
