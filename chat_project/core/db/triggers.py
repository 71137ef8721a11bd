"""Triggers as the database has them. Models list theirs in `triggers`; a migration adds each by `AddTrigger`."""

from dataclasses import dataclass
from typing import Literal

from chat_project.core.db.declarations import Declaration


@dataclass(frozen=True)
class Trigger(Declaration):
    """A trigger that runs `function` BEFORE `events`, whatever `session_replication_role` says."""

    name: str
    events: str
    level: Literal["ROW", "STATEMENT"]
    function: str

    def statements(self, table: str, function_schema: str = "") -> list[str]:
        """Return the SQL that puts it on a table."""
        function = f"{function_schema}.{self.function}" if function_schema else self.function
        return [
            f'CREATE TRIGGER "{self.name}" BEFORE {self.events} ON "{table}" '
            f"FOR EACH {self.level} EXECUTE FUNCTION {function}()",
            f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER "{self.name}"',
        ]
