"""One table over all calls: which roles may make them, and that to anybody else there is no such conversation."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from conversations.models import Conversation, JoinRequest
from conversations.services import create_conversation, create_invite, open_dm
from tests.accounts.clients import Api
from tests.conversations.cast import ROLES, join
from tests.conversations.test_role_table import undone
from tests.core.routes import api_routes
from tests.factories import UserFactory

ALL = "OWNER ADMIN MODERATOR MEMBER"
MANAGERS = "OWNER ADMIN MODERATOR"
ADMINS = "OWNER ADMIN"
NONE = ""

# What lies in a conversation and is judged elsewhere: by the tests of messaging and of attachments.
ELSEWHERE = ("messages", "read", "delivered", "forward", "media", "attachments")


@dataclass(frozen=True)
class Call:
    """A call, and who may make it in a group or channel, and in a DM."""

    method: str
    path: str
    roles: str
    in_dm: int = 403
    body: dict[str, Any] | None = None
    to_outsiders: int = 404
    also: dict[str, int] = field(default_factory=dict)


WITHIN = "conversations/{conversation_id}"
CALLS = [
    Call("GET", WITHIN, ALL, in_dm=200),
    Call("PATCH", WITHIN, ADMINS, body={"title": "Walkers"}),
    Call("DELETE", WITHIN, "OWNER"),
    Call("POST", f"{WITHIN}/archive", ADMINS),
    Call("POST", f"{WITHIN}/unarchive", ADMINS),
    Call("PATCH", f"{WITHIN}/me", ALL, in_dm=200, body={"is_pinned": True}),
    Call("POST", f"{WITHIN}/transfer", "OWNER", body={"user_id": "{user_id}"}),
    Call("POST", f"{WITHIN}/join", ALL, in_dm=200),
    # The owner has to make somebody else the owner before.
    Call("POST", f"{WITHIN}/leave", "ADMIN MODERATOR MEMBER", also={"OWNER": 409}),
    Call("GET", f"{WITHIN}/members", ALL, in_dm=200),
    Call("GET", f"{WITHIN}/members?banned=true", MANAGERS),
    Call("POST", f"{WITHIN}/members", MANAGERS, body={"user_ids": ["{stranger_id}"]}),
    Call("PATCH", f"{WITHIN}/members/{{user_id}}", MANAGERS, body={"permissions": {"react": False}}),
    Call("DELETE", f"{WITHIN}/members/{{user_id}}", MANAGERS),
    Call("GET", f"{WITHIN}/invites", ADMINS),
    Call("POST", f"{WITHIN}/invites", ADMINS, body={}),
    Call("DELETE", f"{WITHIN}/invites/{{code}}", ADMINS),
    Call("GET", f"{WITHIN}/join-requests", MANAGERS),
    Call("POST", f"{WITHIN}/join-requests/{{stranger_id}}/approve", MANAGERS),
    Call("POST", f"{WITHIN}/join-requests/{{stranger_id}}/decline", MANAGERS),
    # A picture is there for whoever may see it; here is none.
    Call("GET", f"{WITHIN}/avatar", NONE, in_dm=404, also=dict.fromkeys(ROLES, 404)),
    # Without a file this is 400 to all members; test_pictures.py holds the right.
    Call("PUT", f"{WITHIN}/avatar", NONE, in_dm=400, also=dict.fromkeys(ROLES, 400)),
    Call("DELETE", f"{WITHIN}/avatar", ADMINS),
    Call("GET", "invites/{code}", ALL, to_outsiders=200),
    Call("POST", "invites/{code}/join", ALL, to_outsiders=200),
]


def name(call: Call) -> str:
    return f"{call.method} {call.path}"


def filled(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, str):
        return value.format(**values)
    if isinstance(value, list):
        return [filled(item, values) for item in value]
    return {key: filled(item, values) if key.startswith("user_id") else item for key, item in value.items()}


def test_the_table_holds_every_call():
    def is_ours(path: str) -> bool:
        inside = path.startswith(WITHIN) and path.removeprefix(f"{WITHIN}/").split("/")[0] not in ELSEWHERE
        return inside or "{code}" in path

    routes = {(method, route.path) for route in api_routes() if is_ours(route.path) for method in route.methods}
    table = {(call.method, call.path.partition("?")[0].replace("{stranger_id}", "{user_id}")) for call in CALLS}
    assert table == routes


@pytest.mark.parametrize("type", ["GROUP", "CHANNEL"])
@pytest.mark.parametrize("call", CALLS, ids=name)
def test_a_role_may_make_its_calls_and_no_other(owner, outsider, call, type):
    conversation = Conversation.objects.get(pk=create_conversation(creator=owner, type=type, title="All")[0])
    people = {"OWNER": owner, **{role: join(conversation, role=role) for role in ROLES[1:]}}
    stranger = UserFactory()
    JoinRequest.objects.create(conversation=conversation, user=stranger)
    values = {
        "conversation_id": conversation.pk,
        "user_id": join(conversation).pk,
        "stranger_id": stranger.pk,
        "code": create_invite(actor=owner, conversation_id=conversation.pk).code,
    }
    path, body = call.path.format(**values), None if call.body is None else filled(call.body, values)
    expected = {role: 200 if role in call.roles.split() else call.also.get(role, 403) for role in ROLES}
    statuses = {}
    for role, person in people.items():
        with undone():
            status = Api.of(person).call(call.method, path, body).status_code
        statuses[role] = 200 if status in (201, 204) else status
    assert statuses == expected
    assert Api.of(outsider).call(call.method, path, body).status_code == call.to_outsiders


@pytest.mark.parametrize("call", [call for call in CALLS if "{code}" not in call.path], ids=name)
def test_in_a_dm_there_is_nothing_to_manage(owner, member, outsider, call):
    dm, _ = open_dm(creator=owner, user_id=member.pk)
    values = {"conversation_id": dm, "user_id": member.pk, "stranger_id": outsider.pk}
    body = None if call.body is None else filled(call.body, values)
    status = Api.of(owner).call(call.method, call.path.format(**values), body).status_code
    assert status == call.in_dm
    assert Api.of(outsider).call(call.method, call.path.format(**values), body).status_code == 404


def test_no_call_of_a_banned_person_finds_the_conversation(group, owner, member):
    values = {"conversation_id": group.pk, "user_id": owner.pk, "stranger_id": owner.pk, "code": "a" * 22}
    api = Api.of(member)
    assert (
        Api.of(owner)
        .patch(f"conversations/{group.pk}/members/{member.pk}", {"banned_until": "forever"})
        .json()["is_banned"]
    )
    for call in CALLS:
        body = None if call.body is None else filled(call.body, values)
        assert api.call(call.method, call.path.format(**values), body).status_code == 404, name(call)
