"""Reads of messages: each a fixed number of statements, each only what the viewer may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Count, F, Func, Min, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import JSONObject

from accounts.models import User
from attachments.models import Attachment
from chat_project.core.api.pagination import DEFAULT_LIMIT, read_cursor, write_cursor
from chat_project.core.db.cuid import is_cuid
from chat_project.core.errors import InvalidError
from conversations.enums import ConversationType
from conversations.selectors.memberships import Membership, get_membership
from messaging.enums import MessageType
from messaging.errors import MessageNotFoundError
from messaging.models import Message, MessageMention, MessageReaction

# Reactions name everybody in conversations of up to so many members, and so many people in larger ones.
REACTORS_COMPLETE_UP_TO = 100
REACTORS_SHOWN = 5
# What a reply shows of its target. Columns, since Django can't leave `search` out of a joined row.
QUOTED_COLUMNS = ("id", "seq", "sender_id", "type", "content", "is_deleted")
CURSOR_KIND = "messages"


@dataclass(frozen=True, slots=True)
class Scope:
    """How much of a conversation's messages a member sees."""

    visible_from_seq: int
    reactors_shown: int

    @classmethod
    def of(cls, *, type: str, member_count: int, visible_from_seq: int) -> "Scope":
        """Return the scope of a member."""
        if type == ConversationType.CHANNEL:
            return cls(visible_from_seq, 0)
        return cls(
            visible_from_seq, REACTORS_COMPLETE_UP_TO if member_count <= REACTORS_COMPLETE_UP_TO else REACTORS_SHOWN
        )

    @classmethod
    def of_membership(cls, membership: Membership) -> "Scope":
        """Return the scope of a member."""
        return cls.of(
            type=membership.type,
            member_count=membership.member_count,
            visible_from_seq=membership.visible_from_seq,
        )


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of history, with cursors for going on."""

    results: list[Message]
    next: str | None
    previous: str | None
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """From where, which way, and what of a history; a cursor carries it on."""

    before: str | None = None
    after: str | None = None
    around: str | None = None
    type: str | None = None
    pinned: bool = False

    def checked(self) -> "HistoryQuery":
        """Return the query. Raises InvalidError, which names the parameter."""
        pivots = {"before": self.before, "after": self.after, "around": self.around}
        given = {name: value for name, value in pivots.items() if value is not None}
        if len(given) > 1:
            raise InvalidError.of(max(given), "Give one of before, after and around.")
        for name, value in given.items():
            if not is_cuid(value):
                raise InvalidError.of(name, "Give the id of a message.")
        if self.type is not None and self.type not in MessageType.values:
            raise InvalidError.of("type", f"Give one of {', '.join(MessageType.values)}.")
        return self


def message_rows() -> QuerySet[Message]:
    """Return messages with all that their representation needs, in one statement."""
    return (
        Message.objects.select_related("sender")
        .defer("search")
        .annotate(
            reaction_items=_reactions(),
            mention_ids=_mentions(),
            attachment_items=_attachments(),
            **{f"quoted_{column}": F(f"reply_to__{column}") for column in QUOTED_COLUMNS},
        )
    )


def messages_by_key(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Message]:
    """Return messages by (conversation id, id), in one statement."""
    wanted = list(keys)
    if not wanted:
        return {}
    return {(row.conversation_id, row.id): row for row in message_rows().filter(pk__in=wanted)}


def get_message(*, viewer_id: str, conversation_id: str, message_id: str) -> tuple[Message, Scope]:
    """Return one message and how the viewer sees it. Raises ConversationNotFoundError, MessageNotFoundError."""
    membership = get_membership(viewer_id=viewer_id, conversation_id=conversation_id)
    row = (
        message_rows()
        .filter(conversation_id=conversation_id, id=message_id, seq__gte=membership.visible_from_seq)
        .first()
    )
    if row is None:
        raise MessageNotFoundError
    return row, Scope.of_membership(membership)


def list_messages(
    *,
    viewer: User,
    conversation_id: str,
    query: HistoryQuery | None = None,
    limit: int = DEFAULT_LIMIT,
    cursor: str | None = None,
) -> MessagePage:
    """Return a page of history, newest first; oldest first where `after` is asked.

    `around` gives half of the page to each side of its message, newest first, with `next` going older and
    `previous` newer. Raises ConversationNotFoundError, MessageNotFoundError for an unknown pivot, InvalidError.
    """
    membership = get_membership(viewer_id=viewer.pk, conversation_id=conversation_id)
    scope = Scope.of_membership(membership)
    if cursor is not None:
        position = read_cursor(cursor, kind=CURSOR_KIND, viewer_id=viewer.pk, scope=conversation_id)
        rows = _visible(conversation_id, scope, type=position["type"], pinned=position["pinned"])
        return _page(rows, scope, viewer.pk, conversation_id, position, limit)
    query = (query or HistoryQuery()).checked()
    rows = _visible(conversation_id, scope, type=query.type, pinned=query.pinned)
    filters = {"type": query.type, "pinned": query.pinned}
    if query.around is not None:
        pivot = _seq_of(conversation_id, query.around, scope)
        return _page_around(rows, scope, viewer.pk, conversation_id, filters, pivot, limit)
    pivot_id = query.before or query.after
    position = {
        "seq": None if pivot_id is None else _seq_of(conversation_id, pivot_id, scope),
        "older": query.after is None,
        **filters,
    }
    return _page(rows, scope, viewer.pk, conversation_id, position, limit)


def _visible(conversation_id: str, scope: Scope, *, type: str | None, pinned: bool) -> QuerySet[Message]:
    rows = message_rows().filter(conversation_id=conversation_id, seq__gte=scope.visible_from_seq)
    if type is not None:
        rows = rows.filter(type=type)
    return rows.filter(pinned_at__isnull=False) if pinned else rows


def _page(
    rows: QuerySet[Message],
    scope: Scope,
    viewer_id: str,
    bound: str,
    position: Mapping[str, Any],
    limit: int,
) -> MessagePage:
    """Return the page from a position on; the rows of one conversation are ordered by `seq` as by time."""
    if position["seq"] is not None:
        rows = rows.filter(seq__lt=position["seq"]) if position["older"] else rows.filter(seq__gt=position["seq"])
    found = list(rows.order_by("-seq" if position["older"] else "seq")[: limit + 1])
    page = found[:limit]
    following = None
    if len(found) > limit:
        following = write_cursor(
            kind=CURSOR_KIND, viewer_id=viewer_id, scope=bound, position={**position, "seq": page[-1].seq}
        )
    return MessagePage(page, following, None, scope)


def _page_around(
    rows: QuerySet[Message],
    scope: Scope,
    viewer_id: str,
    bound: str,
    filters: Mapping[str, Any],
    pivot: int,
    limit: int,
) -> MessagePage:
    newer_limit = limit // 2
    older = _page(rows, scope, viewer_id, bound, {"seq": pivot + 1, "older": True, **filters}, limit - newer_limit)
    newer = _page(rows, scope, viewer_id, bound, {"seq": pivot, "older": False, **filters}, max(newer_limit, 1))
    return MessagePage([*reversed(newer.results), *older.results][:limit], older.next, newer.next, scope)


def _seq_of(conversation_id: str, message_id: str, scope: Scope) -> int:
    seq = (
        Message.objects.filter(conversation_id=conversation_id, id=message_id, seq__gte=scope.visible_from_seq)
        .values_list("seq", flat=True)
        .first()
    )
    if seq is None:
        raise MessageNotFoundError
    return seq


def _of_message(model: Any) -> Any:
    return model.objects.filter(conversation_id=OuterRef("conversation_id"), message_id=OuterRef("id"))


def _reactions() -> ArraySubquery:
    reactors = Func(
        ArrayAgg("user_id", order_by="created_at"),
        template=f"(%(expressions)s)[1:{REACTORS_COMPLETE_UP_TO}]",
        output_field=ArrayField(CharField()),
    )
    kinds = (
        _of_message(MessageReaction)
        .order_by()
        .values("emoji")
        .annotate(count=Count("user_id"), first=Min("created_at"), users=reactors)
        .order_by("first", "emoji")
    )
    return ArraySubquery(kinds.values(item=JSONObject(emoji="emoji", count="count", user_ids="users")))


def _mentions() -> ArraySubquery:
    return ArraySubquery(_of_message(MessageMention).order_by("user_id").values("user_id"))


def _attachments() -> ArraySubquery:
    columns = (
        "id",
        "conversation_id",
        "message_id",
        "file_name",
        "mime_type",
        "size",
        "width",
        "height",
        "duration",
        "placeholder",
        "status",
    )
    created_at = Func(
        F("created_at"),
        Value('YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        template="to_char(%(expressions)s)",
        arg_joiner=" AT TIME ZONE 'UTC', ",
        output_field=TextField(),
    )
    rows = _of_message(Attachment).order_by("id")
    item = JSONObject(
        **{column: F(column) for column in columns},
        created_at=created_at,
        has_thumbnail=Q(thumbnail_key__isnull=False),
    )
    return ArraySubquery(rows.values(item=item))
