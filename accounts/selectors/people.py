"""People as somebody else may know of them."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.enums import ContactRequestStatus
from accounts.errors import PersonNotFoundError
from accounts.models import BlockedUser, ContactRequest, User
from accounts.models.users import USERNAME_PATTERN
from accounts.presence import online_ids
from chat_project.core.api.pagination import read_cursor, write_cursor
from chat_project.core.db.cuid import is_cuid

SEARCH_MAX_LENGTH = 64
_SEARCH = "people"
_USERNAME = re.compile(USERNAME_PATTERN)

# `_with_standing` for some ids, written out for the lists: to put it together took longer than to read 50 people.
_PEOPLE = """
    SELECT
        users.*,
        EXISTS (
            SELECT FROM contact_requests
            WHERE status = 'ACCEPTED' AND from_user_id = %(viewer)s AND to_user_id = users.id
        ) OR EXISTS (
            SELECT FROM contact_requests
            WHERE status = 'ACCEPTED' AND from_user_id = users.id AND to_user_id = %(viewer)s
        ) AS is_contact,
        EXISTS (SELECT FROM blocked_users WHERE blocker_id = %(viewer)s AND blocked_id = users.id) AS i_blocked,
        EXISTS (SELECT FROM blocked_users WHERE blocker_id = users.id AND blocked_id = %(viewer)s) AS blocked_me
    FROM users
    WHERE users.id = ANY(string_to_array(%(asked)s, ','))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody, and how the viewer stands to them: all that privacy is judged by."""

    user: User
    viewer_id: str
    viewer_settings: Mapping[str, Any]
    is_contact: bool
    i_blocked: bool
    blocked_me: bool
    online: bool
    # Whoever is told: several people alike, of whom one may be blocked.
    by_anybody: bool = False


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of people, and the cursor to the next."""

    people: list[Person]
    next: str | None


def get_people(*, viewer: User, user_ids: Collection[str]) -> dict[str, Person]:
    """Return people by id, closed accounts included, unknown ids left out: one query, and one read of presence."""
    if not user_ids:
        return {}
    wanted = set(user_ids)
    # The viewer's own row comes along, for their settings.
    asked = ",".join({*wanted, viewer.id})
    rows = {row.pk: row for row in User.objects.raw(_PEOPLE, {"viewer": viewer.id, "asked": asked})}
    settings = rows[viewer.id].privacy_settings if viewer.id in rows else {}
    people = _people([row for user_id, row in rows.items() if user_id in wanted], viewer.id, settings)
    return {each.user.pk: each for each in people}


def get_people_as_anyone(*, user_ids: Collection[str]) -> dict[str, Person]:
    """Return people by id as anybody may know of them, also whom they blocked: for what several are told alike."""
    rows = User.objects.filter(id__in=user_ids)
    return {
        row.pk: Person(
            user=row,
            viewer_id="",
            viewer_settings={},
            is_contact=False,
            i_blocked=False,
            blocked_me=False,
            online=False,
            by_anybody=True,
        )
        for row in rows
    }


def get_person(*, viewer: User, reference: str) -> Person:
    """Return the person of an id or an @username. Raises PersonNotFoundError, also for closed accounts."""
    username = reference[1:].lower() if reference.startswith("@") else None
    if not (is_cuid(reference) if username is None else _USERNAME.fullmatch(username)):
        raise PersonNotFoundError
    condition = Q(id=reference) if username is None else Q(username=username)
    row = _with_standing(viewer.id).filter(condition, is_active=True).first()
    if row is None:
        raise PersonNotFoundError
    return _people([row], viewer.id, viewer.privacy_settings)[0]


def search_people(*, viewer: User, query: str, limit: int, cursor: str | None = None) -> PeoplePage:
    """Return a page of the people whose username or display name begins with `query`, by username.

    Only who is discoverable is found, and never who blocked the viewer. Raises InvalidError for a bad cursor.
    """
    beginning = query.strip().removeprefix("@").lower()
    if not beginning:
        return PeoplePage([], None)
    found = (
        _with_standing(viewer.id)
        .alias(folded_name=Lower("display_name"))
        .filter(Q(username__startswith=beginning) | Q(folded_name__startswith=beginning))
        .filter(Q(privacy_settings__discoverable=True) | Q(privacy_settings__discoverable__isnull=True))
        .filter(is_active=True, blocked_me=False)
        .order_by("username")
    )
    if cursor is not None:
        position = read_cursor(cursor, kind=_SEARCH, viewer_id=viewer.id, scope=beginning)
        found = found.filter(username__gt=position["username"])
    rows = list(found[: limit + 1])
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        position = {"username": rows[-1].username}
        following = write_cursor(kind=_SEARCH, viewer_id=viewer.id, scope=beginning, position=position)
    return PeoplePage(_people(rows, viewer.id, viewer.privacy_settings), following)


def blocked_between(user_id: str, other_id: str) -> bool:
    """Tell whether either of two people has blocked the other."""
    return BlockedUser.objects.filter(
        Q(blocker_id=user_id, blocked_id=other_id) | Q(blocker_id=other_id, blocked_id=user_id)
    ).exists()


def not_parted_from(user_id: str, field: str = "pk") -> Q:
    """Return the condition that no block stands between somebody and the person whose id stands in `field`."""
    blocked = BlockedUser.objects.filter(blocker_id=user_id).values("blocked_id")
    blocking = BlockedUser.objects.filter(blocked_id=user_id).values("blocker_id")
    return ~Q(**{f"{field}__in": blocked}) & ~Q(**{f"{field}__in": blocking})


def are_contacts(user_id: str, other_id: str) -> bool:
    """Tell whether two people are contacts."""
    return (
        ContactRequest.objects.filter(status=ContactRequestStatus.ACCEPTED)
        .filter(Q(from_user_id=user_id, to_user_id=other_id) | Q(from_user_id=other_id, to_user_id=user_id))
        .exists()
    )


def _with_standing(viewer_id: str) -> QuerySet[Any]:
    """Return everybody, annotated with how the viewer stands to them; each answer is a look into an index."""
    accepted = ContactRequest.objects.filter(status=ContactRequestStatus.ACCEPTED)
    return User.objects.annotate(
        is_contact=Exists(accepted.filter(from_user_id=viewer_id, to_user_id=OuterRef("pk")))
        | Exists(accepted.filter(from_user_id=OuterRef("pk"), to_user_id=viewer_id)),
        i_blocked=Exists(BlockedUser.objects.filter(blocker_id=viewer_id, blocked_id=OuterRef("pk"))),
        blocked_me=Exists(BlockedUser.objects.filter(blocker_id=OuterRef("pk"), blocked_id=viewer_id)),
    )


def _people(rows: Iterable[Any], viewer_id: str, viewer_settings: Mapping[str, Any]) -> list[Person]:
    rows = list(rows)
    online = online_ids([row.pk for row in rows])
    return [
        Person(
            user=row,
            viewer_id=viewer_id,
            viewer_settings=viewer_settings,
            is_contact=row.is_contact,
            i_blocked=row.i_blocked,
            blocked_me=row.blocked_me,
            online=row.pk in online,
        )
        for row in rows
    ]
