"""A screenplay performed: the rows that its conversation would have left, had people really written it.

Everything that happens is put in order of time, and each change draws one `version`, each message one `seq`, as
`messaging.timeline` does.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from accounts.models import User
from chat_project.core.db.cuid import cuid_at
from chat_project.demo.chance import Chance
from chat_project.demo.screenplay import Act, Line, Pause, Scene, Screenplay, ScreenplayError
from conversations.enums import ConversationType, LeftReason, Role
from conversations.models import Conversation, ConversationMember
from messaging.enums import MessageType
from messaging.formatting import MENTION, entities_of, marks_in
from messaging.models import Message, MessageEdit, MessageMention, MessageReaction, MessageReceipt
from messaging.search_text import search_vector

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)

# Ids carry milliseconds: two messages in one would have no order.
_TICK = timedelta(milliseconds=1)
_ROLES = {"admins": Role.ADMIN, "moderators": Role.MODERATOR}

Step = tuple[datetime, Callable[[datetime], None]]


@dataclass
class Story:
    """The rows of one conversation, and when each person did something that shows: up to which seq they knew it."""

    conversation: Conversation
    members: dict[str, ConversationMember] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    edits: list[MessageEdit] = field(default_factory=list)
    reactions: list[MessageReaction] = field(default_factory=list)
    mentions: list[MessageMention] = field(default_factory=list)
    receipts: list[MessageReceipt] = field(default_factory=list)
    known: dict[str, list[tuple[datetime, int]]] = field(default_factory=lambda: defaultdict(list))
    joined_after: dict[str, int] = field(default_factory=dict)


def play(screenplay: Screenplay, *, people: Mapping[str, User], now: datetime) -> Story:
    """Return what the screenplay leaves behind by `now`; who has read what is still open.

    Raises ScreenplayError where somebody acts who is not there.
    """
    return _Playback(screenplay, people, now).story


class _Playback:
    def __init__(self, screenplay: Screenplay, people: Mapping[str, User], now: datetime) -> None:
        self._screenplay = screenplay
        self._people = people
        self._now = now
        self._chance = Chance(screenplay.name)
        self._said: dict[int, Message] = {}
        self._labels: dict[str, Message] = {}
        self.story = Story(self._conversation())
        self._perform()
        self._finish()

    # --- What is there before the first word -----------------------------------------------------

    def _conversation(self) -> Conversation:
        script = self._screenplay
        kind = ConversationType(script.kind)
        at = script.scenes[0].start(self._now) - timedelta(seconds=20)
        conversation = Conversation(id=cuid_at(at), type=kind, created_at=at, updated_at=at)
        if kind == ConversationType.DM:
            pair = sorted(self._user(name).id for name in _names_of_pair(script))
            conversation.dm_key = ":".join(pair)
            return conversation
        conversation.title = script.title
        conversation.description = script.head.get("about", "")
        conversation.handle = script.head.get("handle")
        conversation.owner = self._user(script.head["owner"])
        if "settings" in script.head:
            key, word = script.head["settings"].split()
            conversation.settings = {key: word == "yes"}
        return conversation

    def _let_in(self) -> None:
        """Let in who is there before anything is said: both of a DM, else the owner."""
        at, head = self.story.conversation.created_at, self._screenplay.head
        if self.story.conversation.type == ConversationType.DM:
            for name in dict.fromkeys(_names_of_pair(self._screenplay)):
                self._join(name, at=at)
        else:
            self._join(head["owner"], at=at, role=Role.OWNER)

    def _join(self, name: str, *, at: datetime, role: Role = Role.MEMBER, by: str | None = None) -> None:
        conversation = self.story.conversation
        hides_history = conversation.settings.get("history_for_new_members") is False
        self.story.joined_after[name] = conversation.last_seq
        self.story.members[name] = ConversationMember(
            conversation=conversation,
            user=self._user(name),
            role=role,
            joined_at=at,
            invited_by=self._user(by) if by else None,
            visible_from_seq=conversation.last_seq + 1 if hides_history else 1,
            updated_at=at,
        )

    # --- The order of things -----------------------------------------------------------------------

    def _perform(self) -> None:
        self._let_in()
        steps = [step for scene in self._screenplay.scenes for step in self._steps(scene)]
        clock = self.story.conversation.created_at
        for at, act in sorted(steps, key=lambda step: step[0]):
            # One step may append two messages, a tick apart.
            clock = max(at, clock + 2 * _TICK)
            act(clock)

    def _steps(self, scene: Scene) -> Iterator[Step]:
        at = scene.start(self._now)
        for entry in scene.entries:
            match entry:
                case Pause():
                    at += entry.length
                case Act():
                    at += timedelta(seconds=self._chance.uniform(5, 30))
                    yield at, partial(self._act, entry)
                case Line():
                    at += self._chance.before_writing(entry.text)
                    yield at, partial(self._say, entry)
                    yield from self._steps_after(entry, at)

    def _steps_after(self, line: Line, said_at: datetime) -> Iterator[Step]:
        chance = self._chance
        for emoji, name in line.reactions:
            yield self._later(said_at, chance.before_reacting()), partial(self._react, line, emoji, name)
        at = said_at
        for text in line.earlier:
            at = self._later(at, chance.before_correcting())
            yield at, partial(self._edit, line, text)
        if line.pinned_by:
            yield self._later(said_at, chance.before_correcting()), partial(self._pin, line, line.pinned_by)
        if line.is_deleted:
            yield self._later(said_at, chance.before_regretting()), partial(self._delete, line)

    def _later(self, at: datetime, delay: timedelta) -> datetime:
        """Return a moment after another, yet before now."""
        return at + min(delay, (self._now - at) * 0.8)

    # --- What happens ------------------------------------------------------------------------------

    def _act(self, act: Act, at: datetime) -> None:
        match act.verb:
            case "creates":
                self._announce(act.actor, at, "conversation.created", title=self.story.conversation.title)
                self._add(act.actor, self._screenplay.people("members"), at + _TICK)
                self._give_roles()
            case "adds":
                self._add(act.actor, [act.rest], at)
            case "leaves":
                self._announce(act.actor, at, "member.left", user_ids=[self._user(act.actor).id])
                self._leave(act.actor, at)
            case "renames":
                self.story.conversation.title = act.rest
                self.story.conversation.updated_at = at
                self._draw_version()
                self._announce(act.actor, at, "title.changed", title=act.rest)

    def _add(self, actor: str, names: list[str], at: datetime) -> None:
        for name in names:
            self._join(name, at=at, by=actor)
        self.story.conversation.members_version += 1
        if self.story.conversation.type != ConversationType.CHANNEL:
            self._announce(actor, at, "member.joined", user_ids=[self._user(name).id for name in names])

    def _give_roles(self) -> None:
        for key, role in _ROLES.items():
            for name in self._screenplay.people(key):
                self._member(name).role = role
                self.story.conversation.members_version += 1

    def _leave(self, name: str, at: datetime) -> None:
        member = self._member(name)
        member.is_active = False
        member.left_at = member.updated_at = at
        member.left_reason = LeftReason.LEFT
        member.role = Role.MEMBER
        self.story.conversation.members_version += 1

    def _say(self, line: Line, at: datetime) -> None:
        reply = self._labels[line.reply_to] if line.reply_to else None
        entities = self._entities(line.text)
        metadata = {"entities": entities} if entities else None
        message = self._append(line.speaker, at, MessageType.TEXT, content=line.text, metadata=metadata, reply_to=reply)
        self._said[id(line)] = message
        if line.label:
            self._labels[line.label] = message
        member = self._member(line.speaker)
        member.has_sent = True
        member.last_sent_at = at
        named = {entity["user_id"] for entity in entities if entity["type"] == MENTION}
        for user_id in sorted(named - {message.sender_id}):
            mention = MessageMention(conversation=self.story.conversation, message_id=message.id, user_id=user_id)
            self.story.mentions.append(mention)

    def _entities(self, text: str) -> list[dict[str, Any]]:
        """Return what a text's markup says, names of members by their ids."""
        entities = []
        for entity in entities_of(text, marks_in(text)):
            if entity["type"] == MENTION:
                name = entity.pop("username")
                if name not in self.story.members:
                    continue
                entity["user_id"] = self._user(name).id
            entities.append(entity)
        return entities

    def _announce(self, actor: str, at: datetime, event: str, **details: Any) -> None:
        system = {"event": event, "actor_id": self._user(actor).id, **details}
        self._append(actor, at, MessageType.SYSTEM, metadata={"system": system})

    def _append(
        self,
        sender: str,
        at: datetime,
        type: MessageType,
        *,
        content: str = "",
        metadata: dict[str, Any] | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        conversation = self.story.conversation
        self._member(sender)
        conversation.last_seq += 1
        message = Message(
            id=cuid_at(at),
            conversation=conversation,
            seq=conversation.last_seq,
            version=self._draw_version(),
            sender=self._user(sender),
            type=type,
            content=content,
            metadata=metadata or {},
            reply_to_id=reply_to.id if reply_to else None,
            created_at=at,
            search=search_vector(content),
        )
        conversation.last_message_id = message.id
        conversation.last_message_at = at
        self.story.messages.append(message)
        self.story.known[sender].append((at, message.seq))
        return message

    def _react(self, line: Line, emoji: str, name: str, at: datetime) -> None:
        message = self._changed(line, by=name, at=at)
        self.story.reactions.append(
            MessageReaction(
                conversation=self.story.conversation,
                message_id=message.id,
                user=self._member(name).user,
                emoji=emoji,
                created_at=at,
            )
        )

    def _edit(self, line: Line, text_before: str, at: datetime) -> None:
        message = self._changed(line, by=line.speaker, at=at)
        message.edit_count += 1
        message.edited_at = at
        self.story.edits.append(
            MessageEdit(
                conversation=self.story.conversation,
                message_id=message.id,
                edit_no=message.edit_count,
                content=text_before,
                edited_by=message.sender,
                edited_at=at,
            )
        )

    def _pin(self, line: Line, name: str, at: datetime) -> None:
        message = self._changed(line, by=name, at=at)
        message.pinned_at = at
        message.pinned_by = self._member(name).user
        self._announce(name, at, "message.pinned", message_id=message.id)

    def _delete(self, line: Line, at: datetime) -> None:
        message = self._changed(line, by=line.speaker, at=at)
        message.is_deleted = True
        message.deleted_at = at
        message.deleted_by = message.sender
        message.search = None

    def _changed(self, line: Line, *, by: str, at: datetime) -> Message:
        message = self._said[id(line)]
        message.version = self._draw_version()
        self.story.known[by].append((at, message.seq))
        return message

    def _draw_version(self) -> int:
        self.story.conversation.version += 1
        return self.story.conversation.version

    # --- What each has made of it ------------------------------------------------------------------

    def _finish(self) -> None:
        script, story = self._screenplay, self.story
        story.conversation.member_count = sum(member.is_active for member in story.members.values())
        for name in script.people("pins"):
            self._member(name).is_pinned = True
        for name in script.people("mutes"):
            self._member(name).muted_until = FOREVER
        for key, value in script.head.items():
            if key.startswith("draft "):
                self._member(key.removeprefix("draft ")).draft = value

    def _user(self, name: str) -> User:
        if name not in self._people:
            raise ScreenplayError(f"{self._screenplay.name}.txt: there is no {name}")
        return self._people[name]

    def _member(self, name: str) -> ConversationMember:
        member = self.story.members.get(name)
        if member is None or not member.is_active:
            raise ScreenplayError(f"{self._screenplay.name}.txt: {name} is no member")
        return member


def _names_of_pair(screenplay: Screenplay) -> list[str]:
    return screenplay.title.split(", ")
