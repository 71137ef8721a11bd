"""What of a person's lies with moderation: the reports that they made."""

from chat_project.core.exports import Section, register
from moderation.models import UserReport

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
