"""The shapes of messaging's answers and bodies, for the OpenAPI schema."""

from typing import Any

from rest_framework import serializers

from accounts.api.schemas import AuthorSchema, UserSchema
from conversations.enums import ConversationType, Role
from messaging.enums import MessageType, ReceiptType


class QuoteSchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    sender_id = serializers.CharField(allow_null=True)
    type = serializers.ChoiceField(MessageType.choices)
    content = serializers.CharField()
    is_deleted = serializers.BooleanField()


class AttachmentSchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    conversation_id = serializers.CharField()
    message_id = serializers.CharField(allow_null=True)
    file_name = serializers.CharField()
    mime_type = serializers.CharField()
    size = serializers.IntegerField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    duration = serializers.FloatField(allow_null=True)
    placeholder = serializers.CharField()
    status = serializers.CharField()
    content_url = serializers.CharField()
    thumbnail_url = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class ReactionSchema(serializers.Serializer[Any]):
    emoji = serializers.CharField()
    count = serializers.IntegerField()
    user_ids = serializers.ListField(child=serializers.CharField())


class OriginSchema(serializers.Serializer[Any]):
    sender_id = serializers.CharField(allow_null=True)
    sender_name = serializers.CharField(allow_null=True)
    conversation_id = serializers.CharField(allow_null=True)
    message_id = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class MessageSchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    conversation_id = serializers.CharField()
    seq = serializers.IntegerField()
    version = serializers.IntegerField()
    type = serializers.ChoiceField(MessageType.choices)
    sender = AuthorSchema(allow_null=True)
    content = serializers.CharField()
    metadata = serializers.DictField()
    reply_to = QuoteSchema(allow_null=True)
    forwarded_from = OriginSchema(allow_null=True)
    attachments = AttachmentSchema(many=True)
    reactions = ReactionSchema(many=True)
    mentions = serializers.ListField(child=serializers.CharField())
    edited_at = serializers.DateTimeField(allow_null=True)
    edit_count = serializers.IntegerField()
    is_deleted = serializers.BooleanField()
    deleted_at = serializers.DateTimeField(allow_null=True)
    is_pinned = serializers.BooleanField()
    encryption = serializers.DictField(allow_null=True)
    client_id = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class MessagePageSchema(serializers.Serializer[Any]):
    results = MessageSchema(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True, required=False)
    archived_to_seq = serializers.IntegerField(
        allow_null=True,
        help_text="Set where messages are missing in the page, or before its oldest: up to this `seq` they are "
        "archived, but those listed.",
    )


class MediaPageSchema(serializers.Serializer[Any]):
    results = MessageSchema(many=True)
    next = serializers.CharField(allow_null=True)


class SendSchema(serializers.Serializer[Any]):
    content = serializers.CharField(required=False, max_length=4096)
    type = serializers.ChoiceField(MessageType.choices, required=False, allow_null=True)
    client_id = serializers.CharField(required=False, allow_null=True, max_length=64)
    reply_to_id = serializers.CharField(required=False, allow_null=True)
    attachment_ids = serializers.ListField(child=serializers.CharField(), required=False, max_length=10)
    metadata = serializers.DictField(required=False, allow_null=True)
    encryption = serializers.DictField(required=False, allow_null=True)


class ForwardSchema(serializers.Serializer[Any]):
    from_conversation_id = serializers.CharField()
    message_ids = serializers.ListField(child=serializers.CharField(), min_length=1, max_length=100)


class ForwardedSchema(serializers.Serializer[Any]):
    results = MessageSchema(many=True)


class EditSchema(serializers.Serializer[Any]):
    content = serializers.CharField(max_length=4096)


class EditedSchema(serializers.Serializer[Any]):
    edit_no = serializers.IntegerField()
    content = serializers.CharField()
    edited_by = serializers.CharField(allow_null=True)
    edited_at = serializers.DateTimeField()


class ReadSchema(serializers.Serializer[Any]):
    message_id = serializers.CharField()


class ReadingSchema(serializers.Serializer[Any]):
    last_read_seq = serializers.IntegerField()
    unread_count = serializers.IntegerField()


class ReactorSchema(serializers.Serializer[Any]):
    user = UserSchema()
    emoji = serializers.CharField()
    created_at = serializers.DateTimeField()


class ReceiptSchema(serializers.Serializer[Any]):
    user = UserSchema()
    type = serializers.ChoiceField(ReceiptType.choices)
    created_at = serializers.DateTimeField(
        allow_null=True, help_text="Null where the time is not kept, or hidden with when that person was last seen."
    )


class SettingsSchema(serializers.Serializer[Any]):
    slow_mode_seconds = serializers.IntegerField()
    history_for_new_members = serializers.BooleanField()
    default_permissions = serializers.DictField(child=serializers.BooleanField())
    join_approval = serializers.BooleanField()
    message_ttl_seconds = serializers.IntegerField()
    allow_reactions = serializers.BooleanField()
    signatures = serializers.BooleanField()


class ConversationSchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    type = serializers.ChoiceField(ConversationType.choices)
    title = serializers.CharField()
    description = serializers.CharField()
    handle = serializers.CharField(allow_null=True)
    avatar_url = serializers.CharField(allow_null=True)
    owner_id = serializers.CharField(allow_null=True)
    settings = SettingsSchema()
    member_count = serializers.IntegerField()
    version = serializers.IntegerField()
    last_seq = serializers.IntegerField()
    last_message = MessageSchema(allow_null=True)
    unread_count = serializers.IntegerField()
    unread_mention_count = serializers.IntegerField()
    peer = UserSchema(allow_null=True)
    my_role = serializers.ChoiceField(Role.choices)
    my_permissions = serializers.DictField(child=serializers.BooleanField())
    muted_until = serializers.CharField(allow_null=True, help_text='A time, "forever", or null.')
    is_pinned = serializers.BooleanField()
    is_archived = serializers.BooleanField()
    archived_at = serializers.DateTimeField(allow_null=True)
    draft = serializers.CharField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CreatedConversationSchema(ConversationSchema):
    not_added = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Who was not added to a new group or channel."
    )


class ConversationPageSchema(serializers.Serializer[Any]):
    results = ConversationSchema(many=True)
    next = serializers.CharField(allow_null=True)


class SyncBodySchema(serializers.Serializer[Any]):
    versions = serializers.DictField(child=serializers.IntegerField(min_value=0))
    states = serializers.BooleanField(required=False)
    epoch = serializers.CharField(required=False, allow_null=True)


class SyncedSchema(serializers.Serializer[Any]):
    conversation = ConversationSchema()
    messages = MessageSchema(many=True)
    has_more = serializers.BooleanField()
    reset = serializers.BooleanField()


class StateSchema(serializers.Serializer[Any]):
    last_read_seq = serializers.IntegerField()
    unread_count = serializers.IntegerField()
    unread_mention_count = serializers.IntegerField()
    muted_until = serializers.CharField(allow_null=True)
    is_pinned = serializers.BooleanField()
    is_archived = serializers.BooleanField()
    draft = serializers.CharField()
    my_role = serializers.ChoiceField(Role.choices)
    my_permissions = serializers.DictField(child=serializers.BooleanField())
    others_read_seq = serializers.IntegerField()
    others_delivered_seq = serializers.IntegerField()


class SyncSchema(serializers.Serializer[Any]):
    epoch = serializers.CharField()
    conversations = SyncedSchema(many=True)
    removed = serializers.ListField(child=serializers.CharField())
    states = serializers.DictField(child=StateSchema(), required=False)
