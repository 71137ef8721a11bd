from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GROUPS = ("Moderators", "Administrators")
# To have a file scanned again, and to delete what was taken away.
RIGHTS = ("change", "delete")


def give_rights(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    for group in apps.get_model("auth", "Group").objects.filter(name__in=GROUPS):
        group.permissions.add(*_permissions(apps))


def take_rights(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    for group in apps.get_model("auth", "Group").objects.filter(name__in=GROUPS):
        group.permissions.remove(*_permissions(apps))


def _permissions(apps: Apps) -> list[object]:
    # Django makes these rights after all migrations; a group that a migration fills needs them before.
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="attachments", model="attachment"
    )
    return [
        apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=kind, codename=f"{right}_attachment", defaults={"name": f"Can {right} attachment"}
        )[0]
        for right in RIGHTS
    ]


class Migration(migrations.Migration):
    safe_because = "a handful of rows of the groups of staff, which nobody holds"

    dependencies = [
        ("moderation", "0006_groups_of_staff"),
    ]

    operations = [
        migrations.RunPython(give_rights, take_rights),
    ]
