"""What every declaration of a piece of the database has in common."""


class Declaration:
    """A frozen dataclass that stands in models and in migrations alike."""

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        """Tell the migration writer how to write this down."""
        values = {name: getattr(self, name) for name in getattr(self, "__dataclass_fields__", ())}
        return f"{type(self).__module__}.{type(self).__qualname__}", [], values
