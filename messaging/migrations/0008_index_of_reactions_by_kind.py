from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("messaging", "0007_replies_to_what_lives"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="messagereaction",
            index=models.Index(
                fields=["conversation", "message_id", "emoji", "created_at", "user"], name="message_reactions_kinds_idx"
            ),
        ),
    ]
