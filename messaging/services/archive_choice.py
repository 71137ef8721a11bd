"""Which messages go to the archive. What somebody still looks at, or what has a date of its own, stays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from django.conf import settings
from django.db import connection

# Of each conversation so many of the newest stay: what lists, first pages and new clients show.
NEWEST_KEPT = 100

# The reports' table is asked by its name: what is reported stays at hand for moderators, who stand above messaging.
_JUDGED: LiteralString = """
    SELECT
        m.id, m.seq, m.version, date_trunc('month', m.created_at AT TIME ZONE 'UTC')::date,
        m.pinned_at IS NULL
        AND CASE WHEN m.is_deleted
            THEN m.content = '' AND m.metadata = '{}' AND m.forwarded_from IS NULL AND m.encryption IS NULL
                AND NOT EXISTS (
                    SELECT FROM message_reactions WHERE conversation_id = m.conversation_id AND message_id = m.id
                )
            ELSE m.expires_at IS NULL
        END
        AND NOT EXISTS (SELECT FROM attachments WHERE conversation_id = m.conversation_id AND message_id = m.id)
        AND (%(keeps_edits)s OR NOT EXISTS (
            SELECT FROM message_edits WHERE conversation_id = m.conversation_id AND message_id = m.id
        ))
        AND (%(keeps_receipts)s OR NOT EXISTS (
            SELECT FROM message_receipts WHERE conversation_id = m.conversation_id AND message_id = m.id
        ))
        AND NOT EXISTS (
            SELECT FROM message_mentions AS named
            JOIN conversation_members AS member
                ON member.conversation_id = named.conversation_id AND member.user_id = named.user_id
            WHERE named.conversation_id = m.conversation_id AND named.message_id = m.id
                AND member.is_active AND member.last_read_seq < m.seq
        )
        AND m.id NOT IN (
            SELECT message_id FROM user_reports
            WHERE conversation_id = %(conversation)s AND message_id IS NOT NULL
        )
        AND m.id NOT IN (
            SELECT last_read_message_id FROM conversation_members
            WHERE conversation_id = %(conversation)s AND is_active AND last_read_message_id IS NOT NULL
        ),
        array(
            SELECT answer.id FROM messages AS answer
            WHERE answer.conversation_id = m.conversation_id AND answer.reply_to_id = m.id
        )
    FROM messages AS m
    WHERE m.conversation_id = %(conversation)s
"""
_OLD: LiteralString = """
        AND m.created_at < %(before)s AND m.seq < %(below)s
        AND m.seq <= (SELECT last_seq FROM conversations WHERE id = %(conversation)s) - %(newest_kept)s
    ORDER BY m.seq DESC LIMIT %(limit)s
"""
_THESE: LiteralString = "AND m.id = ANY(%(ids)s) ORDER BY m.seq DESC"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message, whether it may go by itself, and which messages quote it."""

    id: str
    seq: int
    version: int
    month: str
    may_go: bool
    quoted_by: Sequence[str]


def list_old(*, conversation_id: str, before: datetime, below_seq: int, limit: int) -> list[Candidate]:
    """Return messages from before a moment with lower `seq`, the newest first; locks nothing."""
    params = {"before": before, "below": below_seq, "newest_kept": NEWEST_KEPT, "limit": limit}
    return _judged(_OLD, conversation_id, params)


def judge_again(*, conversation_id: str, message_ids: Sequence[str]) -> list[Candidate]:
    """Return those of the messages that stand, as they are now, the newest first."""
    return _judged(_THESE, conversation_id, {"ids": list(message_ids)})


def chosen(candidates: Iterable[Candidate], going: set[str]) -> list[Candidate]:
    """Return who goes, of candidates the newest first, and add them to `going`.

    What a message quotes that stays, stays too: an answer is always newer than what it answers.
    """
    found = []
    for candidate in candidates:
        if candidate.may_go and going.issuperset(candidate.quoted_by):
            going.add(candidate.id)
            found.append(candidate)
    return found


def _judged(which: LiteralString, conversation_id: str, params: dict[str, Any]) -> list[Candidate]:
    """Judge messages. Texts before edits, and receipts, wait for their retention, unless they are kept for ever."""
    params = {
        **params,
        "conversation": conversation_id,
        "keeps_edits": settings.EDIT_RETENTION_DAYS <= 0,
        "keeps_receipts": settings.RECEIPT_RETENTION_DAYS <= 0,
    }
    with connection.cursor() as cursor:
        cursor.execute(_JUDGED + which, params)
        return [
            Candidate(mid, seq, version, f"{month:%Y-%m}", may_go, quoted_by)
            for mid, seq, version, month, may_go, quoted_by in cursor.fetchall()
        ]
