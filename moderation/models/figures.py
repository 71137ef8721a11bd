from django.db import models
from django.db.models.functions import Now


class DailyFigures(models.Model):
    """What a day brought, and how much stood at its end: counted by the clock, since a page must not count it."""

    day = models.DateField(primary_key=True)
    # All that was ever sent to the conversations that there are: a day's messages are the growth since the day before.
    messages_total = models.BigIntegerField()
    sign_ups = models.IntegerField()
    reports = models.IntegerField()
    files = models.BigIntegerField()
    file_bytes = models.BigIntegerField()
    files_infected = models.BigIntegerField()
    files_failed = models.BigIntegerField()
    counted_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "daily_figures"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    messages_total__gte=0,
                    sign_ups__gte=0,
                    reports__gte=0,
                    files__gte=0,
                    file_bytes__gte=0,
                    files_infected__gte=0,
                    files_failed__gte=0,
                ),
                name="daily_figures_counted",
            )
        ]

    def __str__(self) -> str:
        return self.day.isoformat()
