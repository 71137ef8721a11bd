from django.db import models
from django.db.models.functions import Now


class DatabaseEpoch(models.Model):
    """What a restore gives anew; one row. Clients compare what the SQL function `database_epoch()` makes of it.

    The function mixes in what PostgreSQL itself changes when a dump is restored or a replica takes over. A copy of
    the data directory put back changes nothing by itself: who does that sets `value` anew.
    """

    id = models.SmallIntegerField(primary_key=True, default=1, db_default=1)
    value = models.CharField(max_length=32)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "database_epochs"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="database_epochs_one_row"),
        ]

    def __str__(self) -> str:
        return self.value
