"""What of a person's lies with messaging: what they wrote, how they changed it, and their reactions."""

from django.db.models import Case, Q, TextField, Value, When
from django.db.models.functions import Now

from chat_project.core.exports import Section, register
from messaging.models import Message, MessageEdit, MessageReaction

# Also in the moments before what has expired is made a tombstone.
_GONE = Q(is_deleted=True) | Q(expires_at__lte=Now())

register(
    Section(
        name="messages",
        rows=lambda user_id: (
            Message.objects.filter(sender_id=user_id)
            .order_by("created_at")
            .annotate(
                # What was deleted is shown to nobody, its author included.
                text=Case(When(_GONE, then=Value("")), default="content", output_field=TextField())
            )
            .values(
                "conversation_id",
                "id",
                "seq",
                "type",
                "text",
                "reply_to_id",
                "forwarded_from",
                "encryption",
                "edited_at",
                "edit_count",
                "is_deleted",
                "deleted_at",
                "created_at",
            )
        ),
    ),
    Section(
        name="edits",
        rows=lambda user_id: (
            MessageEdit.objects.filter(edited_by=user_id, message__is_deleted=False)
            .exclude(message__expires_at__lte=Now())
            .order_by("edited_at")
            .values("conversation_id", "message_id", "edit_no", "content", "edited_at")
        ),
    ),
    Section(
        name="reactions",
        rows=lambda user_id: (
            MessageReaction.objects.filter(user_id=user_id)
            .order_by("conversation_id", "message_id", "emoji")
            .values("conversation_id", "message_id", "emoji", "created_at")
        ),
    ),
)
