from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attachments", "0008_index_of_unscanned")]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="attempts",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
    ]
