from moderation.admin.audit import AuditLogAdmin
from moderation.admin.reports import UserReportAdmin

__all__ = ["AuditLogAdmin", "UserReportAdmin"]
