from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_mails_and_limits")]

    operations = [
        migrations.AddField("usersession", "auth_version", models.IntegerField(db_default=1, default=1)),
        # Those that are signed in stay signed in.
        migrations.RunSQL(
            "UPDATE user_sessions SET auth_version = users.auth_version FROM users"
            " WHERE users.id = user_sessions.user_id AND users.auth_version <> 1",
            migrations.RunSQL.noop,
        ),
    ]
