"""Rows as COPY takes them in its text format, kept on disk until their conversations are whole."""

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from django.db.backends.utils import CursorWrapper

NULL = r"\N"

# In the order in which foreign keys let them be written.
COLUMNS = {
    "users": (
        "id, username, email, password, display_name, privacy_settings, is_verified, last_seen_at, created_at,"
        " updated_at"
    ),
    "contact_requests": "id, from_user_id, to_user_id, status, created_at, responded_at",
    "conversations": (
        "id, type, title, handle, owner_id, settings, dm_key, last_seq, version, members_version, last_message_id,"
        " last_message_at, member_count, created_at, updated_at"
    ),
    "messages": (
        "conversation_id, id, seq, version, sender_id, type, content, metadata, reply_to_id, client_id, edited_at,"
        " edit_count, is_deleted, deleted_at, deleted_by_id, pinned_at, pinned_by_id, created_at, search"
    ),
    "message_edits": "conversation_id, message_id, edit_no, content, metadata, edited_by_id, edited_at",
    "message_reactions": "conversation_id, message_id, user_id, emoji, created_at",
    "message_mentions": "conversation_id, message_id, user_id",
    "conversation_members": (
        "conversation_id, user_id, role, permissions, joined_at, invited_by_id, has_sent, last_sent_at, muted_until,"
        " last_read_message_id, last_read_seq, last_read_at, last_delivered_seq, unread_mention_count, is_pinned,"
        " updated_at"
    ),
}

_BLOCK = 1 << 18


def row(*values: object) -> str:
    """Return a line of COPY; None is null. Values hold no tab, line break or backslash, unless escaped."""
    return "\t".join([NULL if value is None else str(value) for value in values]) + "\n"


def json_text(value: Any) -> str:
    """Return an object as a jsonb column takes it from COPY."""
    return json.dumps(value, ensure_ascii=False).replace("\\", "\\\\")


class Batch:
    """Rows of whole conversations, by table, in unnamed files: a large conversation takes disk, not memory."""

    def __init__(self) -> None:
        self._files: dict[str, IO[bytes]] = defaultdict(tempfile.TemporaryFile)

    @property
    def size(self) -> int:
        """How many bytes of rows it holds."""
        return sum(file.tell() for file in self._files.values())

    def add(self, table: str, rows: Iterable[str]) -> None:
        """Add rows to a table."""
        self._files[table].writelines(line.encode() for line in rows)

    def copy(self, cursor: CursorWrapper, count: Callable[[int], None]) -> None:
        """Write all rows to the database; `count` is told of messages as they go."""
        for table, columns in COLUMNS.items():
            if table in self._files:
                with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                    for block in self._blocks(table):
                        copy.write(block)
                        if table == "messages":
                            count(block.count(b"\n"))

    def close(self) -> None:
        """Forget the rows."""
        for file in self._files.values():
            file.close()

    def _blocks(self, table: str) -> Iterator[bytes]:
        file = self._files[table]
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block
