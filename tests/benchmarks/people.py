"""Whom and what the workloads need, put straight into the copy's database; tokens are made as accounts make them."""

import itertools
import random
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from django.utils import timezone

from accounts.models import User, UserSession
from accounts.models.sessions import TOKEN_SECRET_BYTES
from accounts.services.authentication import expiry_of
from accounts.services.rotation import pair_of
from chat_project.core.db.cuid import cuid_at, new_cuid
from conversations.enums import ConversationType, Role
from conversations.models import Conversation, ConversationMember
from messaging.models import Message
from messaging.search_text import search_vector

# Of the lengths and alphabets that people write in.
TEXTS = (
    "Sure, see you at seven then",
    "Кто-нибудь взял палатку? Погода в субботу обещает быть хорошей.",
    "ok",
    "I've pushed the fix, the build is green again. Could somebody look at the migration before tonight?",
    "明日の朝、駅の改札で待ち合わせしましょう",
    "هل وصل الطرد؟",
    "Bring the blue folder, the one with the drawings of the second floor, and two copies of the contract please",
    "हाँ, कल सुबह मिलते हैं",
)
_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with one device that is signed in."""

    id: str
    access: str


@dataclass(frozen=True, slots=True)
class Room:
    """A conversation and its people; the first owns it where it is a group."""

    id: str
    people: Sequence[Person]


def make_people(count: int) -> list[Person]:
    """Make people with a session each, whose access tokens are good for the copy's usual time."""
    ids = [new_cuid() for _ in range(count)]
    users = [
        User(id=each, username=f"b{each}", email=f"{each}@bench.example", display_name=f"Bench {number}", password="!")
        for number, each in enumerate(ids)
    ]
    for user in users:
        user.password = make_password(None)
    User.objects.bulk_create(users, _ROWS_AT_ONCE)
    return sign_in(ids)


def sign_in(user_ids: Iterable[str]) -> list[Person]:
    """Begin a session for each of these people."""
    now = timezone.now()
    sessions = [
        UserSession(
            user_id=user_id,
            device_name="bench",
            token_secret=secrets.token_bytes(TOKEN_SECRET_BYTES),
            rotated_at=now,
            created_at=now,
            last_used_at=now,
            expires_at=expiry_of(created_at=now, used_at=now),
        )
        for user_id in user_ids
    ]
    UserSession.objects.bulk_create(sessions, _ROWS_AT_ONCE)
    return [Person(session.user_id, pair_of(session=session, auth_version=1).access) for session in sessions]


def make_dms(pairs: Iterable[tuple[Person, Person]]) -> list[Room]:
    """Make DMs in which both have written, so that nobody is a stranger."""
    rooms = [Room(new_cuid(), pair) for pair in pairs]
    _insert(
        rooms,
        [
            Conversation(
                id=room.id,
                type=ConversationType.DM,
                dm_key=":".join(sorted(person.id for person in room.people)),
                settings={},
                member_count=2,
            )
            for room in rooms
        ],
    )
    return rooms


def make_groups(circles: Iterable[Sequence[Person]]) -> list[Room]:
    """Make groups; the first of each circle is the owner."""
    rooms = [Room(new_cuid(), circle) for circle in circles]
    _insert(
        rooms,
        [
            Conversation(
                id=room.id,
                type=ConversationType.GROUP,
                title="Bench",
                owner_id=room.people[0].id,
                settings={},
                member_count=len(room.people),
            )
            for room in rooms
        ],
    )
    return rooms


def write_messages(rooms: Sequence[Room], *, each: int) -> None:
    """Write a history of so many messages into conversations that have none, by their people in turn."""
    rows = (row for room in rooms for row in _history(room, each))
    while batch := list(itertools.islice(rows, _ROWS_AT_ONCE)):
        Message.objects.bulk_create(batch)
    last = Message.objects.filter(conversation_id__in=[room.id for room in rooms], seq=each)
    Conversation.objects.bulk_update(
        [
            Conversation(
                id=row.conversation_id,
                last_seq=each,
                version=each,
                last_message_id=row.id,
                last_message_at=row.created_at,
            )
            for row in last.defer("search")
        ],
        ["last_seq", "version", "last_message_id", "last_message_at"],
        batch_size=_ROWS_AT_ONCE,
    )


