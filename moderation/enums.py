"""The enums of moderation: each stands as a PostgreSQL type of the same values."""

from django.db import models


class ReportStatus(models.TextChoices):
    PENDING = "PENDING"
    UNDER_REVIEW = "UNDER_REVIEW"
    RESOLVED = "RESOLVED"
    DISMISSED = "DISMISSED"


class ReportTarget(models.TextChoices):
    USER = "USER"
    MESSAGE = "MESSAGE"
    CONVERSATION = "CONVERSATION"


class ReportReason(models.TextChoices):
    SPAM = "spam"
    VIOLENCE = "violence"
    HARASSMENT = "harassment"
    CHILD_ABUSE = "child_abuse"
    COPYRIGHT = "copyright"
    IMPERSONATION = "impersonation"
    OTHER = "other"


class ActionKind(models.TextChoices):
    TAKE_UP = "TAKE_UP"
    TAKE_OVER = "TAKE_OVER"
    DELETE_MESSAGE = "DELETE_MESSAGE"
    WARN = "WARN"
    SUSPEND = "SUSPEND"
    BAN = "BAN"
    REMOVE_MEMBER = "REMOVE_MEMBER"
    RESOLVE = "RESOLVE"
    DISMISS = "DISMISS"
    LIFT_SUSPENSION = "LIFT_SUSPENSION"
