from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0008_report_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="moderationaction",
            name="seen_at",
            field=models.DateTimeField(null=True),
        ),
    ]
