"""What people say, in five alphabets, with the vectors by which search finds it.

A text of phrases/ has words to choose from, `key: word | word`, and below them the phrases, one a line; {key} stands
for one of the words, {n} for a number. A name has the letters of its username behind a slash.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chat_project.demo.chance import Chance
from messaging.search_text import terms

TEXTS = Path(__file__).parent / "phrases"

# Han and kana together are the third of the world's scripts without spaces between words; Hangul has spaces.
ALPHABETS = ("latin", "cyrillic", "arabic", "han_kana", "hangul")

# So many different phrases of each alphabet, made when they are first said.
_POOL = 4096
_WORDS = re.compile(r"([a-z]+): (.+)")
_BLANK = re.compile(r"\{([a-z]+)\}")


@dataclass(slots=True)
class Phrase:
    """A phrase, its terms for search, and the literal of its vector where it stands first."""

    text: str
    terms: Sequence[tuple[int, str]]
    vector: str

    @classmethod
    def of(cls, text: str) -> "Phrase":
        found = list(terms(text))
        return cls(text, found, _literal(found, 0))


class Tongue:
    """The names, titles and phrases of one alphabet."""

    def __init__(self, alphabet: str) -> None:
        self._alphabet = alphabet
        self._words: dict[str, list[str]] = {}
        self._blanks: list[str] = []
        self._short: list[Phrase] = []
        for line in (TEXTS / f"{alphabet}.txt").read_text(encoding="utf-8").splitlines():
            self._take(line)
        self._pool: list[Phrase | None] = [None] * _POOL

    def name(self, number: int) -> tuple[str, str]:
        """Return a display name, and what its username begins with; neighbouring numbers differ."""
        givens, families = self._words["given"], self._words["family"]
        given, letters = givens[number % len(givens)].split("/")
        family = families[(number // len(givens) + number) % len(families)]
        return self._words["full"][0].format(given=given, family=family), letters

    def title(self, chance: Chance) -> str:
        """Return what a group or a channel may be called."""
        return self._filled(chance.choice(self._words["title"]), chance)

    def say(self, chance: Chance, heard: int = 0) -> tuple[str, str]:
        """Return a message and the literal of its vector; `heard` terms stand before it."""
        first = self._phrase(chance.random())
        mood = chance.random()
        if mood < 0.75 and not heard:
            return first.text, first.vector
        phrases = [first, *(self._phrase(chance.random()) for _ in range(_more(mood)))]
        if 0.75 <= mood < 0.79:
            # Words that hardly anybody else has said are what searches are for.
            phrases.append(Phrase.of(f"({int(10 ** chance.uniform(3, 7))})"))
        vectors = []
        for phrase in phrases:
            vectors.append(_literal(phrase.terms, heard))
            heard += len(phrase.terms)
        return " ".join([phrase.text for phrase in phrases]), " ".join(vectors)

    def _take(self, line: str) -> None:
        if words := _WORDS.fullmatch(line):
            self._words[words[1]] = words[2].split(" | ")
        elif "{" in line:
            self._blanks.append(line)
        else:
            self._short.append(Phrase.of(line))

    def _phrase(self, chosen: float) -> Phrase:
        """Return a phrase for a number between 0 and 1: some are said all the time, most are rare."""
        if chosen < 0.3:
            return self._short[int(chosen / 0.3 * len(self._short))]
        rarity = (chosen - 0.3) / 0.7
        index = int(_POOL * rarity * rarity)
        phrase = self._pool[index]
        if phrase is None:
            chance = Chance(f"{self._alphabet} {index}")
            phrase = self._pool[index] = Phrase.of(self._filled(chance.choice(self._blanks), chance))
        return phrase

    def _filled(self, text: str, chance: Chance) -> str:
        return _BLANK.sub(lambda blank: self._word(blank[1], chance), text)

    def _word(self, key: str, chance: Chance) -> str:
        return str(chance.randint(2, 90)) if key == "n" else chance.choice(self._words[key])


def tongues() -> Mapping[str, Tongue]:
    """Return all of them, by alphabet."""
    return {alphabet: Tongue(alphabet) for alphabet in ALPHABETS}


def _literal(found: Sequence[tuple[int, str]], heard: int) -> str:
    return " ".join([f"'{term}':{position + heard}" for position, term in found])


def _more(mood: float) -> int:
    """Return how many phrases follow the first: mostly none, seldom a whole story."""
    if mood < 0.79:
        return 0
    if mood < 0.94:
        return 1
    return 2 if mood < 0.985 else 4 + int((mood - 0.985) * 600)
