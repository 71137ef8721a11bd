"""Writes the demo into an empty database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import Q

from accounts.avatars import delete_avatar, store_avatar
from accounts.enums import ContactRequestStatus
from accounts.models import ContactRequest, User
from chat_project.core.db.cuid import cuid_at
from chat_project.demo.cast import CONTACTS, PEOPLE, SIGN_IN_WITH, WISHES, Person
from chat_project.demo.pictures import picture
from chat_project.demo.playback import Story, play
from chat_project.demo.reading import let_read
from chat_project.demo.screenplay import Screenplay, read_all
from conversations.models import Conversation, ConversationMember
from messaging.models import Message, MessageEdit, MessageMention, MessageReaction, MessageReceipt


class NotEmptyError(Exception):
    """The database has people already: the demo would mix with theirs."""


@dataclass(frozen=True)
class Seeded:
    """How much was written."""

    people: int
    conversations: int
    messages: int


def seed_demo(*, now: datetime) -> Seeded:
    """Write the demo, as if its people had chatted over the nine days before `now`, in one transaction.

    Raises: NotEmptyError.
    """
    _require_empty()
    people = {person.username: _user(person, now) for person in PEOPLE}
    with ThreadPoolExecutor(1) as pool:
        # Argon2 takes its time, and leaves Python free for the rest.
        hashes = {person.username: pool.submit(make_password, SIGN_IN_WITH) for person in PEOPLE if person.signs_in}
        screenplays = read_all(now.date())
        stories = [_story(screenplay, people, now) for screenplay in screenplays]
        _notice_presence(people.values(), stories)
        with _pictures(people, screenplays, stories):
            for name, user in people.items():
                user.password = hashes[name].result() if name in hashes else make_password(None)
            _write(people, stories, now)
    return Seeded(len(people), len(stories), sum(len(story.messages) for story in stories))


def _require_empty() -> None:
    """Raise NotEmptyError, unless there is nobody but administrators, and none of the cast's names is taken."""
    cast = [person.username for person in PEOPLE]
    people = User.objects.filter(Q(is_superuser=False) | Q(username__in=cast))
    if people.exists() or Conversation.objects.exists():
        raise NotEmptyError


def _user(person: Person, now: datetime) -> User:
    joined = now - timedelta(days=person.joined_days_ago, hours=len(person.bio) % 12)
    return User(
        id=cuid_at(joined),
        username=person.username,
        email=f"{person.username}@{settings.DEMO_EMAIL_DOMAIN}",
        display_name=person.display_name,
        bio=person.bio,
        is_verified=True,
        created_at=joined,
    )


def _story(screenplay: Screenplay, people: Mapping[str, User], now: datetime) -> Story:
    story = play(screenplay, people=people, now=now)
    let_read(story, screenplay, now=now)
    return story


def _notice_presence(people: Iterable[User], stories: Sequence[Story]) -> None:
    """Set when each person was last seen: at the last thing that they wrote, touched or read."""
    seen = {user.username: [user.created_at] for user in people}
    for story in stories:
        for name, member in story.members.items():
            seen[name] += [at for at, _ in story.known[name]]
            seen[name] += [member.last_read_at] if member.last_read_at else []
    for user in people:
        user.last_seen_at = max(seen[user.username])


@contextmanager
def _pictures(
    people: Mapping[str, User], screenplays: Sequence[Screenplay], stories: Sequence[Story]
) -> Iterator[None]:
    """Draw and store the avatars; delete them again where what follows fails."""
    stored: list[str] = []
    try:
        for person in PEOPLE:
            stored.append(store_avatar(person.portrait.webp()))
            people[person.username].avatar_key = stored[-1]
        for screenplay, story in zip(screenplays, stories, strict=True):
            if "picture" in screenplay.head:
                stored.append(store_avatar(picture(screenplay.head["picture"])))
                story.conversation.avatar_key = stored[-1]
        yield
    except BaseException:
        for key in stored:
            delete_avatar(key)
        raise


@transaction.atomic
def _write(people: Mapping[str, User], stories: Sequence[Story], now: datetime) -> None:
    with connection.cursor() as cursor:
        # Two seeds at once, or a seed and somebody who registers: one of them waits, and is then told.
        cursor.execute("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
    _require_empty()
    User.objects.bulk_create(people.values())
    ContactRequest.objects.bulk_create([*_contacts(people), *_wishes(people, now)])
    Conversation.objects.bulk_create(story.conversation for story in stories)
    ConversationMember.objects.bulk_create(member for story in stories for member in story.members.values())
    # Answers point at earlier messages of the same statement: foreign keys are checked at its end.
    Message.objects.bulk_create(message for story in stories for message in story.messages)
    MessageEdit.objects.bulk_create(edit for story in stories for edit in story.edits)
    MessageReaction.objects.bulk_create(reaction for story in stories for reaction in story.reactions)
    MessageMention.objects.bulk_create(mention for story in stories for mention in story.mentions)
    MessageReceipt.objects.bulk_create(receipt for story in stories for receipt in story.receipts)


def _contacts(people: Mapping[str, User]) -> Iterator[ContactRequest]:
    for sender, receivers in CONTACTS.items():
        for receiver in receivers:
            asked = max(people[sender].created_at, people[receiver].created_at) + timedelta(hours=3)
            yield ContactRequest(
                id=cuid_at(asked),
                from_user=people[sender],
                to_user=people[receiver],
                status=ContactRequestStatus.ACCEPTED,
                created_at=asked,
                responded_at=asked + timedelta(hours=1),
            )


def _wishes(people: Mapping[str, User], now: datetime) -> Iterator[ContactRequest]:
    for wish in WISHES:
        asked = now - timedelta(hours=wish.hours_ago)
        yield ContactRequest(
            id=cuid_at(asked),
            from_user=people[wish.sender],
            to_user=people[wish.receiver],
            message=wish.message,
            created_at=asked,
        )
