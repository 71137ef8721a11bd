"""What moderation's calls answer, for the OpenAPI schema."""

from typing import Any

from rest_framework import serializers

from moderation.enums import ReportReason, ReportStatus, ReportTarget


class ReportSchema(serializers.Serializer[Any]):
    id = serializers.CharField()
    target_type = serializers.ChoiceField(ReportTarget.choices)
    reported_user_id = serializers.CharField(
        allow_null=True,
        help_text="Of a message who wrote it, of a DM the other person, of a group or channel its owner.",
    )
    conversation_id = serializers.CharField(allow_null=True)
    message_id = serializers.CharField(allow_null=True)
    reason = serializers.ChoiceField(ReportReason.choices)
    details = serializers.CharField()
    status = serializers.ChoiceField(ReportStatus.choices)
    created_at = serializers.DateTimeField()
