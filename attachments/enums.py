"""The enums of attachments: each stands as a PostgreSQL type of the same values."""

from django.db import models


class AttachmentStatus(models.TextChoices):
    PENDING = "PENDING"
    UPLOADED = "UPLOADED"
    PROCESSING = "PROCESSING"
    READY = "READY"
    INFECTED = "INFECTED"
    FAILED = "FAILED"
