"""The enums of people: each stands as a PostgreSQL type of the same values."""

from django.db import models


class ContactRequestStatus(models.TextChoices):
    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    BLOCKED = "BLOCKED"


class NameKind(models.TextChoices):
    USERNAME = "USERNAME"
    HANDLE = "HANDLE"


class ExportStatus(models.TextChoices):
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    READY = "READY"
    FAILED = "FAILED"
