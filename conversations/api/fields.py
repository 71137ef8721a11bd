"""Fields that conversations' bodies share."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from conversations.representations import FOREVER, FOREVER_WORD


@extend_schema_field({"type": "string", "description": f'A time, or "{FOREVER_WORD}".'})
class UntilField(serializers.DateTimeField):
    """An end: a time, or "forever"."""

    def to_internal_value(self, value: Any) -> datetime:
        return FOREVER if value == FOREVER_WORD else min(super().to_internal_value(value), FOREVER)
