"""Somebody's contacts, the requests that wait, and whom they have blocked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.enums import ContactRequestStatus
from accounts.models import BlockedUser, ContactRequest, User
from accounts.selectors.people import PeoplePage, Person, get_people
from chat_project.core.api.pagination import read_cursor, write_cursor
from chat_project.core.api.renderers import rfc3339

DIRECTIONS = ("in", "out")
COUNTED = 99

_CONTACTS = "contacts"
_REQUESTS = "contact-requests"
_BLOCKS = "blocks"


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A page of requests, the two people of each, and the cursor to the next."""

    requests: list[ContactRequest]
    people: Mapping[str, Person]
    next: str | None


@dataclass(frozen=True, slots=True)
class BlockPage:
    """A page of blocks with the people, and the cursor to the next."""

    blocks: list[tuple[BlockedUser, Person]]
    next: str | None


def list_contacts(*, viewer: User, limit: int, cursor: str | None = None) -> PeoplePage:
    """Return a page of the viewer's contacts, by name. Two statements. Raises InvalidError for a bad cursor."""
    accepted = ContactRequest.objects.filter(status=ContactRequestStatus.ACCEPTED)
    ids = (
        accepted.filter(from_user_id=viewer.pk)
        .values_list("to_user_id")
        .union(accepted.filter(to_user_id=viewer.pk).values_list("from_user_id"))
    )
    found = User.objects.filter(pk__in=ids, is_active=True).annotate(folded=Lower("display_name"))
    if cursor is not None:
        last = read_cursor(cursor, kind=_CONTACTS, viewer_id=viewer.pk)
        found = found.filter(Q(folded__gt=last["name"]) | Q(folded=last["name"], pk__gt=last["id"]))
    rows = list(found.order_by("folded", "pk").values_list("pk", "folded")[: limit + 1])
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        position = {"name": rows[-1][1], "id": rows[-1][0]}
        following = write_cursor(kind=_CONTACTS, viewer_id=viewer.pk, position=position)
    people = get_people(viewer=viewer, user_ids=[user_id for user_id, _ in rows])
    return PeoplePage([people[user_id] for user_id, _ in rows], following)


def list_requests(*, viewer: User, direction: str, limit: int, cursor: str | None = None) -> RequestPage:
    """Return a page of the requests to the viewer ("in") or of the viewer's ("out") that wait, the newest first.

    Two statements. Raises InvalidError for a bad cursor.
    """
    found = (_received(viewer.pk) if direction == "in" else _sent(viewer.pk)).order_by("-pk")
    if cursor is not None:
        found = found.filter(pk__lt=read_cursor(cursor, kind=_REQUESTS, viewer_id=viewer.pk, scope=direction)["id"])
    rows = list(found[: limit + 1])
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = write_cursor(kind=_REQUESTS, viewer_id=viewer.pk, scope=direction, position={"id": rows[-1].pk})
    people = get_people(viewer=viewer, user_ids={key for row in rows for key in (row.from_user_id, row.to_user_id)})
    return RequestPage(rows, people, following)


def count_received(*, viewer: User) -> int:
    """Return how many requests wait for the viewer's answer, counted as far as COUNTED. One statement."""
    return _received(viewer.pk).order_by()[:COUNTED].count()


def find_received(*, viewer: User, user_id: str) -> ContactRequest | None:
    """Return the request of somebody that waits for the viewer's answer."""
    return _received(viewer.pk).filter(from_user_id=user_id).first()


def find_sent(*, viewer: User, user_id: str) -> ContactRequest | None:
    """Return the viewer's request to somebody that waits, or looks so."""
    return _sent(viewer.pk).filter(to_user_id=user_id).first()


def list_blocks(*, viewer: User, limit: int, cursor: str | None = None) -> BlockPage:
    """Return a page of whom the viewer blocks, the latest first. Two statements. Raises InvalidError."""
    found = BlockedUser.objects.filter(blocker_id=viewer.pk)
    if cursor is not None:
        last = read_cursor(cursor, kind=_BLOCKS, viewer_id=viewer.pk)
        at = datetime.fromisoformat(last["at"])
        found = found.filter(Q(created_at__lt=at) | Q(created_at=at, blocked_id__gt=last["id"]))
    rows = list(found.order_by("-created_at", "blocked_id")[: limit + 1])
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        position = {"at": rfc3339(rows[-1].created_at), "id": rows[-1].blocked_id}
        following = write_cursor(kind=_BLOCKS, viewer_id=viewer.pk, position=position)
    people = get_people(viewer=viewer, user_ids=[row.blocked_id for row in rows])
    return BlockPage([(row, people[row.blocked_id]) for row in rows], following)


def _received(viewer_id: str) -> QuerySet[ContactRequest]:
    return ContactRequest.objects.filter(to_user_id=viewer_id, status=ContactRequestStatus.PENDING)


def _sent(viewer_id: str) -> QuerySet[ContactRequest]:
    """Return the viewer's requests that wait, or look so, since a block is silent; not what their own block ended."""
    own_blocks = BlockedUser.objects.filter(blocker_id=viewer_id, blocked_id=OuterRef("to_user_id"))
    return ContactRequest.objects.filter(
        ~Exists(own_blocks),
        from_user_id=viewer_id,
        status__in=(ContactRequestStatus.PENDING, ContactRequestStatus.BLOCKED),
    )
