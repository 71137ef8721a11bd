"""The log of slow queries."""

import pytest
from django.db import connection

from chat_project.core.slow_queries import TEXT_MAX, text_of, watch_connections


@pytest.mark.django_db
def test_a_query_that_takes_too_long_is_logged_without_its_values(settings, caplog):
    settings.SLOW_QUERY_MILLISECONDS = 400
    watch_connections()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("SELECT pg_sleep(%s),\n   %s", [0.4, "a value"])
    said = [record.getMessage() for record in caplog.records if record.name.endswith("slow_queries")]
    assert len(said) == 1
    assert said[0].endswith("ms: SELECT pg_sleep(%s), %s")


def test_of_many_rows_that_are_inserted_one_is_shown():
    rows = ", ".join(["(%s, (%s)::text)", *["(%s, %s)"] * 500])
    assert text_of(f"INSERT INTO x (a, b) VALUES {rows}") == "INSERT INTO x (a, b) VALUES (%s, (%s)::text), (%s, %s), …"
    assert len(text_of("SELECT " + "a, " * 5000)) == TEXT_MAX
