"""Foreign keys as the database has them, with ON DELETE.

Django makes its keys without ON DELETE and collects dependants in Python, a row at a time. Models here say
`on_delete=DO_NOTHING, db_constraint=False` and list their real keys in `foreign_keys`; a migration adds each by
`AddForeignKey`, and `db_validate` holds the two against each other.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class ForeignKeyConstraint:
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

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        """Tell the migration writer how to write this down."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return f"{type(self).__module__}.{type(self).__qualname__}", [], values
