"""The cache makes answers faster, and no other: each is asked for without it, with it empty, with it warm."""

import pytest

from conversations.services import open_dm, remove_member
from messaging.services import delete_message, edit_message, set_reaction
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
        "users/search?q=o",
        "conversations",
        "conversations?q=hik",
        here,
        f"{here}/members",
        f"{here}/messages",
        f"{here}/messages?around={said[0]['id']}",
        f"{here}/messages/{said[0]['id']}",
        "search/messages?q=words",
        "search/messages?q=words&limit=1",
    ]


def test_all_answers_are_the_same_with_the_cache_and_without(group, owner, member, said, paths, switch):
    api = Api.of(member)
    changes = [
        lambda: None,
        lambda: edit_message(
            editor_id=owner.pk, conversation_id=group.pk, message_id=said[0]["id"], content="other words"
        ),
        lambda: set_reaction(actor_id=member.pk, conversation_id=group.pk, message_id=said[1]["id"], emoji="👍"),
        lambda: delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=said[0]["id"]),
        lambda: remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk),
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
    assert len(without["search/messages?q=words"][1]["results"]) == 1
