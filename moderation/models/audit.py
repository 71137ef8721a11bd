from django.db import models
from django.db.models.functions import Now

from chat_project.core.db.fields import CuidField, CuidKeyField, is_json_object


class AuditLog(models.Model):
    """One thing that was done, by whom, to what. Append-only in the database; a partition a month.

    Ids are values without foreign keys: a row outlives whom it names.
    """

    id = CuidKeyField(primary_key=True)
    actor_id = CuidField(null=True)
    action = models.CharField(max_length=64)
    resource_type = models.CharField(max_length=32, blank=True, default="", db_default="")
    resource_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    details = models.JSONField(default=dict)
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=512, blank=True, default="", db_default="")
    request_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_logs"
        constraints = [
            models.CheckConstraint(condition=is_json_object("details"), name="audit_logs_details_object"),
        ]
        indexes = [
            # What somebody did, newest first.
            models.Index(fields=["actor_id", "-id"], name="audit_logs_actor_idx"),
            # What happened to something, newest first.
            models.Index(fields=["resource_type", "resource_id", "-id"], name="audit_logs_resource_idx"),
            # Actions of a kind, newest first.
            models.Index(fields=["action", "-id"], name="audit_logs_action_idx"),
        ]

    def __str__(self) -> str:
        return self.action


class AuditSeal(models.Model):
    """A batch of audit rows sealed by a chain of hashes, so that tampering can be named."""

    id = CuidKeyField(primary_key=True)
    first_id = CuidField()
    last_id = CuidField()
    row_count = models.IntegerField()
    rows_hash = models.BinaryField(max_length=32)
    previous_hash = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_seals"
        constraints = [
            models.UniqueConstraint(fields=["first_id"], name="audit_seals_first_key"),
            models.CheckConstraint(
                condition=models.Q(last_id__gte=models.F("first_id"), row_count__gte=1), name="audit_seals_range_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.id
