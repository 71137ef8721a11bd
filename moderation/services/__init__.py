from moderation.services.decisions import Decision
from moderation.services.evidence_files import open_evidence_file
from moderation.services.figures import count_day, count_past_days
from moderation.services.lifting import lift_as_moderator
from moderation.services.partitions import make_audit_partitions
from moderation.services.reporting import report_conversation, report_message, report_person
from moderation.services.reviewing import decide, open_evidence, take_over, take_up
from moderation.services.sealing import seal_audit_log
from moderation.services.staff import set_staff_group
from moderation.services.verifying import verify_audit_log
from moderation.services.warnings import acknowledge_warning

__all__ = [
    "Decision",
    "acknowledge_warning",
    "count_day",
    "count_past_days",
    "decide",
    "lift_as_moderator",
    "make_audit_partitions",
    "open_evidence",
    "open_evidence_file",
    "report_conversation",
    "report_message",
    "report_person",
    "seal_audit_log",
    "set_staff_group",
    "take_over",
    "take_up",
    "verify_audit_log",
]
