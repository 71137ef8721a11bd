"""The rules of the schema as a whole, asked of the catalogue."""

import re

import pytest
from django.core.management import call_command
from django.db import connection

from chat_project.schema.catalogue import Catalogue, read_catalogue
from chat_project.schema.document import PATH, schema_document
from chat_project.schema.expected import declared_models
from chat_project.schema.purposes import purposes

MESSAGE_TREE = (
    "attachments",
    "conversation_members",
    "message_edits",
    "message_mentions",
    "message_reactions",
    "message_receipts",
    "messages",
)
OUR_APPS = ("accounts", "attachments", "conversations", "messaging", "moderation")


@pytest.fixture
def live(db) -> Catalogue:
    with connection.cursor() as cursor:
        return read_catalogue(cursor)


def our_models():
    return [model for model in declared_models(connection) if model._meta.app_label in OUR_APPS]


def our_tables():
    return {model._meta.db_table for model in our_models()}


@pytest.mark.parametrize("table", MESSAGE_TREE)
def test_every_unique_constraint_of_the_message_tree_contains_the_conversation(live, table):
    unique = [index.definition for (owner, _), index in live.indexes.items() if owner == table and index.unique]
    assert unique
    for definition in unique:
        assert "conversation_id" in re.search(r"\(([^)]*)\)", definition)[1].split(", "), definition


@pytest.mark.parametrize("table", MESSAGE_TREE)
def test_the_message_tree_is_keyed_by_conversation_first(live, table):
    assert live.constraints[table, f"{table}_pkey"].definition.startswith("PRIMARY KEY (conversation_id, ")


@pytest.mark.parametrize("table", MESSAGE_TREE)
def test_references_to_messages_go_by_conversation(live, table):
    keys = [key.definition for (owner, _), key in live.constraints.items() if owner == table]
    for definition in keys:
        if "REFERENCES messages" in definition:
            assert definition.startswith("FOREIGN KEY (conversation_id, ")


def test_every_jsonb_column_holds_an_object(live):
    columns = [
        name
        for name, column in live.columns.items()
        if name[0] in our_tables() and column.definition.startswith("jsonb")
    ]
    assert len(columns) >= 9
    checks = {(table, check.definition) for (table, _), check in live.constraints.items()}
    for table, column in columns:
        assert (table, f"CHECK (jsonb_typeof({column}) = 'object'::text)") in checks


def test_every_id_compares_as_bytes(live):
    ids = [name for name, column in live.columns.items() if "varying(25)" in column.definition]
    assert len(ids) > 30
    for name in ids:
        assert 'COLLATE "C"' in live.columns[name].definition, name


def test_every_foreign_key_of_ours_acts_in_sql(live):
    keys = {
        name: key.definition
        for name, key in live.constraints.items()
        if key.definition.startswith("FOREIGN KEY")
        and (name[0] in our_tables() or "REFERENCES users" in key.definition)
    }
    assert len(keys) > 30
    for name, definition in keys.items():
        assert re.search(r" ON DELETE (CASCADE|SET NULL)( \(\w+\))?$", definition), name


def test_every_foreign_key_has_an_index_that_serves_its_on_delete(live):
    indexes = {}
    for (table, _), index in live.indexes.items():
        indexes.setdefault(table, []).append(re.search(r"\(([^)]*)\)", index.definition)[1])
    for (table, name), key in live.constraints.items():
        if table in our_tables() and key.definition.startswith("FOREIGN KEY"):
            columns = re.match(r"FOREIGN KEY \(([^)]*)\)", key.definition)[1]
            assert any(index == columns or index.startswith(f"{columns}, ") for index in indexes[table]), name


def test_names_are_at_most_30_characters_and_begin_with_their_table(live):
    names = [(table, name) for table, name in [*live.constraints, *live.indexes] if table in our_tables()]
    for table, name in names:
        if name == f"{table}_pkey":
            continue
        assert len(name) <= 30, name
        assert name.startswith((f"{table}_", f"{table.removeprefix('conversation_')}_")), name


def test_every_index_names_the_query_that_it_serves():
    for model in our_models():
        why = purposes(model)
        for index in model._meta.indexes:
            assert why[index.name], index.name


def test_hot_tables_leave_room_on_their_pages(live):
    assert "fillfactor=80" in live.tables["conversations"].options
    assert "fillfactor=80" in live.tables["conversation_members"].options


def test_messages_and_receipts_have_16_partitions(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhparent::regclass::text, count(*) FROM pg_inherits"
            " WHERE inhparent IN ('messages'::regclass, 'message_receipts'::regclass) GROUP BY 1 ORDER BY 1"
        )
        assert cursor.fetchall() == [("message_receipts", 16), ("messages", 16)]


def test_the_models_and_the_migrations_agree(db):
    call_command("makemigrations", "--check", "--dry-run", skip_checks=True)


def test_the_page_about_the_schema_is_current(db):
    assert PATH.read_text() == schema_document(connection)
