from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attachments", "0002_foreign_keys")]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="waveform",
            field=ArrayField(base_field=models.SmallIntegerField(), null=True, size=None),
        ),
        AddConstraintNotValid(
            model_name="attachment",
            constraint=models.CheckConstraint(
                condition=models.Q(("waveform__len", 64)), name="attachments_waveform_parts"
            ),
        ),
    ]