def message_ids(conversation_id: str, *, every: int) -> list[str]:
    """Return the ids of each so-manieth message of a conversation: places from which to read."""
    found = Message.objects.filter(conversation_id=conversation_id, seq__gt=100).order_by("seq")
    return list(found.values_list("id", flat=True))[::every]


def newest_id(conversation_id: str) -> str:
    """Return the id of a conversation's last message."""
    return Message.objects.filter(conversation_id=conversation_id).latest("seq").id


def largest_room() -> Room:
    """Return the seeded conversation with the most messages, with one of its members. Raises LookupError."""
    found = Conversation.objects.exclude(title="Bench").filter(last_seq__gt=200).order_by("-last_seq").first()
    if found is None:
        raise LookupError("nothing is seeded: give --messages")
    member = ConversationMember.objects.filter(conversation=found, is_active=True, visible_from_seq=1).first()
    if member is None:
        raise LookupError("the largest conversation has no member who sees all of it")
    return Room(found.pk, sign_in([member.user_id]))


def make_joiner(conversations: int) -> Person:
    """Make somebody who is in so many of the seeded groups and channels, and sees all of them."""
    [joiner] = make_people(1)
    seeded = Conversation.objects.exclude(title="Bench").exclude(type=ConversationType.DM)
    ConversationMember.objects.bulk_create(
        ConversationMember(conversation_id=conversation_id, user_id=joiner.id)
        for conversation_id in seeded.order_by("id").values_list("id", flat=True)[:conversations]
    )
    return joiner


def words(count: int, *, rare: bool) -> list[str]:
    """Return words of ASCII letters, or with digits, that are the most common or the rarest of a sample of messages."""
    sample = "SELECT search FROM messages WHERE seq % 20 = 0"
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT word FROM ts_stat(%s) WHERE word ~ '^[a-z0-9]{2,}$'"
            " ORDER BY CASE WHEN %s THEN ndoc ELSE -ndoc END, word LIMIT %s",
            [sample, rare, count],
        )
        return [row[0] for row in cursor.fetchall()]


def durability() -> dict[str, str]:
    """Return the version of the database's server, and what it does before it says that something is written."""
    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes")
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY name", [list(names)])
        return dict(cursor.fetchall())


def count_messages() -> int:
    """Return how many messages the database holds."""
    return Message.objects.count()


def hold_lock(room: Room, taken: threading.Event, release: threading.Event) -> None:
    """Hold a conversation's row for oneself till `release`, as a transaction does that has yet to end."""
    with transaction.atomic(), connections["default"].cursor() as cursor:
        cursor.execute("SELECT FROM conversations WHERE id = %s FOR UPDATE", [room.id])
        taken.set()
        release.wait()


def analyse() -> None:
    """Let the planner know what was written; autovacuum would tell it a minute later, in the midst of a run."""
    with connections["default"].cursor() as cursor:
        cursor.execute("ANALYZE users, user_sessions, conversations, conversation_members, messages")


def vacuum() -> None:
    """Do what autovacuum would begin to do after a bulk load, in the midst of a run."""
    with connections["default"].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) users, conversations, conversation_members, messages")


def leave_database() -> None:
    """Close this thread's connection and what the pool keeps: the copy may be another when it is next asked."""
    connections.close_all()
    default = connections["default"]
    if isinstance(default, DatabaseWrapper):
        default.close_pool()


def _insert(rooms: Sequence[Room], rows: Sequence[Conversation]) -> None:
    Conversation.objects.bulk_create(rows, _ROWS_AT_ONCE)
    members = [
        ConversationMember(
            conversation_id=row.pk,
            user_id=person.id,
            role=Role.OWNER if person.id == row.owner_id else Role.MEMBER,
            has_sent=True,
        )
        for row, room in zip(rows, rooms, strict=True)
        for person in room.people
    ]
    ConversationMember.objects.bulk_create(members, _ROWS_AT_ONCE)


def _history(room: Room, count: int) -> Iterator[Message]:
    began = timezone.now() - timedelta(minutes=count)
    choice = random.Random(0)
    for seq in range(1, count + 1):
        text = choice.choice(TEXTS)
        at = began + timedelta(minutes=seq)
        yield Message(
            id=cuid_at(at),
            conversation_id=room.id,
            seq=seq,
            version=seq,
            sender_id=choice.choice(room.people).id,
            content=text,
            client_id=f"bench-{seq}",
            search=search_vector(text),
            created_at=at,
        )
