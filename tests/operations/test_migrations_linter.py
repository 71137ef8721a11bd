"""What may not be in a migration that is applied while the version before still serves."""

from io import StringIO

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.core.management import call_command
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.state import ModelState, ProjectState

from chat_project.core.db.foreign_keys import ForeignKeyConstraint
from chat_project.core.db.operations import AddForeignKey
from chat_project.schema import unsafe

INDEX = models.Index(fields=["size"], name="files_size_idx")
POSITIVE = models.CheckConstraint(condition=models.Q(size__gt=0), name="files_size_positive")


def state() -> ProjectState:
    before = ProjectState()
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("size", models.IntegerField(null=True)),
        ("name", models.CharField(max_length=50)),
    ]
    before.add_model(ModelState("files", "File", fields, {"db_table": "files"}))
    return before


def judged(*given, atomic=True):
    migration = Migration("0009_change", "files")
    migration.operations, migration.atomic = list(given), atomic
    return list(unsafe.unsafe_operations(migration, state()))


def nothing(apps, schema_editor):
    """Stands for a backfill."""


UNSAFE = {
    "an index made in one go": operations.AddIndex("file", INDEX),
    "an index dropped in one go": operations.RemoveIndex("file", "files_size_idx"),
    "a constraint that is checked at once": operations.AddConstraint("file", POSITIVE),
    "a column that old code does not fill": operations.AddField("file", "hue", models.IntegerField(default=0)),
    "a column with an index": operations.AddField("file", "hue", models.IntegerField(null=True, db_index=True)),
    "a column that old code reads": operations.RemoveField("file", "size"),
    "a column of another name": operations.RenameField("file", "size", "bytes"),
    "a column of another type": operations.AlterField("file", "size", models.TextField(null=True)),
    "a shorter column": operations.AlterField("file", "name", models.CharField(max_length=20)),
    "a column that is not null any more": operations.AlterField("file", "size", models.IntegerField()),
    "a table of another name": operations.RenameModel("File", "Upload"),
    "a table that old code reads": operations.DeleteModel("File"),
    "rows changed in one transaction": operations.RunPython(nothing),
    "an index by SQL": operations.RunSQL("CREATE INDEX files_size_idx ON files (size)"),
    "a constraint by SQL": operations.RunSQL("ALTER TABLE files ADD CONSTRAINT a CHECK (size > 0)"),
    "a column dropped by SQL": operations.RunSQL(["ALTER TABLE files DROP COLUMN size"]),
    "a type by SQL": operations.RunSQL([("ALTER TABLE files ALTER COLUMN size TYPE bigint", [])]),
    "rows changed by SQL": operations.RunSQL("UPDATE files SET size = 0"),
    "a key that is checked at once": AddForeignKey(
        "files", ForeignKeyConstraint("files_owner_fk", ("owner_id",), "users", "CASCADE")
    ),
    "an index hidden in a separation": operations.SeparateDatabaseAndState(
        database_operations=[operations.AddIndex("file", INDEX)]
    ),
}
SAFE = {
    "an index made beside": AddIndexConcurrently("file", INDEX),
    "a constraint for new rows": AddConstraintNotValid("file", POSITIVE),
    "a column that may be empty": operations.AddField("file", "hue", models.IntegerField(null=True)),
    "a column that the database fills": operations.AddField("file", "hue", models.IntegerField(db_default=0)),
    "a longer column": operations.AlterField("file", "name", models.CharField(max_length=90)),
    "a column that the database does not notice": operations.AlterField(
        "file", "name", models.CharField(max_length=50, help_text="As it was uploaded.")
    ),
    "a column that the state gives up": operations.SeparateDatabaseAndState(
        state_operations=[operations.RemoveField("file", "size")]
    ),
    "a column that the state gave up before": operations.SeparateDatabaseAndState(
        database_operations=[operations.RemoveField("file", "size")]
    ),
    "an index of no partition yet": operations.RunSQL("CREATE INDEX files_size_idx ON ONLY files (size)"),
    "an index by SQL beside": operations.RunSQL("CREATE INDEX CONCURRENTLY files_size_idx ON files (size)"),
    "a constraint by SQL for new rows": operations.RunSQL(
        "ALTER TABLE files ADD CONSTRAINT a CHECK (size > 0) NOT VALID"
    ),
}


@pytest.mark.parametrize("operation", UNSAFE.values(), ids=UNSAFE)
def test_it_is_refused(operation):
    assert len(judged(operation)) == 1


@pytest.mark.parametrize("operation", SAFE.values(), ids=SAFE)
def test_it_is_let_through(operation):
    assert judged(operation) == []


def test_a_backfill_has_a_file_of_its_own_without_a_transaction():
    assert judged(operations.RunPython(nothing), atomic=False) == []
    column = operations.AddField("file", "hue", models.IntegerField(null=True))
    assert len(judged(column, operations.RunPython(nothing), atomic=False)) == 1


def test_a_table_that_is_new_may_have_anything():
    fields = [("id", models.BigAutoField(primary_key=True)), ("size", models.IntegerField())]
    made = operations.CreateModel("Folder", fields, {"db_table": "folders"})
    index = models.Index(fields=["size"], name="folders_size_idx")
    assert judged(made, operations.AddIndex("folder", index), operations.RemoveField("folder", "size")) == []
    assert judged(made, operations.RunSQL("CREATE INDEX folders_idx ON folders (size)")) == []


def test_the_projects_migrations_pass():
    said = StringIO()
    call_command("lint_migrations", stdout=said)
    assert said.getvalue() == ""
