"""Charts as numbers that a template draws: bars of an SVG, without a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH = 600
HEIGHT = 120
_GAP = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A day's bar, in the units of the chart."""

    day: date
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A row of bars, the oldest first; `top` is the value of the highest."""

    title: str
    bars: list[Bar]
    top: int
    total: int

    width = WIDTH
    height = HEIGHT

    @classmethod
    def of(cls, title: str, days: Sequence[tuple[date, int]]) -> "Chart":
        """Return the chart of a value a day."""
        top = max((value for _, value in days), default=0)
        step = WIDTH / max(1, len(days))
        bars = []
        for number, (day, value) in enumerate(days):
            height = round(value / top * (HEIGHT - 2), 1) if top else 0.0
            # What is not nothing is seen.
            height = max(height, 2.0) if value else 0.0
            bars.append(Bar(day, value, round(number * step, 1), HEIGHT - height, round(step - _GAP, 1), height))
        return cls(title, bars, top, sum(value for _, value in days))
