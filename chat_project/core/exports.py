"""What a person's export holds. Each app says in its module `exports` what of a person's lies with it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.module_loading import autodiscover_modules

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that goes with a row: under which name, and where it lies in the storage."""

    name: str
    key: str


def _no_files(_row: Row) -> Iterable[StoredFile]:
    return ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One JSON file of an export.

    `rows` returns a query of `.values()` for the id of a person, ordered, over an index. `hidden` are fields that
    `files` needs and the export does not show.
    """

    name: str
    rows: Callable[[str], QuerySet[Any, Any]]
    files: Callable[[Row], Iterable[StoredFile]] = _no_files
    hidden: frozenset[str] = frozenset()


_sections: dict[str, Section] = {}


def register(*sections: Section) -> None:
    """Add sections to every export."""
    for section in sections:
        _sections[section.name] = section


def sections() -> list[Section]:
    """Return all that an export holds, in the order of its names."""
    autodiscover_modules("exports")
    return sorted(_sections.values(), key=lambda section: section.name)
