from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models.users import User
from chat_project.core.db.fields import CuidKeyField, OctetLength, is_cuid_text
from chat_project.core.db.foreign_keys import ForeignKeyConstraint

TOKEN_SECRET_BYTES = 32


class UserSession(models.Model):
    """One device that is signed in: its refresh token's rotation, or its browser session."""

    id = CuidKeyField(primary_key=True)
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="sessions", db_constraint=False, db_index=False)
    device_name = models.CharField(max_length=128, blank=True, default="", db_default="")
    platform = models.CharField(max_length=64, blank=True, default="", db_default="")
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=512, blank=True, default="", db_default="")
    token_secret = models.BinaryField(max_length=TOKEN_SECRET_BYTES)
    rotation = models.IntegerField(default=1, db_default=1)
    rotated_at = models.DateTimeField(db_default=Now())
    django_session_key = models.CharField(max_length=64, null=True)
    # The account's, when the session began or its own holder changed the password. Where the account's is another
    # one, the session has ended.
    auth_version = models.IntegerField(default=1, db_default=1)
    # The hash of a cookie that outlives the session: by it a browser is known again.
    device_key = models.CharField(max_length=64, null=True)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoke_reason = models.CharField(max_length=64, blank=True, default="", db_default="")

    foreign_keys: ClassVar = [ForeignKeyConstraint("user_sessions_user_fk", ("user_id",), "users", "CASCADE")]

    class Meta:
        db_table = "user_sessions"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="user_sessions_id_cuid"),
            models.UniqueConstraint(fields=["django_session_key"], name="user_sessions_browser_key"),
            models.CheckConstraint(
                condition=models.lookups.Exact(OctetLength("token_secret"), TOKEN_SECRET_BYTES),
                name="user_sessions_secret_length",
            ),
            models.CheckConstraint(condition=models.Q(rotation__gte=1), name="user_sessions_rotation_counts"),
        ]
        indexes = [
            # A person's live devices.
            models.Index(fields=["user", "revoked_at"], name="user_sessions_user_idx"),
            # What cleanup removes.
            models.Index(fields=["expires_at"], name="user_sessions_expiry_idx"),
        ]

    def __str__(self) -> str:
        return self.id
