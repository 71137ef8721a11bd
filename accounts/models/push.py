from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models.sessions import UserSession
from accounts.models.users import User
from chat_project.core.db.fields import BytewiseCharField, OctetLength
from chat_project.core.db.foreign_keys import ForeignKeyConstraint

ENDPOINT_MAX_LENGTH = 1024
PUBLIC_KEY_BYTES = 65
AUTH_SECRET_BYTES = 16


class PushSubscription(models.Model):
    """Where a device that is signed in gets Web Push, and the keys that what is sent there is encrypted with.

    A session has one, and ends with it. `shows_text` says whether the device's screen may show who wrote, and what.
    """

    session = models.OneToOneField(
        UserSession, models.DO_NOTHING, primary_key=True, related_name="push", db_constraint=False
    )
    user = models.ForeignKey(
        User, models.DO_NOTHING, related_name="push_subscriptions", db_constraint=False, db_index=False
    )
    endpoint = BytewiseCharField(max_length=ENDPOINT_MAX_LENGTH)
    p256dh = models.BinaryField(max_length=PUBLIC_KEY_BYTES)
    auth = models.BinaryField(max_length=AUTH_SECRET_BYTES)
    shows_text = models.BooleanField(default=True, db_default=True)
    # Since when nothing has arrived there; null while the last push did.
    failing_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [
        ForeignKeyConstraint("push_subscriptions_session_fk", ("session_id",), "user_sessions", "CASCADE"),
        ForeignKeyConstraint("push_subscriptions_user_fk", ("user_id",), "users", "CASCADE"),
    ]

    class Meta:
        db_table = "push_subscriptions"
        constraints = [
            # One browser is told once, whoever was signed in there before.
            models.UniqueConstraint(fields=["endpoint"], name="push_subscriptions_endpoint"),
            models.CheckConstraint(
                condition=models.lookups.Exact(OctetLength("p256dh"), PUBLIC_KEY_BYTES),
                name="push_subscriptions_key_length",
            ),
            models.CheckConstraint(
                condition=models.lookups.Exact(OctetLength("auth"), AUTH_SECRET_BYTES),
                name="push_subscriptions_auth_length",
            ),
        ]
        indexes = [
            # Where a message's recipients are told.
            models.Index(fields=["user"], name="push_subscriptions_user_idx"),
            # What cleanup gives up.
            models.Index(
                fields=["failing_since"],
                condition=models.Q(failing_since__isnull=False),
                name="push_subscriptions_dead_idx",
            ),
        ]

    def __str__(self) -> str:
        return f"push to {self.session_id}"
