"""People of a house and their conversations, made as everybody makes them: over REST."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.clients import RestClient
from tests.safety.house import House

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    id: str
    name: str
    access: str


def register(house: House, names: Sequence[str]) -> list[Person]:
    """Sign people up."""
    return [_registered(house, name) for name in names]


def make_group(house: House, people: Sequence[Person]) -> str:
    """Make a group; the first of the people owns it."""
    owner, *others = people
    body = {"type": "GROUP", "title": "Survivors", "member_ids": [person.id for person in others]}
    return _made(RestClient(house, owner.access).call("POST", "conversations", body))


def make_dm(house: House, one: Person, two: Person) -> str:
    """Make a DM in which both have written, so that nobody is a stranger."""
    dm = _made(RestClient(house, one.access).call("POST", "conversations", {"type": "DM", "user_id": two.id}))
    for person in (one, two):
        _made(RestClient(house, person.access).call("POST", f"conversations/{dm}/messages", {"content": "hello"}))
    return dm


def _registered(house: House, name: str) -> Person:
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    status, answer = RestClient(house, None).call("POST", "auth/register", body)
    assert status == 201, answer
    return Person(answer["user"]["id"], name, answer["access"])


def _made(answer: tuple[int, Any]) -> str:
    status, body = answer
    assert status == 201, body
    return str(body["id"])
