"""What the database holds of the timelines, held against what clients were answered and what they hold."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.clients import RestClient
from tests.safety.house import House
from tests.safety.model import Client
from tests.safety.people import Person

_MESSAGES = """
    SELECT m.conversation_id, m.id, m.seq, m.version, u.username, m.client_id, m.content
    FROM messages m LEFT JOIN users u ON u.id = m.sender_id ORDER BY m.conversation_id, m.seq
"""
_VERSIONS = "SELECT id, version FROM conversations"
_CONVERSATIONS = "SELECT id, last_seq, version, last_message_id FROM conversations"


@dataclass(frozen=True)
class Entry:
    """One message as it stands in its timeline."""

    conversation_id: str
    id: str
    seq: int
    version: int
    sender: str | None
    client_id: str | None
    content: str


class Ledger:
    """All timelines at one moment."""

    def __init__(self, house: House) -> None:
        with house.database() as connection:
            self.entries = [Entry(*row) for row in connection.execute(_MESSAGES)]
            self.conversations = {row[0]: row[1:] for row in connection.execute(_CONVERSATIONS)}

    def versions(self) -> dict[str, int]:
        """Return the version of each conversation."""
        return {conversation_id: version for conversation_id, (_, version, _) in self.conversations.items()}

    def check_timelines(self, since: Mapping[str, int]) -> None:
        """Check that no `seq` and no version after `since` is missing or twice, and that the heads agree."""
        for conversation_id, (last_seq, version, last_message_id) in self.conversations.items():
            timeline = [entry for entry in self.entries if entry.conversation_id == conversation_id]
            assert [entry.seq for entry in timeline] == list(range(1, last_seq + 1))
            assert timeline[-1].id == last_message_id
            first = since[conversation_id]
            drawn = sorted(entry.version for entry in timeline if entry.version > first)
            assert drawn == list(range(first + 1, version + 1))

    def check_answers(self, clients: Iterable[Client]) -> None:
        """Check that each message that was answered stands as it was answered, and each that was sent at most once."""
        sent = {(entry.sender, entry.client_id): entry for entry in self.entries if entry.client_id}
        counts = Counter((entry.sender, entry.client_id) for entry in self.entries if entry.client_id)
        assert not [key for key, count in counts.items() if count > 1]
        for client in clients:
            for client_id, message in client.answered.items():
                entry = sent[client.person.name, client_id]
                assert (entry.id, entry.seq, entry.version) == (message["id"], message["seq"], message["version"])
                assert entry.content.startswith(f"{client_id} ")

    def check_nothing_else_was_sent(self, clients: Iterable[Client]) -> None:
        """Check that clients that wait for nothing have sent what they were answered, and no more."""
        for client in clients:
            sent = {entry.client_id for entry in self.entries if entry.sender == client.person.name} - {None}
            assert sent == client.answered.keys()


def are_exact(house: House, clients: Iterable[Client]) -> bool:
    """Tell whether clients hold every version that the server has."""
    with house.database() as connection:
        versions = dict(connection.execute(_VERSIONS).fetchall())
    return all(held.version == versions[key] for client in clients for key, held in client.held.items())


def check_state(house: House, client: Client) -> None:
    """Check that what a client holds of each conversation is what REST gives, from the oldest that it holds on."""
    for conversation_id, held in client.held.items():
        newest_first = read_history(house, client.person, conversation_id)
        oldest = min(message["seq"] for message in held.messages.values())
        theirs = {message["id"]: message for message in newest_first if message["seq"] >= oldest}
        assert held.messages == theirs


def check_lives(clients: Sequence[Client]) -> None:
    """Check that no socket was told the same twice, and that every answer was one that a client can do with."""
    for client in clients:
        assert client.troubles == []
        for life in client.lives:
            told = Counter((conversation_id, version) for conversation_id, version, _ in life.told)
            assert not [key for key, count in told.items() if count > 1]


def read_history(house: House, person: Person, conversation_id: str) -> list[dict[str, Any]]:
    """Return the whole history of a conversation over REST, newest first."""
    rest = RestClient(house, person.access)
    messages: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        path = f"conversations/{conversation_id}/messages?limit=100" + (f"&cursor={cursor}" if cursor else "")
        status, page = rest.call("GET", path)
        assert status == 200
        messages += page["results"]
        cursor = page["next"]
    return messages
