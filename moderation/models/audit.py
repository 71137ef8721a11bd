from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from chat_project.core.db.fields import CuidField, CuidKeyField, OctetLength, is_cuid_text, is_json_object
from chat_project.core.db.triggers import Trigger

MONTHS_AHEAD = 24
SHA256_BYTES = 32


class AuditLog(models.Model):
    """One thing that was done, by whom, to what. Append-only in the database; a partition a month.

    Ids are values without foreign keys: a row outlives whom it names.
    """

    partition_by: ClassVar = "RANGE (id)"
    months_ahead: ClassVar = MONTHS_AHEAD
    triggers: ClassVar = [
        Trigger("audit_logs_append_only", "UPDATE OR DELETE", "ROW", "audit_refuse_change"),
        Trigger("audit_logs_no_truncate", "TRUNCATE", "STATEMENT", "audit_refuse_change"),
    ]

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
            models.CheckConstraint(condition=is_cuid_text("id"), name="audit_logs_id_cuid"),
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

    triggers: ClassVar = [
        Trigger("audit_seals_append_only", "UPDATE OR DELETE", "ROW", "audit_refuse_change"),
        Trigger("audit_seals_no_truncate", "TRUNCATE", "STATEMENT", "audit_refuse_change"),
    ]

    id = CuidKeyField(primary_key=True)
    first_id = CuidField()
    last_id = CuidField()
    row_count = models.IntegerField()
    rows_hash = models.BinaryField(max_length=SHA256_BYTES)
    previous_hash = models.BinaryField(max_length=SHA256_BYTES)
    # Of each row its id and its MAC, one after the other: a broken batch tells which row it is.
    row_macs = models.BinaryField(default=b"", db_default=b"")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "audit_seals"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="audit_seals_id_cuid"),
            models.UniqueConstraint(fields=["first_id"], name="audit_seals_first_key"),
            # A seal has one successor: the chain can't fork.
            models.UniqueConstraint(fields=["previous_hash"], name="audit_seals_chain_key"),
            models.CheckConstraint(
                condition=models.Q(
                    models.lookups.Exact(OctetLength("rows_hash"), SHA256_BYTES),
                    models.lookups.Exact(OctetLength("previous_hash"), SHA256_BYTES),
                ),
                name="audit_seals_hash_length",
            ),
            models.CheckConstraint(
                condition=models.Q(last_id__gte=models.F("first_id"), row_count__gte=1), name="audit_seals_range_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.id
