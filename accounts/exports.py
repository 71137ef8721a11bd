"""What of a person's lies with accounts: who they are, their devices, and whom they know."""

from collections.abc import Iterator

from django.db.models import Q

from accounts.models import BlockedUser, ContactRequest, Passkey, PushSubscription, User, UserSession
from chat_project.core.exports import Row, Section, StoredFile, register


def _avatar(row: Row) -> Iterator[StoredFile]:
    if row["avatar_key"]:
        yield StoredFile("avatar.webp", row["avatar_key"])


register(
    Section(
        name="profile",
        rows=lambda user_id: User.objects.filter(pk=user_id).values(
            "id",
            "username",
            "email",
            "is_verified",
            "phone",
            "display_name",
            "bio",
            "avatar_key",
            "privacy_settings",
            "last_seen_at",
            "created_at",
            "updated_at",
        ),
        files=_avatar,
        hidden=frozenset({"avatar_key"}),
    ),
    Section(
        name="sessions",
        rows=lambda user_id: (
            UserSession.objects.filter(user_id=user_id)
            .order_by("id")
            .values(
                "id",
                "device_name",
                "platform",
                "ip_address",
                "user_agent",
                "created_at",
                "last_used_at",
                "expires_at",
                "revoked_at",
                "revoke_reason",
            )
        ),
    ),
    Section(
        name="passkeys",
        rows=lambda user_id: (
            Passkey.objects.filter(user_id=user_id).order_by("id").values("id", "name", "created_at", "last_used_at")
        ),
    ),
    Section(
        name="push_subscriptions",
        rows=lambda user_id: (
            PushSubscription.objects.filter(user_id=user_id)
            .order_by("session_id")
            .values("session_id", "endpoint", "shows_text", "created_at")
        ),
    ),
    # What somebody else keeps from the person stays theirs: a request that a block swallowed looks as if it waited.
    Section(
        name="contacts",
        rows=lambda user_id: (
            ContactRequest.objects.filter(Q(from_user=user_id) | Q(to_user=user_id), status="ACCEPTED")
            .order_by("id")
            .values("id", "from_user_id", "to_user_id", "message", "created_at", "responded_at")
        ),
    ),
    Section(
        name="contact_requests_sent",
        rows=lambda user_id: (
            ContactRequest.objects.filter(from_user=user_id)
            .order_by("id")
            .values("id", "to_user_id", "message", "created_at")
        ),
    ),
    Section(
        name="contact_requests_received",
        rows=lambda user_id: (
            ContactRequest.objects.filter(to_user=user_id, status__in=("PENDING", "DECLINED"))
            .order_by("id")
            .values("id", "from_user_id", "status", "message", "created_at", "responded_at")
        ),
    ),
    Section(
        name="blocks",
        rows=lambda user_id: (
            BlockedUser.objects.filter(blocker=user_id)
            .order_by("blocked_id")
            .values("blocked_id", "reason", "created_at")
        ),
    ),
)
