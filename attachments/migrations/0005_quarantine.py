from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0004_waveforms_valid"),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="removed_at",
            field=models.DateTimeField(null=True),
        ),
        AddConstraintNotValid(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(("object_key__startswith", "quarantine/"), ("status", "READY"), _negated=True),
                name="attachments_quarantine_shut",
            ),
        ),
        AddConstraintNotValid(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(("removed_at", None), ("status__in", ("INFECTED", "FAILED")), _connector="OR"),
                name="attachments_removed_if_bad",
            ),
        ),
    ]
