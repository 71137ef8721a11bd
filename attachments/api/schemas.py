"""The shapes of attachments' calls."""

from typing import Any

from rest_framework import serializers

from attachments.enums import AttachmentStatus
from chat_project.core.api.serializers import StrictSerializer


class FileBody(StrictSerializer):
    file = serializers.FileField(max_length=None)


class PresignBody(StrictSerializer):
    file_name = serializers.CharField(max_length=1024, trim_whitespace=False)
    size = serializers.IntegerField(min_value=1)
    mime_type = serializers.CharField(max_length=255, help_text="A claim: the type is told by the bytes.")
    sha256 = serializers.RegexField(
        r"^[0-9a-f]{64}$", required=False, help_text="Where it is given, `complete` takes bytes of this hash alone."
    )


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


class UploadSchema(serializers.Serializer[Any]):
    method = serializers.ChoiceField(["POST", "PUT"])
    url = serializers.CharField()
    headers = serializers.DictField(child=serializers.CharField(), help_text="To be sent with the upload.")

    def get_fields(self) -> dict[str, Any]:
        # Not declared above, since a serializer has `fields` of its own.
        text = "Of a POST: the form's fields before `file`, its last."
        return {**super().get_fields(), "fields": serializers.DictField(child=serializers.CharField(), help_text=text)}


class PresignedSchema(serializers.Serializer[Any]):
    attachment = FileSchema()
    upload = UploadSchema()
