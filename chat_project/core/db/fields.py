"""Column types that every app's models share."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Func, Value
from django.db.models.lookups import Exact

from chat_project.core.db.cuid import LENGTH, PATTERN, new_cuid


class BytewiseCharField(models.CharField):
    """Text that compares as bytes: `varchar(n) COLLATE "C"`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_collation"] = "C"
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["db_collation"]
        return name, path, args, kwargs

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        # Spelt out, since Django adds a second, `_like` index to every keyed column of type "varchar…";
        # under the collation "C" the first already serves prefixes.
        return f"character varying({self.max_length})"


class CuidField(BytewiseCharField):
    """A CUID column, whose ids sort by time. As a foreign value it is given, never drawn."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = LENGTH
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs


class CuidKeyField(CuidField):
    """A CUID that is made when the row is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["default"] = new_cuid
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["default"], kwargs["editable"]
        return name, path, args, kwargs


class EnumField(models.CharField):
    """A column of a PostgreSQL enum type, whose values are those of a `TextChoices` class."""

    def __init__(self, *args: Any, enum: str, **kwargs: Any) -> None:
        self.enum = enum
        kwargs["max_length"] = 63
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        return name, path, args, kwargs | {"enum": self.enum}

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return self.enum

    def cast_db_type(self, connection: BaseDatabaseWrapper) -> str:
        return self.enum


class JsonbTypeof(Func):
    """`jsonb_typeof(column)`: the kind of JSON value that stands in a column."""

    function = "jsonb_typeof"
    output_field = models.TextField()


class CharLength(Func):
    """`char_length(column)`, in code points."""

    function = "char_length"
    output_field = models.IntegerField()


class OctetLength(Func):
    """`octet_length(column)`, in bytes."""

    function = "octet_length"
    output_field = models.IntegerField()


def is_json_object(column: str) -> Exact:
    """Return the condition that a jsonb column holds an object (or is null)."""
    return Exact(JsonbTypeof(column), Value("object"))


def is_cuid_text(column: str) -> models.Q:
    """Return the condition that a column holds an id's form: what is not one would not sort by time."""
    return models.Q((f"{column}__regex", PATTERN.pattern))
