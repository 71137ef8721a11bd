"""Request bodies: the shape that is asked for, to the letter."""

from collections.abc import Mapping
from typing import Any, cast

from django.utils.datastructures import MultiValueDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

# What JSON must hold for a field; DRF by itself takes "5" for 5, 5 for "5" and "yes" for true. Of a class and its
# parents the nearest counts.
_TYPES: Mapping[type[Any], tuple[tuple[type, ...], str]] = {
    serializers.CharField: ((str,), "This must be a text."),
    serializers.ChoiceField: ((str,), "This must be a text."),
    serializers.DateTimeField: ((str,), "This must be a time as text, like 2026-01-31T12:00:00Z."),
    serializers.BooleanField: ((bool,), "This must be true or false."),
    serializers.IntegerField: ((int,), "This must be a whole number."),
    serializers.FloatField: ((int, float), "This must be a number."),
    serializers.ListField: ((list,), "This must be a list."),
    serializers.DictField: ((dict,), "This must be an object."),
}


class StrictSerializer(serializers.Serializer[Any]):
    """A body of which every field is known and has its own JSON type: nothing is coerced, nothing passes silently."""

    @classmethod
    def read(cls, body: Any) -> dict[str, Any]:
        """Return the fields of a body, as a request or a socket's frame brought it.

        Raises: rest_framework.exceptions.ValidationError, which becomes a 400 that names the fields.
        """
        serializer = cls(data=body)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def to_internal_value(self, data: Any) -> Any:
        errors = dict(self._shape_errors(data)) if isinstance(data, dict) else {}
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**cast(dict[str, Any], error.detail), **errors}) from None
        if errors:
            raise ValidationError(errors)
        return value

    def _shape_errors(self, data: dict[str, Any]) -> list[tuple[str, list[ErrorDetail]]]:
        fields = {name: field for name, field in self.fields.items() if not field.read_only}
        errors = [(name, _detail("This field is not known here.")) for name in data if name not in fields]
        if isinstance(data, MultiValueDict):
            errors += [(name, _detail("Give this once.")) for name, values in data.lists() if len(values) > 1]
        for name, field in fields.items():
            problem = _type_problem(field, data[name]) if name in data else None
            if problem:
                errors.append((name, _detail(problem)))
        return errors


class EmptyBody(StrictSerializer):
    """A call that takes no body, or `{}`."""

    @classmethod
    def read(cls, body: Any) -> dict[str, Any]:
        return super().read(body or {})


def _type_problem(field: Any, value: Any) -> str | None:
    if value is None:
        return None
    for kind in type(field).__mro__:
        if kind in _TYPES:
            types, problem = _TYPES[kind]
            # To Python a bool is an int.
            if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
                return problem
            break
    if isinstance(field, serializers.ListField):
        return next(filter(None, (_type_problem(field.child, item) for item in value)), None)
    return None


def _detail(message: str) -> list[ErrorDetail]:
    return [ErrorDetail(message, code="invalid")]
