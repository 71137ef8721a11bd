"""The shapes of conversations' answers, for the OpenAPI schema."""

from typing import Any

from rest_framework import serializers

from accounts.api.schemas import UserSchema
from conversations.enums import ConversationType, Role


class MemberSchema(serializers.Serializer[Any]):
    user = UserSchema()
    role = serializers.ChoiceField(Role.choices)
    permissions = serializers.DictField(child=serializers.BooleanField())
    restricted_until = serializers.CharField(
        allow_null=True, help_text='When what `permissions` take away comes back: a time, "forever", or null for never.'
    )
    joined_at = serializers.DateTimeField()
    invited_by = serializers.CharField(allow_null=True)
    is_banned = serializers.BooleanField()
    banned_until = serializers.CharField(allow_null=True, help_text='A time, "forever", or null.')
    last_read_seq = serializers.IntegerField(allow_null=True)


class AddedSchema(serializers.Serializer[Any]):
    added = MemberSchema(many=True)
    not_added = serializers.ListField(child=serializers.CharField())


class InviteSchema(serializers.Serializer[Any]):
    code = serializers.CharField()
    url = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    max_uses = serializers.IntegerField(allow_null=True)
    use_count = serializers.IntegerField()
    requires_approval = serializers.BooleanField()
    revoked_at = serializers.DateTimeField(allow_null=True)


class InvitePreviewSchema(serializers.Serializer[Any]):
    code = serializers.CharField()
    type = serializers.ChoiceField(ConversationType.choices)
    title = serializers.CharField()
    description = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    member_count = serializers.IntegerField()
    requires_approval = serializers.BooleanField()
    is_member = serializers.BooleanField()


class PublicConversationSchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    type = serializers.ChoiceField(ConversationType.choices)
    title = serializers.CharField()
    description = serializers.CharField()
    handle = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    member_count = serializers.IntegerField()
    is_member = serializers.BooleanField()


class JoinRequestSchema(serializers.Serializer[Any]):
    user = UserSchema()
    created_at = serializers.DateTimeField()


class PendingSchema(serializers.Serializer[Any]):
    status = serializers.CharField(help_text="`pending`: somebody must approve.")
