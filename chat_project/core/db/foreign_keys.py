"""Foreign keys as the database has them, with ON DELETE.

Django makes its keys without ON DELETE and collects dependants in Python, a row at a time. Models here say
`on_delete=DO_NOTHING, db_constraint=False` and list their real keys in `foreign_keys`; a migration adds each by
`AddForeignKey`, and `db_validate` holds the two against each other.
"""

from dataclasses import dataclass
from typing import Literal

from chat_project.core.db.declarations import Declaration


@dataclass(frozen=True)
class ForeignKeyConstraint(Declaration):
    """A foreign key of one or more columns.

    `null_columns` names the columns that SET NULL clears, where not all of a composite key may be null.
    """

    name: str
    columns: tuple[str, ...]
    to_table: str
    on_delete: Literal["CASCADE", "SET NULL"]
    to_columns: tuple[str, ...] = ("id",)
    null_columns: tuple[str, ...] = ()

    def definition(self) -> str:
        """Return the clause that `ALTER TABLE … ADD` takes."""
        nulls = f" ({', '.join(self.null_columns)})" if self.null_columns else ""
        return (
            f'CONSTRAINT "{self.name}" FOREIGN KEY ({", ".join(self.columns)}) '
            f'REFERENCES "{self.to_table}" ({", ".join(self.to_columns)}) ON DELETE {self.on_delete}{nulls}'
        )


@dataclass(frozen=True)
class ForeignKeyReplacement(Declaration):
    """A foreign key that takes the place of the one, `replaces`, that Django makes in a table without our model."""

    table: str
    replaces: str
    constraint: ForeignKeyConstraint

    def statements(self) -> list[str]:
        """Return the SQL that puts ours in the place of Django's."""
        return [
            f'ALTER TABLE "{self.table}" DROP CONSTRAINT "{self.replaces}"',
            f'ALTER TABLE "{self.table}" ADD {self.constraint.definition()}',
        ]

    def reverse_statements(self) -> list[str]:
        """Return the SQL that puts Django's back."""
        ours = self.constraint
        return [
            f'ALTER TABLE "{self.table}" DROP CONSTRAINT "{ours.name}"',
            f'ALTER TABLE "{self.table}" ADD CONSTRAINT "{self.replaces}" FOREIGN KEY ({", ".join(ours.columns)}) '
            f'REFERENCES "{ours.to_table}" ({", ".join(ours.to_columns)}) DEFERRABLE INITIALLY DEFERRED',
        ]
