from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# What each group may see and do in the admin: app, model, right. Django makes these rights after all migrations; a
# group that a migration makes needs them before.
MODERATORS = [
    ("moderation", "userreport", "view"),
    ("moderation", "userreport", "change"),
    ("moderation", "moderationaction", "view"),
    ("accounts", "user", "view"),
    ("conversations", "conversation", "view"),
    ("attachments", "attachment", "view"),
]
ADMINISTRATORS = [
    *MODERATORS,
    ("moderation", "auditlog", "view"),
    ("moderation", "auditseal", "view"),
]
GROUPS = {"Moderators": MODERATORS, "Administrators": ADMINISTRATORS}
MODEL_NAMES = {
    "userreport": "user report",
    "moderationaction": "moderation action",
    "auditlog": "audit log",
    "auditseal": "audit seal",
}


def make_groups(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name, rights in GROUPS.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        for app, model, right in rights:
            kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app, model=model)
            permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
                content_type=kind,
                codename=f"{right}_{model}",
                defaults={"name": f"Can {right} {MODEL_NAMES.get(model, model)}"},
            )
            group.permissions.add(permission)


def remove_groups(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("moderation", "0005_foreign_keys_of_actions"),
        ("accounts", "0001_tables"),
        ("attachments", "0001_tables"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(make_groups, remove_groups),
    ]
