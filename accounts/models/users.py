from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models.functions import Lower, Now

from accounts.privacy import default_privacy_settings
from chat_project.core.db.fields import CharLength, CuidKeyField, is_cuid_text, is_json_object
from chat_project.core.db.foreign_keys import ForeignKeyConstraint, ForeignKeyReplacement

USERNAME_PATTERN = r"^[a-z][a-z0-9_]{2,31}$"
PHONE_PATTERN = r"^\+[1-9][0-9]{6,14}$"
DISPLAY_NAME_MAX_LENGTH = 64
BIO_MAX_LENGTH = 280


class UserManager(BaseUserManager["User"]):
    """Finds people by the name that they sign in with. Accounts are made by `accounts.services`."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=(username or "").lower())

    def create_superuser(self, username: str, email: str, password: str) -> "User":
        """Make an administrator: what `manage.py createsuperuser` calls."""
        user = self.model(
            username=username.lower(),
            email=email.lower(),
            display_name=username,
            is_staff=True,
            is_superuser=True,
            is_verified=True,
        )
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person, or a bot. A closed account keeps its row, without a name or an address."""

    last_login = None  # sessions tell when somebody signed in, each for its own device

    id = CuidKeyField(primary_key=True)
    username = models.CharField(max_length=32, null=True)
    email = models.CharField(max_length=254, null=True)
    phone = models.CharField(max_length=16, null=True, blank=True)
    password = models.CharField(max_length=256)
    display_name = models.CharField(max_length=DISPLAY_NAME_MAX_LENGTH)
    bio = models.CharField(max_length=BIO_MAX_LENGTH, blank=True, default="", db_default="")
    avatar_key = models.CharField(max_length=200, null=True, blank=True)
    privacy_settings = models.JSONField(default=default_privacy_settings)
    is_active = models.BooleanField(default=True, db_default=True)
    is_verified = models.BooleanField(default=False, db_default=False)
    is_suspended = models.BooleanField(default=False, db_default=False)
    suspended_until = models.DateTimeField(null=True, blank=True)
    suspension_reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    is_bot = models.BooleanField(default=False, db_default=False)
    is_staff = models.BooleanField(default=False, db_default=False)
    is_superuser = models.BooleanField(default=False, db_default=False)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    auth_version = models.IntegerField(default=1, db_default=1)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    # In tables that Django makes: there too a person can be deleted in SQL.
    replaced_foreign_keys: ClassVar = [
        ForeignKeyReplacement(
            "users_groups",
            "users_groups_user_id_f500bee5_fk_users_id",
            ForeignKeyConstraint("users_groups_user_fk", ("user_id",), "users", "CASCADE"),
        ),
        ForeignKeyReplacement(
            "users_user_permissions",
            "users_user_permissions_user_id_92473840_fk_users_id",
            ForeignKeyConstraint("users_user_permissions_user_fk", ("user_id",), "users", "CASCADE"),
        ),
        ForeignKeyReplacement(
            "django_admin_log",
            "django_admin_log_user_id_c564eba6_fk_users_id",
            ForeignKeyConstraint("django_admin_log_user_fk", ("user_id",), "users", "CASCADE"),
        ),
    ]

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        db_table = "users"
        constraints = [
            models.CheckConstraint(condition=is_cuid_text("id"), name="users_id_cuid"),
            models.UniqueConstraint(fields=["username"], name="users_username_key"),
            models.UniqueConstraint(fields=["email"], name="users_email_key"),
            models.UniqueConstraint(fields=["phone"], name="users_phone_key"),
            models.CheckConstraint(condition=models.Q(username__regex=USERNAME_PATTERN), name="users_username_form"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="users_email_lower"),
            models.CheckConstraint(condition=models.Q(phone__regex=PHONE_PATTERN), name="users_phone_e164"),
            models.CheckConstraint(
                condition=models.Q(username__isnull=False, email__isnull=False) | models.Q(is_active=False),
                name="users_active_named",
            ),
            models.CheckConstraint(condition=is_json_object("privacy_settings"), name="users_privacy_object"),
            models.CheckConstraint(
                condition=models.Q(is_suspended=True) | models.Q(suspended_until__isnull=True),
                name="users_suspension_whole",
            ),
            models.CheckConstraint(
                condition=models.lookups.GreaterThan(CharLength("display_name"), 0), name="users_display_name_given"
            ),
        ]
        indexes = [
            # Accounts by standing, for the admin.
            models.Index(fields=["is_active", "is_suspended"], name="users_status_idx"),
            # Search by the beginning of a username.
            models.Index(fields=["username"], opclasses=["text_pattern_ops"], name="users_username_prefix_idx"),
            # Search by the beginning of a display name, whatever its case.
            models.Index(OpClass(Lower("display_name"), name="text_pattern_ops"), name="users_name_prefix_idx"),
        ]

    def __str__(self) -> str:
        return self.username or self.id

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name
