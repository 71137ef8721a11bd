"""A bar for long work: on a terminal alone, so that logs and pipes stay clean."""

from types import TracebackType
from typing import Self

from django.core.management.base import OutputWrapper

_WIDTH = 30


class Bar:
    """Shows how much of a known amount is done; leaves a clean line however the block ends."""

    def __init__(self, output: OutputWrapper, name: str, total: int) -> None:
        self._output = output
        self._name = name
        self._total = max(1, total)
        self._is_shown = output.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_shown:
            self._output.write("\r\x1b[K", ending="")
            self._output.flush()

    def show(self, done: int) -> None:
        """Draw the bar anew."""
        if self._is_shown:
            filled = min(_WIDTH, _WIDTH * done // self._total)
            line = f"\r{self._name} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done} of {self._total}"
            self._output.write(line, ending="")
            self._output.flush()
