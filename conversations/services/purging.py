"""People who are deleted for good: an operator's command. The database cascades; this does it in bounded pieces."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models, transaction
from psycopg.sql import SQL, Composed, Identifier, Literal

from accounts.models import User
from chat_project.core import audit
from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from conversations.services.leaving import close_account_of
from messaging.recent import forget_messages

BATCH = 5000

_COUNT = SQL("SELECT count(*) FROM {table} WHERE {column} = %s")
_DELETE = SQL("DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {column} = %s LIMIT {batch})")
_FORGET = SQL(
    "UPDATE {table} SET {column} = NULL WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {column} = %s LIMIT {batch})"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key to people: `is_own` where the row goes with the person, else it loses their name."""

    table: str
    column: str
    key: tuple[str, ...]
    is_own: bool

    @property
    def label(self) -> str:
        """How a report names it."""
        return f"{self.table}.{self.column}"


def count_references(*, user_id: str) -> dict[Reference, int]:
    """Return how many rows refer to a person, by foreign key; those that no row uses are left out."""
    counts: dict[Reference, int] = {}
    with connection.cursor() as cursor:
        for reference in references():
            cursor.execute(_COUNT.format(**_names(reference)), [user_id])
            [count] = cursor.fetchone() or (0,)
            if count:
                counts[reference] = count
    return counts


def purge_account(*, user_id: str, actor_id: str | None = None) -> None:
    """Delete a person and all that is their own; what they wrote loses their name.

    The account is closed first, so that nothing is added any more. What refers to it goes in pieces of 5,000 rows, each
    a transaction of its own, and the account's row at the end. Killed anywhere, it can be run again.
    """
    if User.objects.filter(pk=user_id, is_active=True).exists():
        close_account_of(user_id=user_id, actor_id=actor_id)
    for reference in references():
        _clear(reference, user_id)
    with transaction.atomic():
        account = User.objects.select_for_update().get(pk=user_id)
        audit.record(actor_id=actor_id, action="account.purged", target=account)
        # In SQL: the foreign keys take what came in between.
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM users WHERE id = %s", [user_id])
        # Names, reactions and mentions went without a version.
        transaction.on_commit(forget_messages)


def references() -> Iterator[Reference]:
    """Return the foreign keys to people of all tables."""
    for model in apps.get_models():
        for each in getattr(model, "foreign_keys", ()):
            if _is_to_people(each):
                yield Reference(
                    table=model._meta.db_table,
                    column=each.columns[0],
                    key=_key_of(model),
                    is_own=each.on_delete == "CASCADE",
                )


def _is_to_people(key: ForeignKeyConstraint) -> bool:
    return key.to_table == User._meta.db_table and len(key.columns) == 1


def _key_of(model: type[models.Model]) -> tuple[str, ...]:
    return tuple(str(field.column) for field in model._meta.pk_fields)


def _clear(reference: Reference, user_id: str) -> None:
    change = (_DELETE if reference.is_own else _FORGET).format(**_names(reference), batch=Literal(BATCH))
    while True:
        with connection.cursor() as cursor:
            cursor.execute(change, [user_id])
            if cursor.rowcount < BATCH:
                return


def _names(reference: Reference) -> dict[str, Identifier | Composed]:
    return {
        "table": Identifier(reference.table),
        "column": Identifier(reference.column),
        "key": SQL(", ").join(map(Identifier, reference.key)),
    }
