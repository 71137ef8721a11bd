from moderation.services.decisions import Decision
from moderation.services.lifting import lift_as_moderator
from moderation.services.partitions import make_audit_partitions
from moderation.services.reporting import report_conversation, report_message, report_person
from moderation.services.reviewing import decide, open_evidence, take_over, take_up
from moderation.services.staff import set_staff_group

__all__ = [
    "Decision",
    "decide",
    "lift_as_moderator",
    "make_audit_partitions",
    "open_evidence",
    "report_conversation",
    "report_message",
    "report_person",
    "set_staff_group",
    "take_over",
    "take_up",
]
