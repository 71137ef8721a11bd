from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chat_project.schema.validation import validate

LEFT_OVER = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE 'django_migrations%'
    UNION ALL SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


def test_migrations_run_forwards_and_back_to_zero_and_forwards_again(own_schema):
    executor = MigrationExecutor(connection)
    executor.migrate([(app, None) for app in executor.loader.migrated_apps])
    with connection.cursor() as cursor:
        cursor.execute(LEFT_OVER)
        assert cursor.fetchall() == []

    call_command("migrate", verbosity=0, skip_checks=True)
    assert findings() == []


def test_the_audit_rules_taken_back_and_given_again_are_whole(own_schema):
    call_command("migrate", "moderation", "0002", verbosity=0, skip_checks=True)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE audit_logs")
    call_command("migrate", verbosity=0, skip_checks=True)
    assert findings() == []


def findings() -> list[str]:
    return [str(finding) for finding in validate(connection, connection.settings_dict["USER"]).findings]
