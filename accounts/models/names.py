from django.db import models

from accounts.enums import NameKind
from chat_project.core.db.fields import EnumField


class ReservedName(models.Model):
    """A username or handle given up, closed to others for a time."""

    pk = models.CompositePrimaryKey("kind", "name")
    kind = EnumField(enum="name_kind", choices=NameKind.choices)
    name = models.CharField(max_length=32)
    reserved_until = models.DateTimeField()

    class Meta:
        db_table = "reserved_names"
        indexes = [
            # What cleanup removes.
            models.Index(fields=["reserved_until"], name="reserved_names_expiry_idx"),
        ]

    def __str__(self) -> str:
        return self.name
