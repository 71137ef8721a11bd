"""Who sees whom online, for many pairs of people at once."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db.models import QuerySet

from accounts import policies
from accounts.enums import ContactRequestStatus
from accounts.models import BlockedUser, ContactRequest, User
from accounts.selectors.people import Person

Pair = tuple[str, str]


def presence_sights(pairs: Collection[Pair]) -> set[Pair]:
    """Return those of these pairs, viewer and person, in which the viewer may see the other's presence.

    Three statements, however many they are. Nobody sees who is not there.
    """
    ids = {user_id for pair in pairs for user_id in pair}
    people = {row.pk: row for row in User.objects.filter(pk__in=ids).only("privacy_settings", "is_active")}
    contacts = _edges(
        ContactRequest.objects.filter(status=ContactRequestStatus.ACCEPTED), "from_user_id", "to_user_id", pairs
    )
    blocks = _edges(BlockedUser.objects.all(), "blocker_id", "blocked_id", pairs)
    return {pair for pair in pairs if all(each in people for each in pair) and _sees(pair, people, contacts, blocks)}


def last_seen_times(user_ids: Collection[str]) -> dict[str, datetime | None]:
    """Return when each of these people was last seen, closed and unknown accounts left out. One statement."""
    return dict(User.objects.filter(pk__in=user_ids, is_active=True).values_list("pk", "last_seen_at"))


def _sees(pair: Pair, people: Mapping[str, User], contacts: Collection[Pair], blocks: Collection[Pair]) -> bool:
    viewer_id, user_id = pair
    turned = (user_id, viewer_id)
    return policies.shows_last_seen(
        Person(
            user=people[user_id],
            viewer_id=viewer_id,
            viewer_settings=people[viewer_id].privacy_settings,
            is_contact=pair in contacts or turned in contacts,
            i_blocked=pair in blocks,
            blocked_me=turned in blocks,
            online=False,
        )
    )


def _edges(
    rows: QuerySet[ContactRequest] | QuerySet[BlockedUser], one: str, other: str, pairs: Iterable[Pair]
) -> set[Pair]:
    """Return the rows between people of these pairs, whichever of the two stands first."""
    viewers, seen = (list(ids) for ids in map(set, zip(*pairs, strict=True)))
    found = rows.filter(**{f"{one}__in": viewers, f"{other}__in": seen}).values_list(one, other)
    turned = rows.filter(**{f"{one}__in": seen, f"{other}__in": viewers}).values_list(one, other)
    return set(found.union(turned))
