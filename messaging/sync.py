"""What changed since a client's versions: after it, the client has everything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max, Q, Value
from django.utils import timezone

from accounts import policies as accounts_policies
from accounts.models import User
from accounts.selectors.people import not_parted_from
from conversations.models import ConversationMember
from messaging.archived import archived_beyond
from messaging.dialog_rows import DialogRow
from messaging.dialogs import Dialog, active_dialogs, read_dialogs
from messaging.rows import MessageRow, messages_by_key

VERSIONS_MAX = 1000
# A conversation that is new to the client, or too far ahead of it, comes with its newest messages alone.
NEWEST = 50
BEHIND_MAX = 1000
PER_CONVERSATION = 200
PER_ANSWER = 2000

# One probe of messages_sync_idx a conversation: versions above the client's, in order.
_CHANGED = """
    SELECT asked.conversation_id, changed.id
    FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS asked (conversation_id, version, visible_from_seq)
    CROSS JOIN LATERAL (
        SELECT m.id, m.version FROM messages m
        WHERE m.conversation_id = asked.conversation_id
            AND m.version > asked.version AND m.seq >= asked.visible_from_seq
        ORDER BY m.version LIMIT %s
    ) AS changed
    ORDER BY asked.conversation_id, changed.version
"""
# Where a member's history begins behind what a client holds of it: the member has joined anew since.
_JOINED_SINCE = """
    SELECT asked.conversation_id
    FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS asked (conversation_id, version, visible_from_seq)
    WHERE EXISTS (
        SELECT FROM messages m
        WHERE m.conversation_id = asked.conversation_id
            AND m.seq = asked.visible_from_seq AND m.version > asked.version
    )
"""
_NEWEST = """
    SELECT asked.conversation_id, newest.id
    FROM unnest(%s::text[], %s::bigint[]) AS asked (conversation_id, visible_from_seq)
    CROSS JOIN LATERAL (
        SELECT m.id, m.seq FROM messages m
        WHERE m.conversation_id = asked.conversation_id AND m.seq >= asked.visible_from_seq
        ORDER BY m.seq DESC LIMIT %s
    ) AS newest
    ORDER BY asked.conversation_id, newest.seq
"""


@dataclass(frozen=True, slots=True)
class SyncedConversation:
    """A conversation that changed, and its changed messages by version (the newest by `seq` after a reset)."""

    dialog: Dialog
    messages: list[MessageRow]
    has_more: bool
    reset: bool


@dataclass(frozen=True, slots=True)
class Sync:
    """The answer to `sync`. `states` holds every dialog of the viewer's, with how far others got, where asked for."""

    conversations: list[SyncedConversation]
    removed: list[str]
    states: list[tuple[Dialog, Mapping[str, int]]]


@dataclass(frozen=True, slots=True)
class Standing:
    """The version of each conversation, and how much is unread in those that are neither muted nor archived."""

    versions: dict[str, int]
    unread: dict[str, int]


