"""What of a person's lies with conversations: where they are and were, and whom they invited."""

from django.db.models import Case, CharField, F, Value, When

from chat_project.core.exports import Section, register
from conversations.models import ConversationInvite, ConversationMember, JoinRequest

register(
    Section(
        name="memberships",
        rows=lambda user_id: (
            ConversationMember.objects.filter(user_id=user_id)
            .order_by("conversation_id")
            .annotate(
                type=F("conversation__type"),
                # What a conversation is called after somebody left it is not theirs to know.
                title=Case(
                    When(is_active=True, then="conversation__title"), default=Value(None), output_field=CharField()
                ),
            )
            .values(
                "conversation_id",
                "type",
                "title",
                "role",
                "permissions",
                "is_active",
                "joined_at",
                "left_at",
                "left_reason",
                "is_banned",
                "banned_until",
                "muted_until",
                "last_read_seq",
                "last_read_at",
                "is_pinned",
                "is_archived",
                "draft",
            )
        ),
    ),
    Section(
        name="join_requests",
        rows=lambda user_id: (
            JoinRequest.objects.filter(user_id=user_id)
            .order_by("conversation_id")
            .values("conversation_id", "status", "created_at", "decided_at")
        ),
    ),
    # Without their codes: who finds an old export must not get in by it.
    Section(
        name="invites",
        rows=lambda user_id: (
            ConversationInvite.objects.filter(created_by=user_id)
            .order_by("created_at")
            .values("conversation_id", "created_at", "expires_at", "max_uses", "use_count", "revoked_at")
        ),
    ),
)
