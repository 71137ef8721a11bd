"""What is searched for: words and phrases as a tsquery, and where a text matches them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chat_project.core.errors import InvalidError
from messaging.search_text import fold_with_places, is_unspaced, placed_terms, terms

QUERY_MAX_LENGTH = 256
WORDS_MAX = 16

# "Quoted words" with either kind of quotes, or what stands between spaces.
_PART = re.compile(r"[\"“”„«»]([^\"“”„«»]*)(?:[\"“”„«»]|$)|([^\s\"“”„«»]+)")


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a phrase, at a distance from the phrase's first one; `is_beginning` where more may follow."""

    distance: int
    text: str
    is_beginning: bool

    def matches(self, term: str) -> bool:
        """Tell whether a term of a text is this one, or begins with it."""
        return term.startswith(self.text) if self.is_beginning else term == self.text


Phrase = tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Phrases of which a text must hold all; a word is a phrase too, of parts like those of an address."""

    phrases: tuple[Phrase, ...]

    @classmethod
    def parsed(cls, text: str) -> "SearchQuery":
        """Read what was typed: each word, the last as a beginning, and "quoted words" as they stand.

        Raises InvalidError, which names `q`, where it is too long or has too many words.
        """
        if len(text) > QUERY_MAX_LENGTH:
            raise InvalidError.of("q", f"Give at most {QUERY_MAX_LENGTH} characters.")
        parts = [(found[1], found[2]) for found in _PART.finditer(text)]
        if sum(len((quoted or bare or "").split()) for quoted, bare in parts) > WORDS_MAX:
            raise InvalidError.of("q", f"Give at most {WORDS_MAX} words.")
        phrases = [
            _phrase(quoted or bare or "", is_open=bare is not None and number == len(parts) - 1)
            for number, (quoted, bare) in enumerate(parts)
        ]
        return cls(tuple(phrase for phrase in phrases if phrase))

    def tsquery(self) -> str:
        """Return the literal of a tsquery."""
        return " & ".join(f"({_joined(phrase)})" for phrase in self.phrases)

    def places(self, content: str) -> list[tuple[int, int]]:
        """Return where a text matches, as ranges of its code points, in order and apart."""
        folded, origin = fold_with_places(content)
        placed = {position: (term, start) for position, term, start in placed_terms(folded)}
        found = sorted(
            (origin[start], origin[end]) for phrase in self.phrases for start, end in _matches(phrase, placed)
        )
        return _merged(found)


def _phrase(text: str, *, is_open: bool) -> Phrase:
    found = list(terms(text))
    if not found:
        return ()
    # The last letter of a run stands alone at the end of a text's run: within a longer one it is another's beginning.
    kept = [
        (position, term)
        for number, (position, term) in enumerate(found)
        if not (len(term) == 1 and is_unspaced(term) and number > 0 and _continues(found[number - 1][1], term))
    ]
    first, last = kept[0][0], kept[-1][0]
    return tuple(
        Term(
            position - first,
            term,
            is_beginning=(is_open and position == last and not is_unspaced(term))
            or (len(term) == 1 and is_unspaced(term)),
        )
        for position, term in kept
    )


def _continues(before: str, letter: str) -> bool:
    return len(before) == 2 and is_unspaced(before) and before[1] == letter


def _joined(phrase: Phrase) -> str:
    """Return a phrase as PostgreSQL writes it; terms hold letters, digits and marks alone, so that none needs care."""
    text, at = "", 0
    for term in phrase:
        if text:
            text += f" <{term.distance - at}> "
        at = term.distance
        text += f"'{term.text}'" + (":*" if term.is_beginning else "")
    return text


def _matches(phrase: Sequence[Term], placed: dict[int, tuple[str, int]]) -> Iterator[tuple[int, int]]:
    """Yield where the terms of a phrase stand, as ranges of the folded text."""
    for position, (text, _) in placed.items():
        if not phrase[0].matches(text):
            continue
        here = [placed.get(position + term.distance) for term in phrase]
        if all(at is not None and term.matches(at[0]) for term, at in zip(phrase, here, strict=True)):
            for term, at in zip(phrase, here, strict=True):
                if at is not None:
                    yield at[1], at[1] + len(term.text)


def _merged(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in ranges:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
