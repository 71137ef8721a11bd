from moderation.models.actions import ModerationAction
from moderation.models.audit import AuditLog, AuditSeal
from moderation.models.figures import DailyFigures
from moderation.models.files import ReportFile
from moderation.models.reports import UserReport

__all__ = ["AuditLog", "AuditSeal", "DailyFigures", "ModerationAction", "ReportFile", "UserReport"]
