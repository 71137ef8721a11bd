"""The rows that `seed` adds by number obey the same rules as the demo's."""

from datetime import UTC, datetime, timedelta

import pytest

from chat_project.core.db.cuid import cuid_floor
from chat_project.demo.bulk.load import seed_crowd
from chat_project.demo.bulk.numbers import Numbers
from messaging.search_text import search_vector
from tests.demo.test_seed_invariants import VIOLATIONS, rows_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

# Of receipts there are none: the reading positions say the same, for a fraction of the rows.
RULES = {
    rule: query
    for rule, query in VIOLATIONS.items()
    if rule != "every message that somebody has read has their receipt"
}

MORE_RULES = {
    "members_version counts the additions": """
        SELECT id FROM conversations WHERE members_version <>
            CASE type WHEN 'DM' THEN 1 ELSE 1 + ceil((member_count - 1) / 200.0) END
    """,
    "the first messages of a group tell who made it and who joined": """
        SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id AND c.type <> 'DM'
        WHERE m.metadata->'system'->>'event' IS DISTINCT FROM
            CASE WHEN seq = 1 THEN 'conversation.created' ELSE 'member.joined' END
            AND (seq = 1 OR c.type = 'GROUP' AND seq <= 1 + ceil((member_count - 1) / 200.0))
    """,
    "who wrote, reacted or read was seen since": """
        SELECT p.user_id FROM conversation_members p JOIN users u ON u.id = p.user_id
        WHERE u.last_seen_at < greatest(p.last_sent_at, p.last_read_at)
    """,
    "nothing lies ahead": """
        SELECT max(at) FROM (
            SELECT created_at FROM messages UNION ALL SELECT created_at FROM message_reactions
            UNION ALL SELECT edited_at FROM message_edits UNION ALL SELECT deleted_at FROM messages
            UNION ALL SELECT last_read_at FROM conversation_members UNION ALL SELECT last_seen_at FROM users
        ) AS happened (at) HAVING max(at) >= '2026-03-01 12:00+00'
    """,
}


@pytest.fixture
def crowd(db: None) -> Numbers:
    """A crowd, written; its first group is large enough to be joined in several goes."""
    numbers = Numbers(people=1000, conversations=60, messages=1600)
    seed_crowd(numbers, now=NOW, tell=lambda line: None)
    return numbers


def test_the_crowd_breaks_no_rule(crowd: Numbers) -> None:
    broken = {rule: rows for rule, query in (RULES | MORE_RULES).items() if (rows := rows_of(query))}
    assert broken == {}


def test_ids_tell_when_their_rows_were_made(crowd: Numbers) -> None:
    for table in ("users", "conversations", "messages", "contact_requests"):
        for key, created_at in rows_of(f"SELECT id, created_at FROM {table}"):
            assert key.startswith(cuid_floor(created_at))


def test_search_finds_each_message_as_if_it_had_been_sent(crowd: Numbers) -> None:
    rows = rows_of("SELECT content, search::text FROM messages WHERE NOT is_deleted")
    literals = [search_vector(content) for content, _ in rows]
    query = "SELECT literal::tsvector::text FROM unnest(%s::text[]) AS literal"
    assert [search for _, search in rows] == [made for (made,) in rows_of(query, [literals])]


def test_few_conversations_hold_many_messages_and_many_hold_few(crowd: Numbers) -> None:
    sizes = [size for (size,) in rows_of("SELECT last_seq FROM conversations ORDER BY last_seq DESC")]
    assert sum(sizes) == crowd.messages
    assert sum(sizes[:12]) > 0.5 * crowd.messages
    assert sizes[0] > 10 * sizes[30] > 0
    kinds = dict(rows_of("SELECT type::text, count(*) FROM conversations GROUP BY type"))
    assert min(kinds["DM"], kinds["GROUP"]) > kinds["CHANNEL"] > 0


def test_messages_come_in_bursts(crowd: Numbers) -> None:
    query = """
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY gap), max(gap) FROM (
            SELECT created_at - lag(created_at) OVER (PARTITION BY conversation_id ORDER BY seq) AS gap FROM messages
        ) AS gaps
    """
    [(usual, longest)] = rows_of(query)
    assert usual < timedelta(minutes=2)
    assert longest > timedelta(days=20)


def test_all_five_alphabets_are_written(crowd: Numbers) -> None:
    letters = {"latin": "a-z", "cyrillic": "\u0430-\u044f", "arabic": "ء-ي", "kana": "ぁ-ん", "hangul": "가-힣"}
    for alphabet, pattern in letters.items():
        [(texts, people)] = rows_of(
            f"SELECT (SELECT count(*) FROM messages WHERE content ~ '[{pattern}]'),"
            f" (SELECT count(*) FROM users WHERE display_name ~ '[{pattern}]')"
        )
        assert texts > 50, alphabet
        assert people > 10 or alphabet == "kana", alphabet


def test_there_is_something_of_everything(crowd: Numbers) -> None:
    query = """
        SELECT (SELECT count(*) FROM message_edits), (SELECT count(*) FROM message_reactions),
            (SELECT count(*) FROM message_mentions), (SELECT count(*) FROM messages WHERE is_deleted),
            (SELECT count(*) FROM messages WHERE pinned_at IS NOT NULL),
            (SELECT count(*) FROM messages WHERE reply_to_id IS NOT NULL),
            (SELECT count(*) FROM messages WHERE client_id IS NOT NULL),
            (SELECT count(*) FROM conversation_members p JOIN conversations c ON c.id = p.conversation_id
             WHERE p.last_read_seq < c.last_seq),
            (SELECT max(member_count) / 201 FROM conversations WHERE type = 'GROUP')
    """
    [found] = rows_of(query)
    assert min(found) > 0, found
