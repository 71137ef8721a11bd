"""All that is wrong with a form at once, by its fields."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from accounts.models import User
from chat_project.core.errors import InvalidError

_TAKEN = {
    "username": "This name is taken.",
    "email": "This address is taken.",
    "phone": "This number is taken.",
}


def checked(**checks: Callable[[], Any]) -> dict[str, Any]:
    """Return what each field's check returns. Raises one InvalidError with the errors of all that fail."""
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for field, check in checks.items():
        try:
            values[field] = check()
        except InvalidError as error:
            errors.update(error.errors)
    if errors:
        raise InvalidError(errors=errors)
    return values


def require_untaken(values: Mapping[str, Any], *, except_id: str | None = None) -> None:
    """Refuse names, addresses and numbers that somebody else has. Raises one InvalidError with all of them."""
    unique = {field: values[field] for field in _TAKEN if values.get(field)}
    if not unique:
        return
    named = Q(*unique.items(), _connector=Q.OR)
    others = list(User.objects.filter(named).exclude(pk=except_id).values(*unique))
    taken = [field for field, value in unique.items() if any(other[field] == value for other in others)]
    if taken:
        raise InvalidError(errors={field: [_TAKEN[field]] for field in taken})


@contextmanager
def taken_names_refused() -> Iterator[None]:
    """Turn the unique keys' refusal of a write, the last word among writers at once, into the field's error.

    Raises: InvalidError.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        field = _constraint(error).removeprefix("users_").removesuffix("_key")
        if field not in _TAKEN:
            raise
        raise InvalidError.of(field, _TAKEN[field]) from None


def _constraint(error: IntegrityError) -> str:
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""
