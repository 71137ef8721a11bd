"""Somebody by their whole username: whoever knows it finds them, and nobody finds all by trying."""

from accounts.models import User
from accounts.selectors.people import Person, get_person
from chat_project.core.limits import hit

LOOKUPS_AN_HOUR = 1000
HOUR_SECONDS = 3600


def look_up(*, viewer: User, username: str) -> Person:
    """Return the person of a username, with or without its @. Not to be called in a transaction.

    Raises PersonNotFoundError; TooManyRequestsError, whether or not there is somebody, after LOOKUPS_AN_HOUR.
    """
    hit(f"lookups:{viewer.pk}", limit=LOOKUPS_AN_HOUR, seconds=HOUR_SECONDS)
    return get_person(viewer=viewer, reference=f"@{username.strip().removeprefix('@')}")


def find_person(*, viewer: User, reference: str) -> Person:
    """Return the person of an id or an @username. Raises what `look_up` does."""
    if reference.startswith("@"):
        return look_up(viewer=viewer, username=reference)
    return get_person(viewer=viewer, reference=reference)
