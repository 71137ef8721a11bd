"""What moderation's calls take. Shapes only: the rules are the services'."""

from typing import Any

from rest_framework import serializers

from chat_project.core.api.serializers import StrictSerializer
from chat_project.core.db.cuid import LENGTH
from moderation.enums import ReportReason, ReportTarget

DETAILS_MAX_LENGTH = 4000

# What names the target of each kind.
NAMED_BY = {
    ReportTarget.USER: {"user_id"},
    ReportTarget.CONVERSATION: {"conversation_id"},
    ReportTarget.MESSAGE: {"conversation_id", "message_id"},
}


class ReportBody(StrictSerializer):
    target_type = serializers.ChoiceField(ReportTarget.choices)
    user_id = serializers.CharField(max_length=LENGTH, required=False)
    conversation_id = serializers.CharField(max_length=LENGTH, required=False)
    message_id = serializers.CharField(max_length=LENGTH, required=False)
    reason = serializers.ChoiceField(ReportReason.choices)
    details = serializers.CharField(max_length=DETAILS_MAX_LENGTH, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kind = ReportTarget(attrs["target_type"])
        given = {"user_id", "conversation_id", "message_id"} & attrs.keys()
        errors = {field: ["This field is required."] for field in NAMED_BY[kind] - given}
        errors |= {field: [f"A report of a {kind.label.lower()} has none."] for field in given - NAMED_BY[kind]}
        if errors:
            raise serializers.ValidationError(errors)
        return attrs
