"""What happens in one conversation, row by row: what `messaging.timeline` would have left behind.

Each change draws one `version`, each message one `seq`; times, ids and both counters grow together.
"""

from collections import defaultdict, deque
from typing import Any

from chat_project.demo.bulk.bursts import bursts
from chat_project.demo.bulk.clock import HOUR, stamp
from chat_project.demo.bulk.crowd import Crowd, alphabet_of
from chat_project.demo.bulk.entries import Entry, Person
from chat_project.demo.bulk.ids import eight_digits, four_digits, prefix_at
from chat_project.demo.bulk.phrases import Phrase, Tongue
from chat_project.demo.bulk.rooms import Room
from chat_project.demo.bulk.rows import Batch, json_text, row
from conversations.enums import ConversationType
from messaging.formatting import MENTION

# How often a message is a pin's announcement, is followed by a change, answers, names somebody, or is in the writer's
# own alphabet where the conversation has another.
_PINS = 0.003
_CHANGES = 0.1
_REPLIES = 0.12
_MENTIONS = 0.02
_OWN_ALPHABET = 0.07

_EMOJI = ("👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "🔥")
_UTC_OFFSETS = {"latin": 1, "cyrillic": 2, "arabic": 3, "han_kana": 9, "hangul": 9}
# Who is added at once is announced at once, at most so many, as by `conversations.services`.
JOIN_AT_ONCE = 200
# Where somebody stopped reading is told exactly among so many of the newest messages, and by so many marks before.
_RECENT = 1000
_MARKS = 256

# A place in a timeline: seq and id of a message, and when somebody was there.
Position = tuple[int, str, int]


class Telling:
    """Tells a conversation into a batch; then knows who did what last, and how far everything got."""

    def __init__(self, room: Room, *, crowd: Crowd, batch: Batch) -> None:
        self.room = room
        self.id_end = eight_digits(room.number) + crowd.id_end
        self.id = prefix_at(room.begins) + self.id_end
        self.seq = self.version = 0
        self.last: Position | None = None
        self.joined_at = dict.fromkeys(room.members, room.begins)
        self.sent_at: dict[int, int] = {}
        self.touched: dict[int, Position] = {}
        self.mentions: dict[int, list[int]] = defaultdict(list)
        self.marks: list[Position] = []
        self.recent: deque[Position] = deque(maxlen=_RECENT)
        self._mark_every = room.messages // _MARKS + 1
        self._clock = room.begins
        self._crowd = crowd
        self._batch = batch
        self._chance = room.chance
        self._random = room.chance.random
        self._writers = [(person, crowd.id(person)) for person in room.members[: room.writers]]

    def tell(self) -> None:
        """Add the messages to the batch, and what became of them."""
        self._begin()
        left = self.room.messages - self.seq
        utc_offset = _UTC_OFFSETS[self.room.alphabet] * HOUR
        for times in bursts(self._chance, left, begins=self._clock, ends=self.room.ends, utc_offset=utc_offset):
            self._burst(times)

    def _begin(self) -> None:
        """Announce a group or channel, and who joined, as far as it has messages for that."""
        room = self.room
        if room.type == ConversationType.DM or not room.messages:
            return
        self._announce("conversation.created", title=room.title)
        joining = [] if room.type == ConversationType.CHANNEL else room.members[1:]
        for start in range(0, len(joining), JOIN_AT_ONCE):
            if self.seq == room.messages:
                break
            people = joining[start : start + JOIN_AT_ONCE]
            self._announce("member.joined", user_ids=[self._crowd.id(person) for person in people])
            self.joined_at |= dict.fromkeys(people, self._clock)

    def _announce(self, event: str, **details: Any) -> None:
        self._batch.add("messages", [self._row(self._announcement(self._clock + 1, event, **details))])

    def _burst(self, times: list[int]) -> None:
        chance, random = self._chance, self._random
        writers = self._writers
        if len(writers) > 2:
            writers = [writers[int(len(writers) * random() ** 2)] for _ in range(chance.randint(2, 5))]
        said: list[Entry] = []
        for number, due in enumerate(times, 1):
            at = max(due, self._clock + 1)
            if random() < _PINS and said and said[-1].is_plain:
                said.append(self._pin(said[-1], at))
            else:
                said.append(self._say(writers[int(len(writers) * random())], at))
            if random() < _CHANGES:
                self._change(said, times[number] if number < len(times) else at + 5000)
        self._batch.add("messages", map(self._row, said))

    def _say(self, sender: Person, at: int) -> Entry:
        random, type = self._random, self.room.type
        tongue = self._crowd.tongues[self.room.alphabet if random() > _OWN_ALPHABET else alphabet_of(sender[0])]
        if type == ConversationType.GROUP and random() < _MENTIONS:
            entry = self._mention(self.room.members[int(len(self.room.members) * random())], sender, at, tongue)
        else:
            entry = self._append(sender, at, *tongue.say(self._chance))
        entry.client_id = f"{self._chance.getrandbits(128):032x}"
        if random() < _REPLIES and len(self.recent) > 8:
            entry.reply_to = self.recent[-2 - int(7 * random())][1]
        self.sent_at[sender[0]] = at
        return entry

    def _mention(self, person: int, sender: Person, at: int, tongue: Tongue) -> Entry:
        username = self._crowd.username(person)
        name = Phrase.of(username)
        text, search = tongue.say(self._chance, heard=len(name.terms))
        entry = self._append(sender, at, f"@{username} {text}", f"{name.vector} {search}")
        mark = {"type": MENTION, "offset": 0, "length": len(username) + 1, "user_id": self._crowd.id(person)}
        entry.metadata = json_text({"entities": [mark]})
        if person != sender[0]:
            entry.mentioned = person
            self.mentions[person].append(entry.seq)
            self._batch.add("message_mentions", [row(self.id, entry.id, self._crowd.id(person))])
        return entry

    def _announcement(self, at: int, event: str, **details: Any) -> Entry:
        actor = self._writers[0]
        entry = self._append(actor, at, "", "")
        entry.type = "SYSTEM"
        entry.metadata = json_text({"system": {"event": event, "actor_id": actor[1], **details}})
        return entry

    def _append(self, sender: Person, at: int, content: str, search: str) -> Entry:
        self.seq += 1
        self.version += 1
        self._clock = at
        message_id = f"{prefix_at(at)}{four_digits(self.seq)}{self.id_end[4:]}"
        entry = Entry(message_id, self.seq, self.version, sender, at, content, search)
        self.last = self.touched[sender[0]] = position = (self.seq, message_id, at)
        self.recent.append(position)
        if self.seq % self._mark_every == 0:
            self.marks.append(position)
        return entry

    def _pin(self, entry: Entry, at: int) -> Entry:
        """Pin a message, and return the announcement of it."""
        entry.pinned_at = at
        self._draw_version(entry, at)
        return self._announcement(at, "message.pinned", message_id=entry.id)

    def _change(self, said: list[Entry], before: int) -> None:
        """Have one of the last messages reacted to, edited or deleted, most likely before the next one comes."""
        random = self._random
        entry = said[-1 - int(min(6, len(said)) * random())]
        if not entry.is_plain:
            return
        at = self._clock + 1 + int(max(0, before - self._clock) * 0.8 * random())
        mood = random()
        if mood < 0.75:
            self._react(entry, at)
        elif mood < 0.92:
            self._edit(entry, at)
        elif not entry.reactors and not entry.pinned_at:
            self._delete(entry, at)

    def _react(self, entry: Entry, at: int) -> None:
        person = self.room.members[int(self.room.present * self._random())]
        if person in entry.reactors:
            return
        self._draw_version(entry, at)
        entry.reactors += (person,)
        if person not in self.touched or self.touched[person][0] <= entry.seq:
            self.touched[person] = (entry.seq, entry.id, at)
        emoji = _EMOJI[int(len(_EMOJI) * self._random() ** 2)]
        self._batch.add("message_reactions", [row(self.id, entry.id, self._crowd.id(person), emoji, stamp(at))])

    def _edit(self, entry: Entry, at: int) -> None:
        """Correct a message that was sent before it was finished."""
        earlier = entry.content[: len(entry.content) * 2 // 3]
        if not earlier:
            return
        self._draw_version(entry, at)
        entry.edit_count += 1
        entry.edited_at = at
        self._batch.add(
            "message_edits", [row(self.id, entry.id, entry.edit_count, earlier, "{}", entry.sender[1], stamp(at))]
        )

    def _delete(self, entry: Entry, at: int) -> None:
        self._draw_version(entry, at)
        entry.deleted_at = at
        if entry.mentioned is not None:
            self.mentions[entry.mentioned].remove(entry.seq)

    def _draw_version(self, entry: Entry, at: int) -> None:
        self.version += 1
        entry.version = self.version
        self._clock = at

    def _row(self, entry: Entry) -> str:
        return entry.row(self.id, self._writers[0][1])
