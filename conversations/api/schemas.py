"""The shapes of conversations' answers, for the OpenAPI schema."""

from typing import Any

from rest_framework import serializers

from accounts.api.schemas import UserSchema
from conversations.enums import Role


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
