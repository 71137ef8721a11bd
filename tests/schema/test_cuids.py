import random
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import Error, connection, transaction

from chat_project.core.db.cuid import cuid_at, cuid_floor, is_cuid, new_cuid
from tests.factories import UserFactory

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moments(count: int, seed: int = 7) -> list[datetime]:
    """Return moments of the next centuries, to the microsecond, and those around whole milliseconds."""
    chance = random.Random(seed)
    anywhere = [EPOCH + timedelta(microseconds=chance.randrange(36**8 * 1000)) for _ in range(count)]
    edges = [EPOCH + timedelta(milliseconds=chance.randrange(36**8), microseconds=n) for n in (0, 1, 999)]
    return anywhere + edges


def test_ids_of_one_process_sort_as_they_were_made():
    ids = [new_cuid() for _ in range(20_000)]
    assert ids == sorted(set(ids))
    assert all(is_cuid(made) for made in ids)


def test_ids_of_many_threads_never_repeat():
    with ThreadPoolExecutor(8) as pool:
        ids = [made for batch in pool.map(lambda _: [new_cuid() for _ in range(2000)], range(8)) for made in batch]
    assert len(set(ids)) == len(ids)


def test_an_id_sorts_after_the_floor_of_its_moment_and_before_the_next():
    for moment in moments(500):
        made = cuid_at(moment)
        assert is_cuid(made)
        assert cuid_floor(moment) <= made < cuid_floor(moment + timedelta(milliseconds=1))


def test_floors_sort_as_their_moments():
    drawn = sorted(moments(500))
    floors = [cuid_floor(moment) for moment in drawn]
    assert floors == sorted(floors)


@pytest.mark.parametrize(
    "text", ["", "c", "c" * 26, "x" + "0" * 24, "C" + "0" * 24, "c" + "0" * 23 + "A", "c" + "0" * 24 + "\n"]
)
def test_what_is_no_id_is_told(text):
    assert not is_cuid(text)


@pytest.mark.django_db
def test_sql_and_python_agree_on_floors():
    drawn = [moment for moment in moments(500) if moment.year < 9000]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cuid_floor(moment) FROM unnest(%s::timestamptz[]) WITH ORDINALITY AS t (moment, n) ORDER BY n",
            [drawn],
        )
        assert [floor for (floor,) in cursor.fetchall()] == [cuid_floor(moment) for moment in drawn]


@pytest.mark.django_db
def test_postgresql_sorts_ids_as_python_does():
    ids = [cuid_at(moment) for moment in moments(300)]
    with connection.cursor() as cursor:
        cursor.execute('SELECT id FROM unnest(%s::text[]) AS id ORDER BY id COLLATE "C"', [ids])
        assert [made for (made,) in cursor.fetchall()] == sorted(ids)


@pytest.mark.django_db
def test_the_database_refuses_an_id_of_another_form():
    with pytest.raises(Error, match="users_id_cuid"), transaction.atomic():
        UserFactory(id="c" + "A" * 24)


@pytest.mark.django_db
def test_the_epoch_stays_while_the_database_does():
    first, again = _epoch(), _epoch()
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert first == again


@pytest.mark.django_db
@pytest.mark.parametrize(
    "restore",
    [
        "UPDATE database_epochs SET value = 'restored'",
        "CREATE TABLE dumped AS SELECT * FROM database_epochs; DROP TABLE database_epochs;"
        " ALTER TABLE dumped RENAME TO database_epochs",
    ],
    ids=["by hand", "in place"],
)
def test_a_restore_begins_another_epoch(restore):
    before = _epoch()
    with connection.cursor() as cursor:
        cursor.execute(restore)
    assert _epoch() != before


def test_a_copy_of_the_database_is_another_epoch(own_database):
    original = connection.copy()
    original.settings_dict = own_database
    with original.cursor() as cursor:
        cursor.execute(
            "SELECT database_epoch(), value, pg_get_functiondef('database_epoch'::regproc) FROM database_epochs"
        )
        there, value, function = cursor.fetchone()
    original.close()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE database_epochs AS SELECT %s AS value", [value])
        cursor.execute(function)
    assert _epoch() != there


def _epoch() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT database_epoch()")
        return cursor.fetchone()[0]
