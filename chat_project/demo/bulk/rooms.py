"""The conversations that are added: their kinds, members and lives, before anything is said."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from chat_project.demo.bulk.clock import DAY, HOUR
from chat_project.demo.bulk.crowd import CAME_DAYS_AGO, Crowd, alphabet_of
from chat_project.demo.bulk.numbers import Numbers
from chat_project.demo.chance import Chance
from conversations.enums import ConversationType

# The largest conversations are groups and channels; further down most are DMs.
_LARGE = 0.02
_POSTERS_OF_A_CHANNEL = 4
_OLDEST = (CAME_DAYS_AGO[0] - 1) * DAY
# A conversation of so many messages has lived for most of that time.
_FULL_LIFE = 5_000
_TRIES = 20
# Within this time after the last message it may still be reacted to.
_AFTERWARDS = 10_000


@dataclass(slots=True, kw_only=True)
class Room:
    """A conversation: who is in it, and between which milliseconds how much is said.

    The first of `members` owns a group or channel. The first `writers` of them write, the first `present` of them are
    still seen after `ends`.
    """

    number: int
    chance: Chance
    type: ConversationType
    alphabet: str
    title: str
    handle: str | None
    members: list[int]
    writers: int
    present: int
    messages: int
    begins: int
    ends: int


class Rooms:
    """Draws the conversations of a crowd, each by a chance of its own."""

    def __init__(self, crowd: Crowd, numbers: Numbers, *, seed: str, now: int) -> None:
        self._crowd = crowd
        self._numbers = numbers
        self._seed = seed
        self._now = now
        self._pairs: set[tuple[int, int]] = set()
        # Pairs without a DM are found by trying: at least half of all must be free.
        self._pairs_max = numbers.people * (numbers.people - 1) // 4

    def __iter__(self) -> Iterator[Room]:
        """Yield all conversations, the largest first."""
        for number, messages in enumerate(self._numbers.shares()):
            yield self._room(number, messages)

    def _room(self, number: int, messages: int) -> Room:
        chance = Chance(f"{self._seed} {number}")
        alphabet = alphabet_of(number)
        type = self._type(number, chance)
        if type == ConversationType.DM:
            members = self._pair(chance, alphabet)
        else:
            members = self._members(chance, alphabet, self._size(type, number, chance))
        seen = self._crowd.seen
        members.sort(key=seen.__getitem__, reverse=True)
        ends = min(self._now - _silence(chance), seen[members[1]]) - _AFTERWARDS
        life = HOUR + int(_OLDEST * max(chance.random() ** 3, min(1, messages / _FULL_LIFE) * chance.uniform(0.5, 1)))
        present = sum(seen[member] >= ends for member in members)
        return Room(
            number=number,
            chance=chance,
            type=type,
            alphabet=alphabet,
            title="" if type == ConversationType.DM else self._crowd.tongues[alphabet].title(chance),
            handle=f"channel_{self._seed}_{number}" if type == ConversationType.CHANNEL and number % 2 else None,
            members=members,
            writers=min(present, _POSTERS_OF_A_CHANNEL) if type == ConversationType.CHANNEL else present,
            present=present,
            messages=messages,
            begins=max(self._now - _OLDEST, ends - life),
            ends=ends,
        )

    def _type(self, number: int, chance: Chance) -> ConversationType:
        mood = chance.random()
        if number <= self._numbers.conversations * _LARGE:
            return ConversationType.GROUP if mood < 0.85 or not number else ConversationType.CHANNEL
        if mood < 0.62 and len(self._pairs) < self._pairs_max:
            return ConversationType.DM
        return ConversationType.GROUP if mood < 0.95 else ConversationType.CHANNEL

    def _size(self, type: ConversationType, number: int, chance: Chance) -> int:
        most = self._crowd.size
        if type == ConversationType.GROUP:
            most = min(most, settings.GROUP_MAX_MEMBERS)
        if number <= self._numbers.conversations * _LARGE:
            size = chance.lognormvariate(4.6, 1.1) if number else most / 4
        elif type == ConversationType.GROUP:
            size = chance.lognormvariate(2.0, 0.8)
        else:
            size = chance.lognormvariate(3.5, 1.2)
        return min(most, 2 + int(size))

    def _members(self, chance: Chance, alphabet: str, size: int) -> list[int]:
        if size > self._crowd.size // 2:
            return chance.sample(range(self._crowd.size), size)
        # A dict keeps the order in which they were drawn.
        members: dict[int, None] = {}
        while len(members) < size:
            members[self._crowd.draw(chance, alphabet)] = None
        return list(members)

    def _pair(self, chance: Chance, alphabet: str) -> list[int]:
        """Return two people who have no DM yet; of one alphabet, while there are such."""
        tries = 0
        while True:
            tries += 1
            if tries <= _TRIES:
                one, other = self._crowd.draw(chance, alphabet), self._crowd.draw(chance, alphabet)
            else:
                one, other = chance.randrange(self._crowd.size), chance.randrange(self._crowd.size)
            pair = (min(one, other), max(one, other))
            if one != other and pair not in self._pairs:
                self._pairs.add(pair)
                return [one, other]


def _silence(chance: Chance) -> int:
    """Return how long ago a conversation fell silent: hours, or it has been forgotten."""
    if chance.random() < 0.4:
        return 60_000 + int(chance.expovariate(1 / (3 * HOUR)))
    return int(_OLDEST * 0.9 * chance.random() ** 1.5)
