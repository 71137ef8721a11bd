"""Who wrote something, by id."""

from collections.abc import Collection

from django.db import connection

from accounts.authors import Author

_AUTHORS = "SELECT id, username, display_name, avatar_key, is_active FROM users WHERE id = ANY(%s)"


def authors_by_id(user_ids: Collection[str]) -> dict[str, Author]:
    """Return people by id, as all readers of what they wrote see them; who was purged is left out. One statement."""
    if not user_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_AUTHORS, [list(user_ids)])
        return {values[0]: Author(*values) for values in cursor.fetchall()}
