from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("attachments", "0005_quarantine"),
    ]

    operations = [
        ValidateConstraint(model_name="attachment", name="attachments_quarantine_shut"),
        ValidateConstraint(model_name="attachment", name="attachments_removed_if_bad"),
    ]
