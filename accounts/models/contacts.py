from typing import ClassVar

from django.db import models
from django.db.models.functions import Greatest, Least, Now

from accounts.enums import ContactRequestStatus
from accounts.models.users import User
from chat_project.core.db.fields import CuidKeyField, EnumField, is_cuid_text
from chat_project.core.db.foreign_keys import ForeignKeyConstraint

CONTACT_MESSAGE_MAX_LENGTH = 280


class ContactRequest(models.Model):
    """A wish to be contacts. Two people are contacts while an ACCEPTED one stands between them."""

    id = CuidKeyField(primary_key=True)
    from_user = models.ForeignKey(
        User, models.DO_NOTHING, related_name="requests_sent", db_constraint=False, db_index=False
    )
    to_user = models.ForeignKey(
        User, models.DO_NOTHING, related_name="requests_received", db_constraint=False, db_index=False
    )
    status = EnumField(
        enum="contact_request_status", choices=ContactRequestStatus.choices, default=ContactRequestStatus.PENDING
    )
    message = models.CharField(max_length=CONTACT_MESSAGE_MAX_LENGTH, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())
    responded_at = models.DateTimeField(null=True)

    foreign_keys: ClassVar = [
        ForeignKeyConstraint("contact_requests_from_fk", ("from_user_id",), "users", "CASCADE"),
        ForeignKeyConstraint("contact_requests_to_fk", ("to_user_id",), "users", "CASCADE"),
    ]

    class Meta:
        db_table = "contact_requests"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="contact_requests_id_cuid"),
            models.CheckConstraint(
                condition=~models.Q(from_user=models.F("to_user")), name="contact_requests_two_people"
            ),
            models.UniqueConstraint(
                Least("from_user", "to_user"),
                Greatest("from_user", "to_user"),
                condition=models.Q(status="PENDING"),
                name="contact_requests_pending_key",
            ),
            models.UniqueConstraint(
                Least("from_user", "to_user"),
                Greatest("from_user", "to_user"),
                condition=models.Q(status="ACCEPTED"),
                name="contact_requests_accepted_key",
            ),
        ]
        indexes = [
            # A person's requests and contacts by status, newest first: those sent.
            models.Index(fields=["from_user", "status", "-id"], name="contact_requests_from_idx"),
            # Those received.
            models.Index(fields=["to_user", "status", "-id"], name="contact_requests_to_idx"),
        ]

    def __str__(self) -> str:
        return self.id


class BlockedUser(models.Model):
    """A block: it ends all communication both ways."""

    pk = models.CompositePrimaryKey("blocker_id", "blocked_id")
    blocker = models.ForeignKey(
        User, models.DO_NOTHING, related_name="blocks_made", db_constraint=False, db_index=False
    )
    blocked = models.ForeignKey(
        User, models.DO_NOTHING, related_name="blocks_suffered", db_constraint=False, db_index=False
    )
    reason = models.CharField(max_length=280, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [
        ForeignKeyConstraint("blocked_users_blocker_fk", ("blocker_id",), "users", "CASCADE"),
        ForeignKeyConstraint("blocked_users_blocked_fk", ("blocked_id",), "users", "CASCADE"),
    ]

    class Meta:
        db_table = "blocked_users"
        constraints = [
            models.CheckConstraint(condition=~models.Q(blocker=models.F("blocked")), name="blocked_users_two_people"),
        ]
        indexes = [
            # Who blocked me: each question about a pair asks both ways.
            models.Index(fields=["blocked", "blocker"], name="blocked_users_blocked_idx"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"
