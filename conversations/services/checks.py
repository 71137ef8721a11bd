"""The fields that a conversation shows, as they may be stored."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from accounts.enums import NameKind
from accounts.names import check_name_is_free, clean_name, clean_text
from chat_project.core.errors import InvalidError
from conversations.models.conversations import DESCRIPTION_MAX_LENGTH, TITLE_MAX_LENGTH


def checked_title(title: str) -> str:
    """Return a title on one line, without bidi and control characters. Raises InvalidError."""
    cleaned = clean_name(title)
    if not 1 <= len(cleaned) <= TITLE_MAX_LENGTH:
        raise InvalidError.of("title", f"Give 1 to {TITLE_MAX_LENGTH} characters.")
    return cleaned


def checked_description(description: str) -> str:
    """Return a description, trimmed, without bidi and control characters. Raises InvalidError."""
    text = clean_text(description)
    if len(text) > DESCRIPTION_MAX_LENGTH:
        raise InvalidError.of("description", f"Give at most {DESCRIPTION_MAX_LENGTH} characters.")
    return text


def checked_handle(handle: str | None, *, holder_id: str | None = None) -> str | None:
    """Return a handle in lower case; None stays None. `holder_id` is the conversation that may have its own back.

    Whether somebody else has it is the table's unique key to say: see `taken_handle_refused`. Raises InvalidError.
    """
    if handle is None:
        return None
    name = handle.strip().removeprefix("@").lower()
    check_name_is_free(name, kind=NameKind.HANDLE, field="handle", holder_id=holder_id)
    return name


@contextmanager
def taken_handle_refused() -> Iterator[None]:
    """Turn the unique key's refusal of a write into the field's error.

    Raises: InvalidError.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "conversations_handle_key" not in str(error):
            raise
        raise InvalidError.of("handle", "This handle is taken.", code="name_taken") from None
