from django.db import migrations, models


class Migration(migrations.Migration):
    """Files keep the order in which they were put into their message; those of before have that of their upload."""

    dependencies = [("attachments", "0009_attempts")]

    operations = [
        migrations.AddField("attachment", "position", models.SmallIntegerField(default=0, db_default=0)),
    ]
