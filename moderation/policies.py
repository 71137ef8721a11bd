"""Who among the staff may act on whom: pure questions."""

from collections.abc import Collection
from enum import IntEnum

from moderation.errors import StaffProtectedError

MODERATORS = "Moderators"
ADMINISTRATORS = "Administrators"


class Rank(IntEnum):
    """How high somebody stands; staff act on who stands below them."""

    NOBODY = 0
    MODERATOR = 1
    ADMINISTRATOR = 2
    SUPERUSER = 3


def rank_of(*, is_staff: bool, is_superuser: bool, groups: Collection[str]) -> Rank:
    """Return the rank of an account. Staff of no group, or of one of an operator's own, rank with moderators."""
    if not is_staff:
        return Rank.NOBODY
    if is_superuser:
        return Rank.SUPERUSER
    return Rank.ADMINISTRATOR if ADMINISTRATORS in groups else Rank.MODERATOR


def require_above(actor: Rank, subject: Rank) -> None:
    """Refuse to act on somebody of one's own rank or above. Raises StaffProtectedError."""
    if subject >= max(actor, Rank.MODERATOR):
        raise StaffProtectedError
