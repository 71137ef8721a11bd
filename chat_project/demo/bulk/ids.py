"""CUIDs by the million, from milliseconds: what `chat_project.core.db.cuid` makes, by tables instead of division."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
_TRIPLES = [pair + third for pair in _PAIRS for third in _DIGITS]


def prefix_at(milliseconds: int) -> str:
    """Return the part of an id that says when it was made: c and eight digits."""
    high, low = divmod(milliseconds, 46_656)
    high, middle = divmod(high, 46_656)
    return f"c{_PAIRS[high]}{_TRIPLES[middle]}{_TRIPLES[low]}"


def four_digits(number: int) -> str:
    """Return a number in base 36, the last four digits of it."""
    high, low = divmod(number, 1296)
    return _PAIRS[high % 1296] + _PAIRS[low]


def eight_digits(number: int) -> str:
    """Return a number in base 36, the last eight digits of it."""
    return four_digits(number // 36**4) + four_digits(number)
