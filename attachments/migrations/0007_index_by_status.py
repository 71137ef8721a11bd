from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("attachments", "0006_quarantine_holds"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="attachment",
            index=models.Index(fields=["status", "-id"], name="attachments_status_idx"),
        ),
    ]
