from django.db import models

from chat_project.core.db.fields import BytewiseCharField


class LimitWindow(models.Model):
    """How often something was counted while Redis was down. `name` is a hash: what was typed stands nowhere.

    No index but the key, so that counting changes none: rows are few, and gone with their window.
    """

    name = BytewiseCharField(max_length=64, primary_key=True)
    count = models.IntegerField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "limit_windows"

    def __str__(self) -> str:
        return self.name
