"""The enums of messages: each stands as a PostgreSQL type of the same values."""

from django.db import models


class MessageType(models.TextChoices):
    TEXT = "TEXT"
    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    AUDIO = "AUDIO"
    FILE = "FILE"
    SYSTEM = "SYSTEM"


class ReceiptType(models.TextChoices):
    DELIVERED = "DELIVERED"
    READ = "READ"


class ArchiveState(models.TextChoices):
    WRITTEN = "WRITTEN"
    ARCHIVED = "ARCHIVED"
    RESTORING = "RESTORING"
