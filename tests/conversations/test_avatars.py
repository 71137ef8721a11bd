from typing import Any

import pytest
from django.test import Client

from accounts.avatars import store_avatar
from accounts.models import User
from chat_project.core.db.cuid import new_cuid
from conversations.enums import ConversationType
from conversations.models import Conversation, ConversationMember
from conversations.services import create_conversation, create_invite, revoke_invite
from tests.clients import signed_in

PICTURE = b"the bytes of a picture"


@pytest.fixture
def pictured(group: Conversation) -> Conversation:
    """The group, with a picture."""
    group.avatar_key = store_avatar(PICTURE)
    group.save()
    return group


def fetch(viewer: User, conversation_id: str) -> Any:
    return fetch_address(viewer, f"/api/v1/conversations/{conversation_id}/avatar")


def fetch_address(viewer: User, address: str) -> Any:
    return Client().get(address, headers={"Authorization": f"Bearer {signed_in(viewer).tokens.access}"})


def test_a_member_sees_the_picture(pictured: Conversation, member: User) -> None:
    answer = fetch(member, pictured.pk)
    assert (answer.status_code, answer.content, answer["Cache-Control"]) == (200, PICTURE, "private, no-cache")


def test_an_outsider_and_who_left_are_told_what_is_told_of_no_conversation(
    pictured: Conversation, member: User, outsider: User
) -> None:
    ConversationMember.objects.filter(conversation=pictured, user=member).update(
        is_active=False, left_at=pictured.created_at, left_reason="LEFT"
    )
    answers = [fetch(outsider, pictured.pk), fetch(member, pictured.pk), fetch(member, new_cuid())]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_a_group_without_a_picture_has_none(group: Conversation, member: User) -> None:
    assert fetch(member, group.pk).status_code == 404


def test_the_picture_of_a_public_group_is_for_all_but_who_is_banned(
    pictured: Conversation, member: User, outsider: User
) -> None:
    Conversation.objects.filter(pk=pictured.pk).update(handle="hikers")
    ConversationMember.objects.filter(conversation=pictured, user=member).update(
        is_active=False, is_banned=True, left_at=pictured.created_at, left_reason="BANNED"
    )
    assert fetch(outsider, pictured.pk).status_code == 200
    assert fetch(member, pictured.pk).status_code == 404


def test_who_holds_an_invite_sees_the_picture_of_what_it_leads_to_until_it_is_revoked(
    pictured: Conversation, owner: User, member: User, outsider: User
) -> None:
    invite = create_invite(actor=owner, conversation_id=pictured.pk)
    address = fetch_address(outsider, f"/api/v1/invites/{invite.code}").json()["avatar_url"]
    other, _ = create_conversation(creator=owner, type=ConversationType.GROUP, title="Elsewhere")
    elsewhere = create_invite(actor=owner, conversation_id=other)
    ConversationMember.objects.filter(conversation=pictured, user=member).update(
        is_active=False, is_banned=True, left_at=pictured.created_at, left_reason="BANNED"
    )
    assert fetch_address(outsider, address).content == PICTURE
    assert fetch_address(outsider, address.replace(invite.code, elsewhere.code)).status_code == 404
    assert fetch_address(member, address).status_code == 404
    revoke_invite(actor=owner, conversation_id=pictured.pk, code=invite.code)
    assert fetch_address(outsider, address).status_code == 404
    assert fetch_address(outsider, f"{address.partition('&')[0]}&invite=%00").status_code == 404
