"""The shapes of attachments' calls."""

from typing import Any

from rest_framework import serializers

from attachments.enums import AttachmentStatus
from chat_project.core.api.serializers import StrictSerializer


class FileBody(StrictSerializer):
    file = serializers.FileField(max_length=None)


class FileSchema(serializers.Serializer[Any]):
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
    status = serializers.ChoiceField(AttachmentStatus.choices)
    content_url = serializers.CharField()
    thumbnail_url = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
