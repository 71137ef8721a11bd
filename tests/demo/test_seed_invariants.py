"""The demo's rows obey what the timeline and the services promise, asked in SQL."""

from datetime import datetime
from typing import Any

from django.db import connection

from chat_project.demo.load import Seeded

# Each finds rows that break the rule of its name.
VIOLATIONS = {
    "seq numbers a conversation's messages from 1 without gaps": """
        SELECT conversation_id FROM messages GROUP BY conversation_id
        HAVING min(seq) <> 1 OR max(seq) <> count(*) OR count(DISTINCT seq) <> count(*)
    """,
    "ids, times and seq grow together": """
        SELECT id FROM (
            SELECT id, created_at, lag(id) OVER timeline AS id_before, lag(created_at) OVER timeline AS before
            FROM messages WINDOW timeline AS (PARTITION BY conversation_id ORDER BY seq)
        ) AS m WHERE id <= id_before COLLATE "C" OR created_at <= before
    """,
    "last_seq and the last message are those of the timeline": """
        SELECT c.id FROM conversations c JOIN LATERAL (
            SELECT seq, id, created_at FROM messages WHERE conversation_id = c.id ORDER BY seq DESC LIMIT 1
        ) AS m ON true
        WHERE (c.last_seq, c.last_message_id, c.last_message_at) IS DISTINCT FROM (m.seq, m.id, m.created_at)
    """,
    "each change draws exactly one version": """
        SELECT c.id FROM conversations c WHERE c.version <>
            (SELECT count(*) + sum(edit_count) + count(pinned_at) + count(deleted_at)
                + count(*) FILTER (WHERE metadata->'system'->>'event' = 'title.changed')
             FROM messages WHERE conversation_id = c.id)
            + (SELECT count(*) FROM message_reactions WHERE conversation_id = c.id)
    """,
    "a message's version is its own, and none is above its conversation's": """
        SELECT conversation_id FROM messages m JOIN conversations c ON c.id = conversation_id
        GROUP BY conversation_id HAVING count(DISTINCT m.version) <> count(*) OR max(m.version) > max(c.version)
    """,
    "member_count counts the active": """
        SELECT id FROM conversations c WHERE member_count <>
            (SELECT count(*) FROM conversation_members WHERE conversation_id = c.id AND is_active)
    """,
    "who sent was a member, had joined, and had not left": """
        SELECT m.id FROM messages m LEFT JOIN conversation_members p
            ON p.conversation_id = m.conversation_id AND p.user_id = m.sender_id
        WHERE p.user_id IS NULL OR m.created_at < p.joined_at OR m.created_at > p.left_at OR m.seq < p.visible_from_seq
    """,
    "who reacts is a member, had joined, and finds the message there": """
        SELECT r.message_id FROM message_reactions r
        JOIN messages m ON (m.conversation_id, m.id) = (r.conversation_id, r.message_id)
        LEFT JOIN conversation_members p ON (p.conversation_id, p.user_id) = (r.conversation_id, r.user_id)
        WHERE p.user_id IS NULL OR r.created_at < greatest(m.created_at, p.joined_at) OR m.is_deleted
            OR m.seq < p.visible_from_seq
    """,
    "who is named in a message has a mark in its text": """
        SELECT n.message_id FROM message_mentions n
        JOIN messages m ON (m.conversation_id, m.id) = (n.conversation_id, n.message_id)
        WHERE (m.metadata->'entities' @> jsonb_build_array(jsonb_build_object('user_id', n.user_id))) IS NOT TRUE
    """,
    "in a channel only OWNER and ADMIN post": """
        SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id AND c.type = 'CHANNEL'
        JOIN conversation_members p ON (p.conversation_id, p.user_id) = (m.conversation_id, m.sender_id)
        WHERE p.role NOT IN ('OWNER', 'ADMIN') OR m.metadata->'system'->>'event' = 'member.joined'
    """,
    "has_sent and last_sent_at are those of the last message that was no announcement": """
        SELECT p.user_id FROM conversation_members p LEFT JOIN LATERAL (
            SELECT max(created_at) AS at FROM messages
            WHERE conversation_id = p.conversation_id AND sender_id = p.user_id AND type <> 'SYSTEM'
        ) AS m ON true
        WHERE p.has_sent <> (m.at IS NOT NULL) OR p.last_sent_at IS DISTINCT FROM m.at
    """,
    "nobody leaves unread what they wrote or reacted to": """
        SELECT p.user_id FROM conversation_members p JOIN messages m ON m.conversation_id = p.conversation_id
        WHERE m.seq > p.last_read_seq AND (m.sender_id = p.user_id OR EXISTS (
            SELECT FROM message_reactions r
            WHERE (r.conversation_id, r.message_id, r.user_id) = (m.conversation_id, m.id, p.user_id)))
    """,
    "read positions point at their message, and never past what was delivered or exists": """
        SELECT p.user_id FROM conversation_members p JOIN conversations c ON c.id = p.conversation_id
        LEFT JOIN messages m ON (m.conversation_id, m.id) = (p.conversation_id, p.last_read_message_id)
        WHERE p.last_read_seq > p.last_delivered_seq OR p.last_delivered_seq > c.last_seq
            OR coalesce(m.seq, 0) <> p.last_read_seq OR p.last_read_at < m.created_at
    """,
    "unread_mention_count counts the unread messages that name somebody": """
        SELECT p.user_id FROM conversation_members p WHERE unread_mention_count <> (
            SELECT count(*) FROM message_mentions n
            JOIN messages m ON (m.conversation_id, m.id) = (n.conversation_id, n.message_id)
            WHERE n.conversation_id = p.conversation_id AND n.user_id = p.user_id AND m.seq > p.last_read_seq
                AND NOT m.is_deleted)
    """,
    "whom a message names is a member": """
        SELECT n.user_id FROM message_mentions n LEFT JOIN conversation_members p
            ON (p.conversation_id, p.user_id) = (n.conversation_id, n.user_id)
        WHERE p.is_active IS NOT TRUE
    """,
    "receipts are of others, of what came after joining, and in order": """
        SELECT r.message_id FROM message_receipts r
        JOIN messages m ON (m.conversation_id, m.id) = (r.conversation_id, r.message_id)
        JOIN conversations c ON c.id = r.conversation_id
        LEFT JOIN conversation_members p ON (p.conversation_id, p.user_id) = (r.conversation_id, r.user_id)
        WHERE p.user_id IS NULL OR m.sender_id = r.user_id OR r.created_at < m.created_at OR c.type = 'CHANNEL'
            OR m.created_at < p.joined_at
            OR m.seq > CASE r.type WHEN 'READ' THEN p.last_read_seq ELSE p.last_delivered_seq END
    """,
    "what was read was delivered before": """
        SELECT r.message_id FROM message_receipts r LEFT JOIN message_receipts d
            ON (d.conversation_id, d.message_id, d.user_id) = (r.conversation_id, r.message_id, r.user_id)
            AND d.type = 'DELIVERED'
        WHERE r.type = 'READ' AND (d.created_at IS NULL OR d.created_at > r.created_at)
    """,
    "every message that somebody has read has their receipt": """
        SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id AND c.type <> 'CHANNEL'
        JOIN conversation_members p ON p.conversation_id = m.conversation_id AND p.user_id <> m.sender_id
        WHERE m.type <> 'SYSTEM' AND m.seq <= p.last_read_seq AND m.created_at >= p.joined_at AND NOT EXISTS (
            SELECT FROM message_receipts r
            WHERE (r.conversation_id, r.message_id, r.user_id, r.type) = (m.conversation_id, m.id, p.user_id, 'READ'))
    """,
    "edits are numbered from 1 and differ from what followed": """
        SELECT e.message_id FROM message_edits e
        JOIN messages m ON (m.conversation_id, m.id) = (e.conversation_id, e.message_id)
        WHERE e.edit_no > m.edit_count OR e.content = m.content OR e.edited_at > m.edited_at
            OR m.edit_count <> (SELECT count(*) FROM message_edits x
                                WHERE (x.conversation_id, x.message_id) = (m.conversation_id, m.id))
    """,
    "a DM holds two people, or one with oneself, under their sorted ids": """
        SELECT c.id FROM conversations c WHERE type = 'DM' AND dm_key <> (
            SELECT min(user_id) || ':' || max(user_id) FROM conversation_members WHERE conversation_id = c.id)
    """,
    "people of a DM are contacts": """
        SELECT c.id FROM conversations c WHERE type = 'DM' AND member_count = 2 AND NOT EXISTS (
            SELECT FROM contact_requests WHERE status = 'ACCEPTED'
            AND least(from_user_id, to_user_id) || ':' || greatest(from_user_id, to_user_id) = c.dm_key)
    """,
    "the owner is the one member with that role": """
        SELECT c.id FROM conversations c WHERE type <> 'DM' AND NOT EXISTS (
            SELECT FROM conversation_members
            WHERE conversation_id = c.id AND user_id = c.owner_id AND role = 'OWNER' AND is_active)
    """,
    "history that was hidden from who joined lies before their announcement": """
        SELECT p.user_id FROM conversation_members p JOIN conversations c ON c.id = p.conversation_id
        JOIN messages m ON m.conversation_id = c.id AND m.seq = p.visible_from_seq
        WHERE c.settings->'history_for_new_members' = 'false' AND p.role <> 'OWNER'
            AND NOT m.metadata->'system'->'user_ids' ? p.user_id
    """,
    "tombstones are not to be searched, and everything else is": """
        SELECT id FROM messages WHERE is_deleted <> (search IS NULL) OR (content ~ '[[:alpha:]]' AND search = '')
    """,
    "nobody was seen before they came": "SELECT id FROM users WHERE last_seen_at < created_at",
}


