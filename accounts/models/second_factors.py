from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from accounts.models.users import User
from chat_project.core.db.fields import CuidKeyField, OctetLength, is_cuid_text
from chat_project.core.db.foreign_keys import ForeignKeyConstraint

PASSKEY_NAME_MAX_LENGTH = 64
DIGEST_BYTES = 32


class AuthenticatorApp(models.Model):
    """The secret that an app makes time-based codes from: each person's one, and beside it one on trial.

    `last_step` is the time step of the last code that was taken; an older one, or the same, never counts again.
    """

    pk = models.CompositePrimaryKey("user_id", "is_confirmed")
    user = models.ForeignKey(
        User, models.DO_NOTHING, related_name="authenticator_apps", db_constraint=False, db_index=False
    )
    is_confirmed = models.BooleanField(default=False, db_default=False)
    sealed_secret = models.BinaryField(max_length=512)
    last_step = models.BigIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())

    foreign_keys: ClassVar = [ForeignKeyConstraint("authenticator_apps_user_fk", ("user_id",), "users", "CASCADE")]

    class Meta:
        db_table = "authenticator_apps"

    def __str__(self) -> str:
        return self.user_id


class RecoveryCode(models.Model):
    """One of the codes that stand in for a lost second factor. Its SHA-256 is kept, and when it was used."""

    pk = models.CompositePrimaryKey("user_id", "digest")
    user = models.ForeignKey(
        User, models.DO_NOTHING, related_name="recovery_codes", db_constraint=False, db_index=False
    )
    digest = models.BinaryField(max_length=DIGEST_BYTES)
    created_at = models.DateTimeField(db_default=Now())
    used_at = models.DateTimeField(null=True)

    foreign_keys: ClassVar = [ForeignKeyConstraint("recovery_codes_user_fk", ("user_id",), "users", "CASCADE")]

    class Meta:
        db_table = "recovery_codes"
        constraints = [
            models.CheckConstraint(
                condition=models.lookups.Exact(OctetLength("digest"), DIGEST_BYTES), name="recovery_codes_digest_length"
            ),
        ]

    def __str__(self) -> str:
        return self.user_id


class Passkey(models.Model):
    """A WebAuthn credential: its public key, and how often its authenticator says that it was used."""

    id = CuidKeyField(primary_key=True)
    user = models.ForeignKey(User, models.DO_NOTHING, related_name="passkeys", db_constraint=False, db_index=False)
    name = models.CharField(max_length=PASSKEY_NAME_MAX_LENGTH)
    credential_id = models.BinaryField(max_length=1023)
    public_key = models.BinaryField(max_length=2048)
    sign_count = models.BigIntegerField(default=0, db_default=0)
    transports = models.CharField(max_length=64, blank=True, default="", db_default="")
    is_backed_up = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)

    foreign_keys: ClassVar = [ForeignKeyConstraint("passkeys_user_fk", ("user_id",), "users", "CASCADE")]

    class Meta:
        db_table = "passkeys"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="passkeys_id_cuid"),
            models.UniqueConstraint(fields=["credential_id"], name="passkeys_credential_key"),
        ]
        indexes = [
            # A person's passkeys.
            models.Index(fields=["user"], name="passkeys_user_idx"),
        ]

    def __str__(self) -> str:
        return self.id


class SpentToken(models.Model):
    """A single-use token that has had its use; kept, as a SHA-256, until the token would have expired anyway."""

    digest = models.BinaryField(primary_key=True, max_length=DIGEST_BYTES)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "spent_tokens"
        constraints = [
            models.CheckConstraint(
                condition=models.lookups.Exact(OctetLength("digest"), DIGEST_BYTES), name="spent_tokens_digest_length"
            ),
        ]
        indexes = [
            # What cleanup removes.
            models.Index(fields=["expires_at"], name="spent_tokens_expiry_idx"),
        ]

    def __str__(self) -> str:
        return bytes(self.digest).hex()
