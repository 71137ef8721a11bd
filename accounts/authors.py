"""Who wrote something: as much of a person as all readers see."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Author:
    """What `accounts.representations.author` must know of somebody, without the rest of their row."""

    id: str
    username: str | None
    display_name: str
    avatar_key: str | None
    is_active: bool
