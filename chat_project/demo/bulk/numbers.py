"""How much is added, and how the messages fall to the conversations."""

from collections.abc import Iterator
from dataclasses import dataclass

_PEOPLE_MAX = 10_000_000
_CONVERSATIONS_MAX = 10_000_000
_MESSAGES_MAX = 1_000_000_000
# In one conversation: its messages stand some milliseconds apart, and wait on disk until it is whole.
_MESSAGES_EACH_MAX = 10_000_000

_MESSAGES_A_CONVERSATION = 50
_CONVERSATIONS_A_PERSON = 4

# The law of Zipf and Mandelbrot: the share of the conversation of a rank falls with this power of it.
_EXPONENT = 1.1
_FLATTENING = 2


class NumbersError(Exception):
    """So much can't be added; the message says why."""


@dataclass(frozen=True)
class Numbers:
    """So many people, conversations and messages."""

    people: int
    conversations: int
    messages: int

    @classmethod
    def completed(cls, *, people: int | None, conversations: int | None, messages: int | None) -> "Numbers":
        """Return what was asked for, with the conversations that messages need, and the people that those need.

        Raises: NumbersError.
        """
        if conversations is None:
            conversations = -(-(messages or 0) // _MESSAGES_A_CONVERSATION)
        if people is None:
            people = max(2, conversations // _CONVERSATIONS_A_PERSON) if conversations else 0
        numbers = cls(people, conversations, messages or 0)
        numbers._check()
        return numbers

    def shares(self) -> Iterator[int]:
        """Yield how many messages each conversation holds, the largest first: few hold many, many hold few."""
        weights = sum(_weight(rank) for rank in range(self.conversations))
        given, weight = 0, 0.0
        for rank in range(self.conversations - 1):
            weight += _weight(rank)
            due = min(self.messages, round(self.messages * weight / weights))
            yield due - given
            given = due
        if self.conversations:
            yield self.messages - given

    def _check(self) -> None:
        for name, number, most in (
            ("users", self.people, _PEOPLE_MAX),
            ("conversations", self.conversations, _CONVERSATIONS_MAX),
            ("messages", self.messages, _MESSAGES_MAX),
        ):
            if not 0 <= number <= most:
                raise NumbersError(f"--{name} takes a number from 0 to {most:,}, not {number:,}.")
        if not (self.people or self.conversations or self.messages):
            raise NumbersError("Nothing is to be added: give a number above 0.")
        if self.conversations and self.people < 2:
            raise NumbersError("Conversations need at least two people: --users 2.")
        if self.messages > self.conversations * _MESSAGES_EACH_MAX:
            least = -(-self.messages // _MESSAGES_EACH_MAX)
            raise NumbersError(f"{self.messages:,} messages need more conversations: --conversations {least}.")


def _weight(rank: int) -> float:
    return 1 / (rank + 1 + _FLATTENING) ** _EXPONENT
