from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from chat_project.core.db.fields import CuidField, CuidKeyField, is_cuid_text
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from moderation.models.reports import UserReport


class ReportFile(models.Model):
    """A file of a report's evidence, as an object of its own: whatever becomes of the message, it is there."""

    id = CuidKeyField(primary_key=True)
    report = models.ForeignKey(UserReport, models.DO_NOTHING, related_name="files", db_constraint=False, db_index=False)
    # A value without a foreign key: the file that it is a copy of.
    attachment_id = CuidField()
    file_name = models.CharField(max_length=255)
    mime_type = models.CharField(max_length=127)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    object_key = models.CharField(max_length=200)
    # What is shown in its place, where there is a picture.
    preview_key = models.CharField(max_length=200, null=True)
    created_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [
        ForeignKeyConstraint("report_files_report_fk", ("report_id",), "user_reports", "CASCADE"),
    ]

    class Meta:
        db_table = "report_files"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="report_files_id_cuid"),
            models.UniqueConstraint(fields=["report", "attachment_id"], name="report_files_once_key"),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="report_files_size_counted"),
        ]

    def __str__(self) -> str:
        return self.id
