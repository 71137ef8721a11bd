"""Every command of the socket with each of its fields missing, null, of another type, too long, foreign and hostile.

A refused command is answered with a problem, and the socket lives on.
"""

import pytest
from asgiref.sync import sync_to_async

from chat_project.core.db.cuid import new_cuid
from conversations.services import create_conversation
from messaging.models import Message
from tests.clients import opened
from tests.messaging.drafting import send

MISSING = object()
WRONG = (MISSING, None, 7, True, [], [[]], {}, "", "x" * 5000, "\u202e\u0007", "c" * 26, "'; --")
# What a field takes although it is wrong for most others: no command is refused for it.
TAKEN = {
    ("typing", "action"): (MISSING,),
    ("presence.watch", "user_ids"): ([],),
    ("sync", "versions"): ({},),
    ("message.send", "content"): ("'; --", "\u202e\u0007", "c" * 26),
    ("message.edit", "content"): ("'; --", "\u202e\u0007", "c" * 26),
}


def commands(group, said):
    """Return each command with data that is good."""
    here = {"conversation_id": group.pk}
    that = {**here, "message_id": said}
    return {
        "message.send": {**here, "content": "hi"},
        "message.edit": {**that, "content": "hm"},
        "message.delete": that,
        "reaction.set": {**that, "emoji": "👍"},
        "reaction.unset": {**that, "emoji": "👍"},
        "read": that,
        "delivered": that,
        "typing": {**here, "action": "typing"},
        "presence.watch": {"user_ids": []},
        "sync": {"versions": {}},
    }


@pytest.fixture
def said(group, owner):
    """A message of the owner's."""
    return send(owner, group, "as it was")[0]["id"]


@pytest.fixture
def elsewhere(member):
    """A conversation that the owner is not in, and what was said there."""
    conversation_id, _ = create_conversation(creator=member, type="GROUP", title="Elsewhere")
    return conversation_id, Message.objects.get(conversation_id=conversation_id).id


@pytest.mark.parametrize("command", commands(type("Nothing", (), {"pk": ""}), ""))
async def test_each_wrong_field_is_refused_and_nothing_breaks(live_chat, owner, group, said, elsewhere, command):
    good = commands(group, said)[command]
    foreign = {"conversation_id": elsewhere[0], "message_id": elsewhere[1]}
    async with opened(live_chat, owner) as socket:
        for field in good:
            taken = TAKEN.get((command, field), ())
            for value in (*WRONG, foreign.get(field, MISSING), new_cuid()):
                if any(value is kept or (type(value) is type(kept) and value == kept) for kept in taken):
                    continue
                data = {name: kept for name, kept in {**good, field: value}.items() if kept is not MISSING}
                reply = await socket.command(command, **data)
                wanted = (400, 404) if field.endswith("_id") else (400,)
                if field == "content" and isinstance(value, str) and value.isalnum() and len(value) < 100:
                    assert reply["ok"]
                else:
                    assert (reply["ok"], reply["error"]["status"] in wanted) == (False, True), (field, value, reply)
        refused = await socket.command(command, **good, no_such_field=1)
        assert refused["error"]["status"] == 400
        assert (await socket.command("ping"))["ok"]
    kept = await sync_to_async(Message.objects.get)(id=said)
    assert not kept.is_deleted
