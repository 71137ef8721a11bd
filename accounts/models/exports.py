from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.enums import ExportStatus
from accounts.models.users import User
from chat_project.core.db.fields import CuidKeyField, EnumField, is_cuid_text
from chat_project.core.db.foreign_keys import ForeignKeyConstraint

UNFINISHED_EXPORTS = (ExportStatus.PENDING, ExportStatus.RUNNING)


class ExportJob(models.Model):
    """A person's wish to have all that is theirs, and how far it is: `done` of `total` rows and files are written."""

    id = CuidKeyField(primary_key=True)
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="exports", db_constraint=False, db_index=False)
    status = EnumField(enum="export_status", choices=ExportStatus.choices, default=ExportStatus.PENDING)
    done = models.BigIntegerField(default=0, db_default=0)
    total = models.BigIntegerField(default=0, db_default=0)
    object_key = models.CharField(max_length=200, null=True)
    size = models.BigIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    # When a worker last said that it is at it: one that died says so by its silence.
    alive_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    foreign_keys: ClassVar = [ForeignKeyConstraint("export_jobs_user_fk", ("user_id",), "users", "CASCADE")]

    class Meta:
        db_table = "export_jobs"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="export_jobs_id_cuid"),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(status__in=UNFINISHED_EXPORTS),
                name="export_jobs_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=ExportStatus.READY)
                | models.Q(object_key__isnull=False, finished_at__isnull=False, expires_at__isnull=False),
                name="export_jobs_ready_whole",
            ),
        ]
        indexes = [
            # A person's exports, the newest first.
            models.Index(fields=["user", "-id"], name="export_jobs_user_idx"),
            # What the sweep deletes.
            models.Index(fields=["expires_at"], name="export_jobs_expiry_idx"),
        ]

    def __str__(self) -> str:
        return self.id
