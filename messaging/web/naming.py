"""People by the usernames that somebody typed or picked."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.errors import PersonNotFoundError
from accounts.models import User
from accounts.services.lookups import look_up


def names_in(text: str) -> list[str]:
    """Return the usernames in a text, each once: spaces, commas and semicolons stand between them."""
    return list(dict.fromkeys(name.removeprefix("@") for name in re.findall(r"[^\s,;]+", text)))


def id_of(*, viewer: User, name: str) -> str:
    """Return the id of the person of a username. Raises what `look_up` does, and has it name who is not found."""
    try:
        return look_up(viewer=viewer, username=name).user.pk
    except PersonNotFoundError as error:
        error.errors = {"username": [_("There is nobody called @%(name)s.") % {"name": name}]}
        raise


def not_added(names: Iterable[str]) -> str:
    """Say whom somebody's privacy kept out of a conversation."""
    listed = ", ".join(f"@{name}" for name in names)
    return _("Not added: %(names)s. Not everybody lets others add them: send an invite link.") % {"names": listed}
