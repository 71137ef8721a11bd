"""How values stand in Redis: JSON, since nothing that is read back may run."""

from typing import Any

import orjson


class JsonSerializer:
    """The serializer of Django's Redis cache; integers stay bare, so that Redis can count them."""

    def dumps(self, value: Any) -> bytes | int:
        if type(value) is int:
            return value
        return orjson.dumps(value)

    def loads(self, data: bytes) -> Any:
        return orjson.loads(data)
