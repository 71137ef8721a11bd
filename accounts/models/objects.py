from django.db import models
from django.db.models.functions import Now

from chat_project.core.db.fields import BytewiseCharField


class DiscardedObject(models.Model):
    """A key in the storage that no row names: not yet, or no more. What stands here for long is deleted.

    A new object's key is written here before the object is stored, and taken out by the transaction that names it.
    """

    key = BytewiseCharField(primary_key=True, max_length=200)
    discarded_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "discarded_objects"
        indexes = [
            # What the sweep deletes.
            models.Index(fields=["discarded_at"], name="discarded_objects_age_idx"),
        ]

    def __str__(self) -> str:
        return self.key
