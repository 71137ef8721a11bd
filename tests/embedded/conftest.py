from collections.abc import Callable, Iterator

import pytest

from chat_project.embedded import Layout
from chat_project.embedded.directories import claim
from tests.embedded.layouts import new_layout, remove


@pytest.fixture
def make_layout() -> Iterator[Callable[..., Layout]]:
    """Make layouts of copies that have no file yet."""
    made: list[Layout] = []

    def make(*below: str) -> Layout:
        made.append(new_layout(*below))
        return made[-1]

    yield make
    for layout in made:
        remove(layout)


@pytest.fixture
def layout(make_layout: Callable[..., Layout]) -> Layout:
    """A copy that was never started."""
    layout = make_layout()
    claim(layout)
    return layout
