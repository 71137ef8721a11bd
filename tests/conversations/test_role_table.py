"""Who may do what to whom: by role, action and target role, over the services and over REST."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from chat_project.core.errors import NotAllowedError
from conversations.models import Conversation, ConversationMember
from conversations.representations import FOREVER
from conversations.services import create_conversation, remove_member, transfer_ownership, update_member
from tests.accounts.clients import Api
from tests.conversations.cast import ROLES, join

TYPES = ("GROUP", "CHANNEL")

# Of each action: which role may do it to which, the same in groups and channels. A role that somebody has already is
# given by whoever could act on them.
LOWER = {"OWNER": "ADMIN MODERATOR MEMBER", "ADMIN": "MODERATOR MEMBER", "MODERATOR": "MEMBER", "MEMBER": ""}
BY_ADMINS = {"OWNER": "ADMIN MODERATOR MEMBER", "ADMIN": "MODERATOR MEMBER", "MODERATOR": "", "MEMBER": ""}
BY_OWNERS = {"OWNER": "ADMIN MODERATOR MEMBER", "ADMIN": "", "MODERATOR": "", "MEMBER": ""}
TABLE: dict[str, tuple[dict[str, Any] | None, dict[str, str]]] = {
    "remove": (None, LOWER),
    "ban": ({"banned_until": "forever"}, LOWER),
    "lift the ban that is not": ({"banned_until": None}, LOWER),
    "restrict": ({"permissions": {"react": False}}, LOWER),
    "restrict for a time": ({"permissions": {"react": False}, "restricted_until": "2090-01-01T00:00:00Z"}, LOWER),
    "let them pin": ({"permissions": {"pin_messages": True}}, LOWER),
    "let them change the title": ({"permissions": {"change_info": True}}, BY_ADMINS),
    "let them make admins": ({"permissions": {"manage_admins": True}}, BY_OWNERS),
    "make MEMBER": ({"role": "MEMBER"}, LOWER),
    "make MODERATOR": ({"role": "MODERATOR"}, BY_ADMINS),
    "make ADMIN": ({"role": "ADMIN"}, BY_OWNERS),
    "make owner": ({}, BY_OWNERS),
}


@pytest.fixture(params=TYPES)
def conversation(request, owner) -> Conversation:
    """A group, and a channel."""
    return Conversation.objects.get(pk=create_conversation(creator=owner, type=request.param, title="All")[0])


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is done within, so that each try begins from the same."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def by_service(actor: User, conversation: Conversation, target: User, action: str) -> bool:
    body, _ = TABLE[action]
    common = {"conversation_id": conversation.pk, "user_id": target.pk}
    try:
        if action == "remove":
            remove_member(actor=actor, **common)
        elif action == "make owner":
            transfer_ownership(owner=actor, **common)
        else:
            changes = dict(body or {})
            if changes.get("banned_until"):
                changes["banned_until"] = FOREVER
            update_member(actor=actor, changes=changes, **common)
    except NotAllowedError:
        return False
    return True


def by_rest(actor: User, conversation: Conversation, target: User, action: str) -> bool:
    body, _ = TABLE[action]
    api, path = Api.of(actor), f"conversations/{conversation.pk}"
    if action == "remove":
        answer = api.delete(f"{path}/members/{target.pk}")
    elif action == "make owner":
        answer = api.post(f"{path}/transfer", {"user_id": target.pk})
    else:
        answer = api.patch(f"{path}/members/{target.pk}", body)
    assert answer.status_code in (200, 204, 403), answer.content
    assert answer.status_code != 403 or answer.json()["code"] == "not_allowed"
    return answer.status_code != 403


@pytest.mark.parametrize("surface", [by_service, by_rest])
@pytest.mark.parametrize("action", TABLE)
def test_who_may_do_it_to_whom(conversation, owner, action, surface):
    actors = {"OWNER": owner, **{role: join(conversation, role=role) for role in ROLES[1:]}}
    targets = {"OWNER": owner, **{role: join(conversation, role=role) for role in ROLES[1:]}}
    allowed: dict[str, list[str]] = {role: [] for role in ROLES}
    for actor in ROLES:
        for target in ROLES:
            if actor == target == "OWNER" and action == "make owner":
                continue  # 400: it is theirs already
            with undone():
                if surface(actors[actor], conversation, targets[target], action):
                    allowed[actor].append(target)
    _, expected = TABLE[action]
    assert allowed == {role: expected[role].split() for role in ROLES}


def test_an_admin_who_may_manage_admins_makes_some_and_unmakes_none(group):
    admin = join(group, role="ADMIN", permissions={"manage_admins": True})
    moderator, other = join(group, role="MODERATOR"), join(group, role="ADMIN")
    api = Api.of(admin)
    assert api.patch(f"conversations/{group.pk}/members/{moderator.pk}", {"role": "ADMIN"}).status_code == 200
    assert api.patch(f"conversations/{group.pk}/members/{moderator.pk}", {"role": "MEMBER"}).status_code == 403
    assert api.patch(f"conversations/{group.pk}/members/{other.pk}", {"role": "MEMBER"}).status_code == 403


@pytest.mark.parametrize(
    ("own", "given", "status"),
    [
        ({}, {"role": "MODERATOR"}, 200),
        ({"pin_messages": False}, {"role": "MODERATOR"}, 403),
        ({"manage_members": False}, {"permissions": {"react": False}}, 403),
        ({"pin_messages": False}, {"permissions": {"pin_messages": True}}, 403),
        ({"pin_messages": False}, {"permissions": {"react": False}}, 200),
    ],
)
def test_nobody_grants_what_they_lack(group, own, given, status):
    admin, target = join(group, role="ADMIN", permissions=own), join(group)
    assert Api.of(admin).patch(f"conversations/{group.pk}/members/{target.pk}", given).status_code == status


def test_who_lacks_a_right_can_not_give_it_back_by_an_end(group, owner):
    moderator = join(group, role="MODERATOR", permissions={"send_media": False})
    target = join(group, permissions={"send_media": False})
    body = {"restricted_until": "2090-01-01T00:00:00Z"}
    path = f"conversations/{group.pk}/members/{target.pk}"
    assert Api.of(moderator).patch(path, body).status_code == 403
    assert Api.of(moderator).patch(path, {"permissions": {}}).status_code == 403
    assert Api.of(owner).patch(path, body).json()["restricted_until"] == "2090-01-01T00:00:00.000000Z"


def test_a_new_role_begins_without_what_was_given_to_the_person(group, owner):
    admin = join(group, role="ADMIN", permissions={"manage_admins": True})
    body = Api.of(owner).patch(f"conversations/{group.pk}/members/{admin.pk}", {"role": "MEMBER"}).json()
    assert (body["role"], body["permissions"]) == ("MEMBER", {})
    row = ConversationMember.objects.get(pk=(group.pk, admin.pk))
    assert (row.role, row.permissions) == ("MEMBER", {})


@pytest.mark.parametrize(
    ("own", "defaults", "status"),
    [
        ({}, {"pin_messages": True}, 200),
        ({}, {"manage_admins": True}, 403),
        ({"pin_messages": False}, {"pin_messages": True}, 403),
        ({"pin_messages": False}, {"send_media": False}, 200),
    ],
)
def test_nobody_makes_a_default_of_what_they_lack(group, own, defaults, status):
    admin = join(group, role="ADMIN", permissions=own)
    body = {"settings": {"default_permissions": defaults}}
    assert Api.of(admin).patch(f"conversations/{group.pk}", body).status_code == status


def test_a_member_who_may_change_the_title_sets_no_defaults_for_their_like(group):
    member = Api.of(join(group, permissions={"change_info": True}))
    assert member.patch(f"conversations/{group.pk}", {"title": "Walkers"}).status_code == 200
    body = {"settings": {"default_permissions": {"send_messages": False}}}
    assert member.patch(f"conversations/{group.pk}", body).status_code == 403
