from moderation.models.audit import AuditLog, AuditSeal
from moderation.models.reports import UserReport

__all__ = ["AuditLog", "AuditSeal", "UserReport"]