def rows_of(query: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def test_the_demo_breaks_no_rule(demo: Seeded) -> None:
    broken = {rule: rows for rule, query in VIOLATIONS.items() if (rows := rows_of(query))}
    assert broken == {}


def test_the_demo_lies_in_the_nine_days_before_the_seed(demo: Seeded, now: datetime) -> None:
    query = """
        SELECT min(at), max(at) FROM (
            SELECT created_at FROM messages UNION ALL SELECT created_at FROM message_reactions
            UNION ALL SELECT edited_at FROM message_edits UNION ALL SELECT created_at FROM message_receipts
            UNION ALL SELECT last_read_at FROM conversation_members UNION ALL SELECT last_seen_at FROM users
        ) AS happened (at)
    """
    [(first, last)] = rows_of(query)
    assert last < now
    assert (now.date() - first.date()).days == 9


def test_the_demo_has_something_of_everything(demo: Seeded) -> None:
    query = """
        SELECT
            (SELECT count(*) FROM users), (SELECT count(*) FROM messages),
            (SELECT count(*) FROM conversations WHERE type = 'GROUP'),
            (SELECT count(*) FROM conversations WHERE type = 'CHANNEL' AND handle IS NOT NULL),
            (SELECT count(*) FROM message_edits), (SELECT count(*) FROM messages WHERE is_deleted),
            (SELECT count(*) FROM messages WHERE pinned_at IS NOT NULL),
            (SELECT count(*) FROM messages WHERE reply_to_id IS NOT NULL)
    """
    [(people, messages, groups, channels, edits, tombstones, pins, replies)] = rows_of(query)
    assert (people, messages) == (demo.people, demo.messages)
    assert people >= 17
    assert messages >= 500
    assert groups >= 4
    assert channels >= 1
    assert min(edits, tombstones, pins, replies) >= 2


def test_something_waits_for_who_signs_in_first(demo: Seeded) -> None:
    query = """
        SELECT u.username, sum(c.last_seq - p.last_read_seq) >= 5, sum(p.unread_mention_count) >= 1
        FROM conversation_members p JOIN conversations c ON c.id = p.conversation_id JOIN users u ON u.id = p.user_id
        WHERE u.username IN ('alice', 'bob') GROUP BY u.username ORDER BY u.username
    """
    assert rows_of(query) == [("alice", True, True), ("bob", True, True)]
