"""Django's sessions in the database, read through Redis while it is there."""

from typing import Any

from django.contrib.sessions.backends import cached_db
from redis.exceptions import RedisError


class SessionStore(cached_db.SessionStore):
    """Django's `cached_db`, which without this fails with Redis.

    What Redis still holds of a session that was deleted meanwhile signs nobody in: its `user_sessions` row has ended.
    """

    def load(self) -> dict[str, Any]:
        try:
            return super().load()
        except RedisError:
            return super(cached_db.SessionStore, self).load()

    def exists(self, session_key: str) -> bool:
        try:
            return super().exists(session_key)
        except RedisError:
            return super(cached_db.SessionStore, self).exists(session_key)

    def delete(self, session_key: str | None = None) -> None:
        try:
            super().delete(session_key)
        except RedisError:
            super(cached_db.SessionStore, self).delete(session_key)
