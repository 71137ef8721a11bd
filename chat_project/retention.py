"""Every policy of retention, in one table. A setting of 0 days keeps for ever."""

from accounts.services import retention as accounts
from attachments.services import retention as attachments
from chat_project.core.retention import Policy
from messaging.services import retention as messaging
from moderation.services import retention as moderation

POLICIES = (
    Policy(
        "deleted_messages",
        "content, edits, reactions and files of deleted messages; the tombstone stays",
        "DELETED_MESSAGE_RETENTION_DAYS",
        messaging.find_tombstones,
        messaging.empty_tombstones,
    ),
    Policy(
        "edits",
        "the texts before edits",
        "EDIT_RETENTION_DAYS",
        messaging.find_edits,
        messaging.drop_edits,
    ),
    Policy(
        "receipts",
        "who received and read a message, and when; how far each has read stays",
        "RECEIPT_RETENTION_DAYS",
        messaging.find_receipts,
        messaging.drop_receipts,
    ),
    Policy(
        "uploads",
        "files that were uploaded and never sent",
        "UPLOAD_RETENTION_DAYS",
        attachments.find_orphan_uploads,
        attachments.purge_orphan_uploads,
    ),
    Policy(
        "sessions",
        "sessions that expired",
        "SESSION_RETENTION_DAYS",
        accounts.find_sessions,
        accounts.drop_sessions,
    ),
    Policy(
        "reports",
        "closed reports with their evidence; the record of what was done stays",
        "REPORT_RETENTION_DAYS",
        moderation.find_closed_reports,
        moderation.drop_reports,
    ),
)