def epoch() -> str:
    """Return the database's epoch: a client that knows another one knows another database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT database_epoch()")
        [value] = cursor.fetchone()
    return str(value)


def changes_since(*, viewer: User, versions: Mapping[str, int], same_epoch: bool, with_states: bool = False) -> Sync:
    """Return what changed in the viewer's conversations since the versions that a client holds.

    Under another epoch, or with a version above the server's, what the client holds counts for nothing.
    """
    rows = {row.id: row for row in active_dialogs(viewer)}
    stale: set[str] = set()
    known: dict[str, int] = {}
    for conversation_id, version in versions.items():
        row = rows.get(conversation_id)
        if row is None:
            continue
        current = row.version
        known[conversation_id] = version
        if not same_epoch or version > current or current - version > BEHIND_MAX:
            stale.add(conversation_id)
    stale.update(_joined_since([row for key, row in rows.items() if key in known and key not in stale], known))
    changed = [row for key, row in rows.items() if key in stale or known.get(key) != row.version]
    fresh = [row for row in changed if row.id in stale or row.id not in known]
    behind = [row for row in changed if row.id in known and row.id not in stale]
    if archived := archived_beyond(known, [row.id for row in behind]):
        stale |= archived
        fresh += [row for row in behind if row.id in archived]
        behind = [row for row in behind if row.id not in archived]
    answered, cut = _within_budget(_changed_keys(behind, known), _newest_keys(fresh))
    messages = messages_by_key((cid, mid) for cid, ids in answered.items() for mid in ids)
    dialogs = {d.row.id: d for d in read_dialogs(viewer, list(rows.values()) if with_states else changed)}
    others = positions_of_others(viewer=viewer, dialogs=list(dialogs.values())) if with_states else {}
    return Sync(
        conversations=[
            SyncedConversation(
                dialog=dialogs[row.id],
                messages=[messages[row.id, mid] for mid in answered.get(row.id, ()) if (row.id, mid) in messages],
                has_more=row.id in cut,
                reset=row.id in stale,
            )
            for row in changed
        ],
        removed=sorted(versions.keys() - rows.keys()),
        states=[(dialog, others.get(key, {})) for key, dialog in dialogs.items()] if with_states else [],
    )


def standing_of(*, viewer: User) -> Standing:
    """Return where a client stands that holds the newest of everything. One statement."""
    rows = active_dialogs(viewer)
    now = timezone.now()
    heard = [row for row in rows if not row.is_archived and (row.muted_until is None or row.muted_until <= now)]
    return Standing(
        versions={row.id: row.version for row in rows},
        unread={row.id: row.unread_count for row in heard if row.unread_count},
    )


def positions_of_others(*, viewer: User, dialogs: Sequence[Dialog]) -> dict[str, Mapping[str, int]]:
    """Return how far the others got, where receipts are kept and neither side hides reading.

    Nor anything of people whom a block parts from the viewer. One statement.
    """
    small = [d.row.id for d in dialogs if d.row.member_count <= settings.RECEIPTS_MAX_MEMBERS]
    mine = accounts_policies.shares_reading(viewer.privacy_settings)
    shown = accounts_policies.sharing_reading("user__") if mine else Q(Value(False))
    rows = (
        ConversationMember.objects.filter(conversation_id__in=small, is_active=True)
        .exclude(conversation__type="CHANNEL")
        .exclude(user_id=viewer.pk)
        .filter(not_parted_from(viewer.pk, "user_id"))
        .order_by()
        .values("conversation_id")
        .annotate(read=Max("last_read_seq", filter=shown), delivered=Max("last_delivered_seq"))
    )
    return {row["conversation_id"]: {"read": row["read"] or 0, "delivered": row["delivered"]} for row in rows}


def _joined_since(rows: Sequence[DialogRow], known: Mapping[str, int]) -> set[str]:
    """Return of which conversations a client holds what its person no longer sees."""
    late = [row for row in rows if row.visible_from_seq > 1 and known[row.id] < row.version]
    unseen = {row.id for row in late if row.last_seq < row.visible_from_seq}
    late = [row for row in late if row.id not in unseen]
    if not late:
        return unseen
    params: list[Any] = [
        [row.id for row in late],
        [known[row.id] for row in late],
        [row.visible_from_seq for row in late],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_JOINED_SINCE, params)
        return unseen | {conversation_id for (conversation_id,) in cursor.fetchall()}


def _newest_keys(rows: Sequence[DialogRow]) -> dict[str, list[str]]:
    if not rows:
        return {}
    return _grouped(_NEWEST, [[r.id for r in rows], [r.visible_from_seq for r in rows], NEWEST])


def _changed_keys(rows: Sequence[DialogRow], known: Mapping[str, int]) -> dict[str, list[str]]:
    if not rows:
        return {}
    ids = [row.id for row in rows]
    seen_from = [row.visible_from_seq for row in rows]
    return _grouped(_CHANGED, [ids, [known[key] for key in ids], seen_from, PER_CONVERSATION + 1])


def _grouped(statement: str, params: list[Any]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        for conversation_id, message_id in cursor.fetchall():
            grouped.setdefault(conversation_id, []).append(message_id)
    return grouped


def _within_budget(
    changed: Mapping[str, list[str]], newest: Mapping[str, list[str]]
) -> tuple[dict[str, list[str]], set[str]]:
    """Return about as many messages as one answer may hold, and the conversations that have more.

    Each conversation gets one at least: those that have more go on from it, the newest of the others is all they need.
    """
    left = PER_ANSWER
    answered: dict[str, list[str]] = {}
    cut: set[str] = set()
    for conversation_id, ids in changed.items():
        room = max(1, min(PER_CONVERSATION, left))
        answered[conversation_id] = ids[:room]
        left -= len(answered[conversation_id])
        if len(ids) > room:
            cut.add(conversation_id)
    for conversation_id, ids in newest.items():
        answered[conversation_id] = ids[-max(1, min(NEWEST, left)) :]
        left -= len(answered[conversation_id])
    return answered, cut
