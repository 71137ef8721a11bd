"""What of a person's lies with moderation: the reports that they made, and the warnings that they got."""

from chat_project.core.exports import Section, register
from moderation.enums import ActionKind
from moderation.models import ModerationAction, UserReport

register(
    Section(
        name="reports",
        rows=lambda user_id: (
            UserReport.objects.filter(reporter_id=user_id)
            .order_by("id")
            .values(
                "id",
                "target_type",
                "reported_user_id",
                "conversation_id",
                "message_id",
                "reason",
                "details",
                "status",
                "created_at",
            )
        ),
    )
)

register(
    Section(
        name="warnings",
        rows=lambda user_id: (
            ModerationAction.objects.filter(subject_id=user_id, kind=ActionKind.WARN)
            .order_by("id")
            .values("id", "told", "created_at")
        ),
    )
)
