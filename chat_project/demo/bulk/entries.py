"""A message as long as it may still change, and its row."""

from dataclasses import dataclass

from chat_project.demo.bulk.clock import stamp
from chat_project.demo.bulk.rows import NULL

# Somebody's number and id.
Person = tuple[int, str]


@dataclass(slots=True)
class Entry:
    """A message whose row is not written yet. Times are milliseconds, 0 where it never happened."""

    id: str
    seq: int
    version: int
    sender: Person
    at: int
    content: str
    search: str
    type: str = "TEXT"
    metadata: str = "{}"
    reply_to: str = NULL
    client_id: str = NULL
    mentioned: int | None = None
    edit_count: int = 0
    edited_at: int = 0
    deleted_at: int = 0
    pinned_at: int = 0
    reactors: tuple[int, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it is somebody's text, and still there."""
        return self.type == "TEXT" and not self.deleted_at

    def row(self, conversation_id: str, pinned_by: str) -> str:
        """Return the line of COPY for `messages`."""
        sender = self.sender[1]
        edited = stamp(self.edited_at) if self.edited_at else NULL
        deleted = stamp(self.deleted_at) if self.deleted_at else NULL
        pinned = stamp(self.pinned_at) if self.pinned_at else NULL
        return (
            f"{conversation_id}\t{self.id}\t{self.seq}\t{self.version}\t{sender}\t{self.type}\t{self.content}\t"
            f"{self.metadata}\t{self.reply_to}\t{self.client_id}\t{edited}\t{self.edit_count}\t"
            f"{'t' if self.deleted_at else 'f'}\t{deleted}\t{sender if self.deleted_at else NULL}\t"
            f"{pinned}\t{pinned_by if self.pinned_at else NULL}\t{stamp(self.at)}\t"
            f"{NULL if self.deleted_at else self.search}\n"
        )
