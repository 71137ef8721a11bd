from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower, Now

from accounts.models.users import User
from chat_project.core.db.fields import CuidKeyField, is_cuid_text, is_json_object
from chat_project.core.db.foreign_keys import ForeignKeyConstraint

MAIL_KIND_MAX_LENGTH = 32


class PendingEmail(models.Model):
    """An address that somebody has yet to prove theirs: a new account's own, or one to change to. One a person."""

    id = CuidKeyField(primary_key=True)
    user = models.ForeignKey(
        User, models.DO_NOTHING, related_name="pending_emails", db_constraint=False, db_index=False
    )
    email = models.CharField(max_length=254)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    foreign_keys: ClassVar = [ForeignKeyConstraint("pending_emails_user_fk", ("user_id",), "users", "CASCADE")]

    class Meta:
        db_table = "pending_emails"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="pending_emails_id_cuid"),
            models.UniqueConstraint(fields=["user"], name="pending_emails_user_key"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="pending_emails_email_lower"),
        ]
        indexes = [
            # Whom a mail to an address is for, when it is asked for again.
            models.Index(fields=["email"], name="pending_emails_email_idx"),
            # What cleanup removes.
            models.Index(fields=["expires_at"], name="pending_emails_expiry_idx"),
        ]

    def __str__(self) -> str:
        return self.id


class OutgoingMail(models.Model):
    """A mail that is to be sent, and holds no secret: links are made when it is.

    It goes to `address`, else to the person's own. One for nobody is dropped: it stands where asking for a mail must
    cost the same whether or not there is an account.
    """

    id = CuidKeyField(primary_key=True)
    user = models.ForeignKey(
        User, models.DO_NOTHING, null=True, related_name="mails", db_constraint=False, db_index=False
    )
    address = models.CharField(max_length=254, blank=True, default="", db_default="")
    kind = models.CharField(max_length=MAIL_KIND_MAX_LENGTH)
    context = models.JSONField(default=dict)
    attempts = models.IntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [ForeignKeyConstraint("outgoing_mails_user_fk", ("user_id",), "users", "CASCADE")]

    class Meta:
        db_table = "outgoing_mails"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="outgoing_mails_id_cuid"),
            models.CheckConstraint(condition=is_json_object("context"), name="outgoing_mails_context_object"),
        ]
        indexes = [
            # What is to be sent now, and what was never sent.
            models.Index(fields=["due_at"], name="outgoing_mails_due_idx"),
            # A person's mails, which go with them.
            models.Index(fields=["user"], name="outgoing_mails_user_idx"),
        ]

    def __str__(self) -> str:
        return self.id
