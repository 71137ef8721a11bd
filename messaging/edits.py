"""The texts of a message before each of its edits."""

from dataclasses import dataclass

from accounts.models import User
from chat_project.core.api.pagination import DEFAULT_LIMIT, read_cursor, write_cursor
from conversations.selectors.memberships import get_membership
from messaging.errors import MessageNotFoundError
from messaging.models import Message, MessageEdit
from messaging.policies import moderates

CURSOR_KIND = "edits"


@dataclass(frozen=True, slots=True)
class EditPage:
    """A page of edits, the first one first, and the cursor to the next."""

    results: list[MessageEdit]
    next: str | None


def list_edits(
    *, viewer: User, conversation_id: str, message_id: str, limit: int = DEFAULT_LIMIT, cursor: str | None = None
) -> EditPage:
    """Return a page of the texts before each edit; of a tombstone there are none. Four statements at most.

    Raises ConversationNotFoundError; MessageNotFoundError also for who neither wrote it nor may delete that person's
    messages.
    """
    membership = get_membership(viewer_id=viewer.pk, conversation_id=conversation_id)
    message = Message.objects.filter(
        conversation_id=conversation_id, id=message_id, seq__gte=membership.visible_from_seq
    ).first()
    if message is None or not (message.sender_id == viewer.pk or moderates(membership, sender_id=message.sender_id)):
        raise MessageNotFoundError
    scope = f"{conversation_id}:{message_id}"
    after = 0
    if cursor is not None:
        after = read_cursor(cursor, kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope)["edit_no"]
    if message.is_gone:
        return EditPage([], None)
    rows = MessageEdit.objects.filter(conversation_id=conversation_id, message_id=message_id, edit_no__gt=after)
    edits = list(rows.order_by("edit_no")[: limit + 1])
    following = None
    if len(edits) > limit:
        edits = edits[:limit]
        position = {"edit_no": edits[-1].edit_no}
        following = write_cursor(kind=CURSOR_KIND, viewer_id=viewer.pk, scope=scope, position=position)
    return EditPage(edits, following)
