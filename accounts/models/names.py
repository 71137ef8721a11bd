from django.db import models
from django.db.models.functions import Lower

from accounts.enums import NameKind
from chat_project.core.db.fields import CuidField, EnumField


class ReservedName(models.Model):
    """A username or handle given up, closed to others for a time.

    `holder_id` is who may have it back: the person of a username, the conversation of a handle. A value without a
    foreign key; null for a closed account, which no row may still name.
    """

    pk = models.CompositePrimaryKey("kind", "name")
    kind = EnumField(enum="name_kind", choices=NameKind.choices)
    name = models.CharField(max_length=32)
    holder_id = CuidField(null=True)
    reserved_until = models.DateTimeField()

    class Meta:
        db_table = "reserved_names"
        constraints = [
            models.CheckConstraint(condition=models.Q(name=Lower("name")), name="reserved_names_name_lower"),
        ]
        indexes = [
            # What cleanup removes.
            models.Index(fields=["reserved_until"], name="reserved_names_expiry_idx"),
        ]

    def __str__(self) -> str:
        return self.name
