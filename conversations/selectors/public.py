"""Groups and channels that anybody may find: those with a handle."""

from dataclasses import dataclass

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import Lower

from accounts.models import User
from chat_project.core.api.pagination import DEFAULT_LIMIT, read_cursor, write_cursor
from conversations.errors import ConversationNotFoundError
from conversations.models import Conversation, ConversationMember
from conversations.selectors.members import banned_now

CURSOR_KIND = "public"


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A page of public conversations, each with whether the viewer is in it, and the cursor to the next."""

    results: list[tuple[Conversation, bool]]
    next: str | None


def search_public(*, viewer: User, query: str, limit: int = DEFAULT_LIMIT, cursor: str | None = None) -> PublicPage:
    """Return a page of the public conversations whose handle or title begins with `query`, by handle. One statement.

    What is archived, and what the viewer is banned from, is not found; an empty query finds nothing. Raises
    InvalidError for a foreign cursor.
    """
    beginning = query.strip().removeprefix("@").lower()
    if not beginning:
        return PublicPage([], None)
    mine = ConversationMember.objects.filter(conversation_id=OuterRef("pk"), user_id=viewer.pk)
    rows = (
        Conversation.objects.annotate(
            is_member=ExpressionWrapper(Exists(mine.filter(is_active=True)), output_field=BooleanField())
        )
        .alias(folded_title=Lower("title"))
        .filter(Q(handle__startswith=beginning) | Q(folded_title__startswith=beginning))
        .filter(~Exists(mine.filter(banned_now())), handle__isnull=False, archived_at__isnull=True)
    )
    if cursor is not None:
        position = read_cursor(cursor, kind=CURSOR_KIND, viewer_id=viewer.pk, scope=beginning)
        rows = rows.filter(handle__gt=position["handle"])
    found = list(rows.order_by("handle")[: limit + 1])
    following = None
    if len(found) > limit:
        position = {"handle": found[limit - 1].handle}
        following = write_cursor(kind=CURSOR_KIND, viewer_id=viewer.pk, scope=beginning, position=position)
    return PublicPage([(row, row.is_member) for row in found[:limit]], following)


def require_joinable(*, viewer_id: str, conversation_id: str) -> None:
    """Raise ConversationNotFoundError for what is not public and not the viewer's: asked before a body is looked at."""
    mine = ConversationMember.objects.filter(conversation_id=OuterRef("pk"), user_id=viewer_id, is_active=True)
    if not Conversation.objects.filter(Q(handle__isnull=False) | Exists(mine), pk=conversation_id).exists():
        raise ConversationNotFoundError
