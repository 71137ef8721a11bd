"""The cache makes answers faster, and no other: each is asked for without it, with it empty, with it warm."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services.privacy import update_privacy
from accounts.services.profile import update_me
from chat_project.core.cache import KEPT_MAX_BYTES, find, forget_all, keep
from conversations.services import (
    add_members,
    change_member,
    end_memberships,
    open_dm,
    set_archived,
    update_conversation,
    update_preferences,
)
from conversations.services.leaving import close_account_of
from conversations.services.pairs import block_person
from conversations.services.purging import purge_account
from messaging.models import Message
from messaging.recent import KEPT
from messaging.services import delete_message, edit_message, mark_read, pin_message, set_reaction
from tests.accounts.clients import Api
from tests.messaging.drafting import send

NOWHERE = "unix:///nowhere/valkey.sock?db=0"


@pytest.fixture
def switch(settings):
    """Turn the cache off and on."""
    real = settings.CACHES["default"]

    def turn(*, on):
        settings.CACHES = {"default": real if on else {**real, "LOCATION": NOWHERE}}

    return turn


def answers(api, paths):
    """Return what each call answers, without cursors, and without presence, which stands in Redis alone."""
    return {path: (answer.status_code, _still(answer.json())) for path in paths if (answer := api.get(path))}


def _still(value):
    if isinstance(value, dict):
        moving = ("online", "last_seen", "last_seen_at", "last_used_at", "next")
        return {name: _still(held) for name, held in value.items() if name not in moving}
    return [_still(held) for held in value] if isinstance(value, list) else value


@pytest.fixture
def said(group, owner, member):
    """A group and a DM in which something was said."""
    dm_id, _ = open_dm(creator=owner, user_id=member.pk)
    first = send(owner, group, "words that @milan searches for")[0]
    second = send(member, group, "an answer in words", reply_to_id=first["id"])[0]
    send(owner, type(group).objects.get(pk=dm_id), "words for one")
    return [first, second]


@pytest.fixture
def paths(group, owner, member, said):
    """What a member reads."""
    here = f"conversations/{group.pk}"
    return [
        "users/me",
        "auth/sessions",
        f"users/{owner.pk}",
        "contacts",
        "blocks",
        "users/search?q=o",
        "conversations",
        "conversations?q=hik",
        here,
        f"{here}/members",
        f"{here}/messages",
        f"{here}/messages?limit=1",
        f"{here}/messages?limit=100",
        f"{here}/messages?pinned=true",
        f"{here}/messages?around={said[0]['id']}",
        f"{here}/messages/{said[0]['id']}",
        "search/messages?q=words",
        "search/messages?q=words&limit=1",
    ]


def test_all_answers_are_the_same_with_the_cache_and_without(group, owner, member, said, paths, switch, settings):
    settings.RATE_LIMITS = False
    api = Api.of(member)
    here = {"conversation_id": group.pk, "message_id": said[0]["id"]}
    changes = [
        lambda: None,
        lambda: send(owner, group, "one more"),
        lambda: edit_message(editor_id=owner.pk, **here, content="other words"),
        lambda: set_reaction(actor_id=member.pk, **{**here, "message_id": said[1]["id"]}, emoji="👍"),
        lambda: pin_message(actor_id=owner.pk, **here),
        lambda: mark_read(reader_id=member.pk, **here),
        lambda: update_me(user=owner, changes={"display_name": "Olga the Owner", "username": "olga_o"}),
        lambda: update_privacy(user=owner, changes={"last_seen": "nobody", "profile_photo": "nobody"}),
        lambda: update_conversation(
            actor=owner, conversation_id=group.pk, changes={"title": "Runners", "settings": {"message_ttl_seconds": 60}}
        ),
        lambda: send(owner, group, "for a minute"),
        lambda: change_member(
            actor=owner, conversation_id=group.pk, user_id=member.pk, changes={"permissions": {"react": False}}
        ),
        lambda: update_preferences(member=member, conversation_id=group.pk, changes={"is_pinned": True}),
        lambda: delete_message(actor_id=owner.pk, **here),
        lambda: block_person(blocker=owner, user_id=member.pk),
        lambda: set_archived(actor=owner, conversation_id=group.pk, archived=True),
        lambda: close_account_of(user_id=owner.pk, actor_id=None),
        lambda: purge_account(user_id=owner.pk),
        lambda: end_memberships(user_id=member.pk),
    ]
    for change in changes:
        change()
        warm = answers(api, paths)
        again = answers(api, paths)
        switch(on=False)
        without = answers(api, paths)
        switch(on=True)
        assert warm == again == without
    assert {status for status, _ in without.values()} == {200, 404}


def test_a_page_of_history_is_read_once_for_all_who_open_it(group, owner, member, said, django_assert_num_queries):
    path = f"conversations/{group.pk}/messages"
    first, api = Api.of(owner).get(path).json(), Api.of(member)
    api.get("users/me")
    with django_assert_num_queries(2) as asked:
        assert api.get(path).json() == first
    assert not [query for query in asked if "message_reactions" in query["sql"]]
    send(owner, group, "one more")
    assert api.get(path).json()["results"][0]["content"] == "one more"


def test_of_a_list_the_last_messages_are_read_that_are_new(group, owner, member, said, django_assert_num_queries):
    api = Api.of(member)
    before = api.get("conversations").json()["results"]
    with django_assert_num_queries(3) as asked:
        assert api.get("conversations").json()["results"] == before
    assert not [query for query in asked if "message_reactions" in query["sql"]]
    send(owner, group, "one more")
    with django_assert_num_queries(4):
        now = api.get("conversations").json()["results"]
    assert {row["last_message"]["content"] for row in now} == {"words for one", "one more"}


def test_who_came_late_gets_of_a_kept_page_what_is_theirs(group, owner, outsider, said):
    update_conversation(actor=owner, conversation_id=group.pk, changes={"settings": {"history_for_new_members": False}})
    add_members(actor=owner, conversation_id=group.pk, user_ids=[outsider.pk])
    path = f"conversations/{group.pk}/messages"
    send(owner, group, "an answer", reply_to_id=said[0]["id"])
    whole = Api.of(owner).get(path).json()["results"]
    theirs = Api.of(outsider).get(path).json()
    assert [row["id"] for row in theirs["results"]] == [row["id"] for row in whole[:2]]
    assert (whole[0]["reply_to"]["id"], theirs["results"][0]["reply_to"], theirs["next"]) == (said[0]["id"], None, None)


def test_messages_that_expire_are_tombstones_by_the_clock_also_in_a_page_that_was_just_read(group, owner):
    sent = send(owner, group, "gone in a moment")[0]
    Message.objects.filter(id=sent["id"]).update(expires_at=timezone.now() + timedelta(hours=1))
    path = f"conversations/{group.pk}/messages"
    assert Api.of(owner).get(path).json()["results"][0]["content"] == "gone in a moment"
    Message.objects.filter(id=sent["id"]).update(expires_at=timezone.now() - timedelta(hours=1))
    assert Api.of(owner).get(path).json()["results"][0]["is_deleted"]


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_pages_that_begin_with_a_kept_one_go_on_where_it_ends(group, owner, limit):
    for number in range(KEPT + 3):
        send(owner, group, str(number))
    api, path, seen = Api.of(owner), f"conversations/{group.pk}/messages?limit={limit}", []
    pages = 3 if limit < 50 else 9
    for _ in range(2):
        answer = api.get(path).json()
    while pages and answer["results"]:
        seen += [row["seq"] for row in answer["results"]]
        pages -= 1
        if answer["next"] is None:
            break
        answer = api.get(f"conversations/{group.pk}/messages?cursor={answer['next']}&limit={limit}").json()
    assert seen == sorted(seen, reverse=True)
    assert seen == list(range(seen[0], seen[-1] - 1, -1))
    assert len(seen) == 3 * limit if limit < 50 else seen[-1] == 1


def test_what_is_too_large_to_fetch_is_not_kept():
    keep("large", "x" * KEPT_MAX_BYTES, seconds=60)
    keep("small", {"a": [1]}, seconds=60)
    assert (find("large"), find("small")) == (None, {"a": [1]})
    forget_all("sm")
    assert find("small") is None
