"""The people who are added: arithmetic on their number, so that a million of them take little room."""

import secrets
from array import array
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from accounts.privacy import default_privacy_settings
from chat_project.demo.bulk.clock import DAY, stamp
from chat_project.demo.bulk.ids import eight_digits, prefix_at
from chat_project.demo.bulk.phrases import Tongue
from chat_project.demo.bulk.rows import json_text, row
from chat_project.demo.chance import Chance

# Everybody had come before the first conversation began, so that anybody may be in any.
CAME_DAYS_AGO = (541, 900)

# So many are drawn though they write in another alphabet.
_FOREIGN = 0.01

# What ten neighbours in a row write in.
_ALPHABETS = ("latin", "cyrillic", "latin", "arabic", "han_kana", "latin", "hangul", "latin", "cyrillic", "latin")


class Crowd:
    """People by their number, from 0. `first` is the number that the first one's username ends with."""

    def __init__(self, size: int, *, first: int, now: int, tongues: Mapping[str, Tongue]) -> None:
        self.size = size
        self._first = first
        self.tongues = tongues
        chance = Chance(f"crowd {first}")
        self.id_end = eight_digits(chance.getrandbits(41))
        self._came = array("q", (now - int(chance.uniform(*CAME_DAYS_AGO) * DAY) for _ in range(size)))
        self.seen = array("q", (now - _absence(chance) for _ in range(size)))

    def id(self, person: int) -> str:
        """Return somebody's id."""
        return f"{prefix_at(self._came[person])}{eight_digits(person)}{self.id_end}"

    def username(self, person: int) -> str:
        """Return somebody's username."""
        return f"{self._name(person)[1]}_{self._first + person}"

    def draw(self, chance: Chance, alphabet: str) -> int:
        """Return somebody who most likely writes in an alphabet; low numbers are drawn more often."""
        while True:
            person = int(self.size * chance.random() ** 1.5)
            if alphabet_of(person) == alphabet or chance.random() < _FOREIGN:
                return person

    def rows(self) -> Iterator[str]:
        """Yield the rows of `users`. Nobody can sign in by password."""
        privacy = json_text(default_privacy_settings())
        for person in range(self.size):
            display_name, _ = self._name(person)
            username, came = self.username(person), stamp(self._came[person])
            yield row(
                self.id(person),
                username,
                f"{username}@crowd.{settings.DEMO_EMAIL_DOMAIN}",
                f"{UNUSABLE_PASSWORD_PREFIX}{secrets.token_urlsafe(30)}",
                display_name,
                privacy,
                "t",
                stamp(self.seen[person]),
                came,
                came,
            )

    def _name(self, person: int) -> tuple[str, str]:
        return self.tongues[alphabet_of(person)].name(person // len(_ALPHABETS))


def alphabet_of(number: int) -> str:
    """Return the alphabet that falls to a number: all five, Latin most often."""
    return _ALPHABETS[number % len(_ALPHABETS)]


def _absence(chance: Chance) -> int:
    """Return how long ago somebody was seen: today, this month, or long ago."""
    mood = chance.random()
    if mood < 0.55:
        return int(chance.random() ** 2 * DAY) + 60_000
    return int(chance.uniform(1, 30 if mood < 0.85 else 500) * DAY)
