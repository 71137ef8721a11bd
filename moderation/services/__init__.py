from moderation.services.partitions import make_audit_partitions
from moderation.services.reporting import report_conversation, report_message, report_person

__all__ = ["make_audit_partitions", "report_conversation", "report_message", "report_person"]
