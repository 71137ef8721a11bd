from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("attachments", "0007_index_by_status"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="attachment",
            index=models.Index(
                condition=models.Q(("is_scanned", False), ("status", "READY")),
                fields=["-id"],
                name="attachments_unscanned_idx",
            ),
        ),
    ]
