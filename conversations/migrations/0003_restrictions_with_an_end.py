from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0002_foreign_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversationmember",
            name="restricted_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
