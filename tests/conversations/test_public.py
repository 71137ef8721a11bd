"""Groups and channels with a handle: found, looked at, joined."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import BlockedUser
from conversations.models import Conversation, ConversationMember
from conversations.selectors.public import search_public
from conversations.services import create_conversation
from tests.accounts.clients import Api


@pytest.fixture
def public(group):
    """The group, found by all."""
    Conversation.objects.filter(pk=group.pk).update(handle="hikers", description="On Saturdays")
    return group


def found(viewer, query):
    return Api.of(viewer).get(f"conversations/public?q={query}").json()["results"]


@pytest.mark.parametrize("query", ["hikers", "@hikers", "HIK", "hik", "Hikers", " hikers "])
def test_it_is_found_by_the_beginning_of_its_handle_or_title(public, outsider, member, query):
    expected = {
        "id": public.pk,
        "type": "GROUP",
        "title": "Hikers",
        "description": "On Saturdays",
        "handle": "hikers",
        "avatar_url": None,
        "member_count": 2,
        "is_member": False,
    }
    assert found(outsider, query) == [expected]
    assert found(member, query) == [{**expected, "is_member": True}]


@pytest.mark.parametrize("query", ["", "@", "ikers", "%25", "_ikers", "hikers_"])
def test_nothing_else_finds_it(public, outsider, query):
    assert found(outsider, query) == []


def test_titles_are_found_in_any_script(owner, outsider):
    create_conversation(creator=owner, type="CHANNEL", title="Новости города", handle="town_news")
    assert [row["handle"] for row in found(outsider, "новости")] == ["town_news"]


def test_what_has_no_handle_or_is_archived_is_not_found(public, outsider):
    Conversation.objects.filter(pk=public.pk).update(archived_at=timezone.now())
    assert found(outsider, "hikers") == []
    Conversation.objects.filter(pk=public.pk).update(archived_at=None, handle=None)
    assert found(outsider, "hikers") == []


def test_results_page_by_handle_in_a_fixed_number_of_queries(owner, outsider, django_assert_num_queries):
    for number in range(5):
        create_conversation(creator=owner, type="GROUP", title="x", handle=f"hikers_{number}")
    api = Api.of(outsider)
    for limit in (1, 5):
        with django_assert_num_queries(1):
            search_public(viewer=outsider, query="hikers", limit=limit)
    first = api.get("conversations/public?q=hikers&limit=3").json()
    rest = api.get(f"conversations/public?q=hikers&limit=3&cursor={first['next']}").json()
    handles = [row["handle"] for row in first["results"] + rest["results"]]
    assert handles == [f"hikers_{number}" for number in range(5)]
    assert rest["next"] is None
    foreign = api.get(f"conversations/public?q=hik&cursor={first['next']}")
    assert foreign.json()["errors"].keys() == {"cursor"}


def test_anybody_joins_and_joining_again_changes_nothing(public, outsider):
    api = Api.of(outsider)
    for _ in range(2):
        answer = api.post(f"conversations/{public.pk}/join")
        assert (answer.status_code, answer.json()["my_role"], answer.json()["member_count"]) == (200, "MEMBER", 3)
    assert ConversationMember.objects.get(pk=(public.pk, outsider.pk)).invited_by_id is None


def test_what_has_no_handle_is_hidden_from_who_would_join(group, outsider):
    assert Api.of(outsider).post(f"conversations/{group.pk}/join", b"{").status_code == 404


def test_joining_may_want_approval(public, owner, outsider):
    Api.of(owner).patch(f"conversations/{public.pk}", {"settings": {"join_approval": True}})
    answer = Api.of(outsider).post(f"conversations/{public.pk}/join")
    assert (answer.status_code, answer.json()) == (202, {"status": "pending"})
    assert Api.of(owner).post(f"conversations/{public.pk}/join-requests/{outsider.pk}/approve").status_code == 200


def test_to_who_is_no_member_the_rest_is_hidden(public, outsider):
    api = Api.of(outsider)
    for path in ("", "/members", "/messages", "/invites"):
        assert api.get(f"conversations/{public.pk}{path}").status_code == 404


def test_who_was_banned_finds_it_again_when_the_ban_has_ended(public, member):
    row = ConversationMember.objects.filter(pk=(public.pk, member.pk))
    now = timezone.now()
    row.update(is_active=False, left_at=now, left_reason="BANNED", is_banned=True, banned_until=now + timedelta(1))
    assert found(member, "hikers") == []
    row.update(banned_until=now)
    assert [each["is_member"] for each in found(member, "hikers")] == [False]


def test_who_blocked_the_owner_may_come_by_their_own_will(public, owner, outsider):
    BlockedUser.objects.create(blocker=outsider, blocked=owner)
    assert Api.of(outsider).post(f"conversations/{public.pk}/join").status_code == 200
