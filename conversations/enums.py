"""The enums of conversations: each stands as a PostgreSQL type of the same values."""

from django.db import models


class ConversationType(models.TextChoices):
    DM = "DM"
    GROUP = "GROUP"
    CHANNEL = "CHANNEL"


class Role(models.TextChoices):
    OWNER = "OWNER"
    ADMIN = "ADMIN"
    MODERATOR = "MODERATOR"
    MEMBER = "MEMBER"


class LeftReason(models.TextChoices):
    LEFT = "LEFT"
    REMOVED = "REMOVED"
    BANNED = "BANNED"


class JoinRequestStatus(models.TextChoices):
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
