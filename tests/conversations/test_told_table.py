"""Which use case tells whom of a conversation and its members: every device of everybody whom it concerns, no other.

The cast: who owns the group, a plain member of it, and somebody outside. Each has two sockets. A case names what each
of them hears beside messages; who is not named hears nothing.
"""

from contextlib import AsyncExitStack

import pytest
from asgiref.sync import sync_to_async

from accounts.services.profile import update_me
from chat_project.core.realtime.events import PersonEvent
from chat_project.core.realtime.publish import publish
from conversations.models import Conversation, ConversationMember
from conversations.representations import FOREVER
from conversations.services import (
    add_members,
    approve_join_request,
    ban_member,
    close_account,
    create_conversation,
    create_invite,
    delete_conversation,
    join_by_invite,
    join_public,
    leave_conversation,
    lift_ban,
    open_dm,
    remove_member,
    set_archived,
    transfer_ownership,
    update_conversation,
    update_member,
    update_preferences,
)
from conversations.services.pairs import block_person, unblock_person
from messaging.services import mark_delivered, mark_read
from tests.clients import opened
from tests.factories import PASSWORD
from tests.messaging.drafting import send
from tests.messaging.publishing import happening

UPDATED, ADDED, REMOVED = "conversation.updated", "conversation.added", "conversation.removed"
JOINED, LEFT, CHANGED = "member.joined", "member.left", "member.updated"
END = "end"


class Stage:
    """The cast and their group."""

    def __init__(self, owner, member, outsider, group):
        self.owner, self.member, self.outsider, self.group = owner, member, outsider, group
        self.here = {"conversation_id": group.pk}

    def change(self, **changes):
        update_member(actor=self.owner, **self.here, user_id=self.member.pk, changes=changes)

    def prefer(self, **changes):
        update_preferences(member=self.member, **self.here, changes=changes)

    def invited(self, **invite):
        code = create_invite(actor=self.owner, **self.here, **invite).code
        join_by_invite(user=self.outsider, code=code)

    def say(self, text="hi"):
        return send(self.owner, self.group, text)[0]["id"]


def _make_public(stage):
    update_conversation(actor=stage.owner, **stage.here, changes={"handle": "hikers_all"})


def _ask_to_join(stage):
    stage.invited(requires_approval=True)


def _add(stage):
    add_members(actor=stage.owner, **stage.here, user_ids=[stage.outsider.pk])


def _ban(stage):
    ban_member(actor=stage.owner, **stage.here, user_id=stage.member.pk, until=FOREVER)


def _open_dm(stage):
    open_dm(creator=stage.owner, user_id=stage.member.pk)


def _block(stage):
    block_person(blocker=stage.owner, user_id=stage.member.pk)


def _leave_alone(stage):
    leave_conversation(member=stage.member, **stage.here)


def _update(**changes):
    return lambda stage: update_conversation(actor=stage.owner, **stage.here, changes=changes)


ALL_UPDATED = {"owner": [UPDATED], "member": [UPDATED]}
MINE = {"member": [UPDATED]}
WHO_COMES = {"owner": [JOINED], "member": [JOINED], "outsider": [ADDED, JOINED]}

# What is done beforehand, what is done, and who hears what of it.
TABLE = {
    "a group is made": (
        None,
        lambda stage: create_conversation(
            creator=stage.owner, type="GROUP", title="Cooks", member_ids=[stage.member.pk]
        ),
        {"owner": [ADDED], "member": [ADDED]},
    ),
    "a DM is opened": (None, _open_dm, {"owner": [ADDED], "member": [ADDED]}),
    "a DM that stands is opened": (_open_dm, _open_dm, {}),
    "the title changes": (None, _update(title="Walkers"), ALL_UPDATED),
    "the description changes": (None, _update(description="x"), ALL_UPDATED),
    "the settings change": (None, _update(settings={"slow_mode_seconds": 5}), ALL_UPDATED),
    "the handle changes": (None, _make_public, ALL_UPDATED),
    "nothing changes": (None, _update(title="Hikers"), {}),
    "it is archived for all": (
        None,
        lambda stage: set_archived(actor=stage.owner, **stage.here, archived=True),
        ALL_UPDATED,
    ),
    "I pin it": (None, lambda stage: stage.prefer(is_pinned=True), MINE),
    "I mute it": (None, lambda stage: stage.prefer(muted_until=FOREVER), MINE),
    "I archive it": (None, lambda stage: stage.prefer(is_archived=True), MINE),
    "I draft": (None, lambda stage: stage.prefer(draft="hm"), MINE),
    "I pin it once more": (lambda stage: stage.prefer(is_pinned=True), lambda stage: stage.prefer(is_pinned=True), {}),
    "a role changes": (
        None,
        lambda stage: stage.change(role="ADMIN"),
        {"owner": [CHANGED], "member": [UPDATED, CHANGED]},
    ),
    "somebody is restricted": (
        None,
        lambda stage: stage.change(permissions={"send_messages": False}),
        {"owner": [CHANGED], "member": [UPDATED, CHANGED]},
    ),
    "it is handed over": (
        None,
        lambda stage: transfer_ownership(owner=stage.owner, **stage.here, user_id=stage.member.pk),
        {"owner": [UPDATED, UPDATED, CHANGED, CHANGED], "member": [UPDATED, UPDATED, CHANGED, CHANGED]},
    ),
    "somebody is added": (None, _add, WHO_COMES),
    "somebody comes by an invite": (None, lambda stage: stage.invited(), WHO_COMES),
    "somebody comes by the handle": (
        _make_public,
        lambda stage: join_public(user=stage.outsider, **stage.here),
        WHO_COMES,
    ),
    "somebody asks to join": (None, _ask_to_join, {}),
    "somebody is let in": (
        _ask_to_join,
        lambda stage: approve_join_request(actor=stage.owner, **stage.here, user_id=stage.outsider.pk),
        WHO_COMES,
    ),
    "somebody leaves": (None, _leave_alone, {"owner": [LEFT], "member": [REMOVED]}),
    "the owner leaves last": (
        _leave_alone,
        lambda stage: leave_conversation(member=stage.owner, **stage.here),
        {"owner": [REMOVED]},
    ),
    "somebody is removed": (
        None,
        lambda stage: remove_member(actor=stage.owner, **stage.here, user_id=stage.member.pk),
        {"owner": [LEFT], "member": [REMOVED]},
    ),
    "somebody is banned": (None, _ban, {"owner": [LEFT], "member": [REMOVED]}),
    "a ban is lifted": (_ban, lambda stage: lift_ban(actor=stage.owner, **stage.here, user_id=stage.member.pk), {}),
    "it is deleted": (
        None,
        lambda stage: delete_conversation(owner=stage.owner, **stage.here),
        {"owner": [REMOVED], "member": [REMOVED]},
    ),
    "I read": (
        lambda stage: setattr(stage, "said", stage.say()),
        lambda stage: mark_read(reader_id=stage.member.pk, **stage.here, message_id=stage.said),
        {"owner": ["receipt.read"], "member": ["read"]},
    ),
    "it reaches me": (
        lambda stage: setattr(stage, "said", stage.say()),
        lambda stage: mark_delivered(receiver_id=stage.member.pk, **stage.here, message_id=stage.said),
        {"owner": ["receipt.delivered"]},
    ),
    "I block who I have a DM with": (_open_dm, _block, {"owner": ["contact.updated", UPDATED]}),
    "a block is lifted": (
        lambda stage: (_open_dm(stage), _block(stage)),
        lambda stage: unblock_person(blocker=stage.owner, user_id=stage.member.pk),
        {"owner": ["contact.updated", UPDATED], "member": [UPDATED]},
    ),
    "somebody has another name": (
        None,
        lambda stage: update_me(user=stage.member, changes={"display_name": "Milan the Second"}),
        {"owner": ["user.updated"], "member": ["user.updated"]},
    ),
    "the owner closes the account": (
        None,
        lambda stage: close_account(user=stage.owner, password=PASSWORD),
        {"member": [UPDATED, UPDATED, LEFT, CHANGED]},
    ),
}
# Who is new hears of their own joining too where the process came to know the room before that was told.
MAY_BE_HEARD = {"a group is made": ["member.joined"]}
# Their sockets close at the end.
GONE = {"the owner closes the account": ["owner"]}


async def heard(socket, ends):
    """Return what a socket hears up to so many marks, without messages."""
    names = []
    while ends:
        event = await socket.next_event()
        if event["event"] == END:
            ends -= 1
        elif not event["event"].startswith("message."):
            names.append(event["event"])
    return sorted(names)


def mark_the_end(stage, people):
    """Publish a mark to each person and to the group; return how many each of them hears."""
    marks = {}
    if Conversation.objects.filter(pk=stage.group.pk).exists():
        members = ConversationMember.objects.filter(conversation=stage.group, is_active=True)
        publish(happening(stage.group, END))
        marks = dict.fromkeys(members.values_list("user_id", flat=True), 1)
    for person in people:
        publish(PersonEvent(user_id=person.pk, event=END, data={}))
    return {person.pk: 1 + marks.get(person.pk, 0) for person in people}


@pytest.mark.parametrize("case", TABLE)
async def test_each_use_case_tells_every_device_of_whom_it_concerns(live_chat, owner, member, outsider, group, case):
    before, act, expected = TABLE[case]
    # A process whose layer came back, as on a busy machine, says so to everybody at any time.
    may_be_heard = (*MAY_BE_HEARD.get(case, ()), "sync.required")
    stage = Stage(owner, member, outsider, group)
    if before is not None:
        await sync_to_async(before)(stage)
    cast = {"owner": owner, "member": member, "outsider": outsider}
    staying = {name: person for name, person in cast.items() if name not in GONE.get(case, ())}
    async with AsyncExitStack() as stack:
        sockets = {
            name: [await stack.enter_async_context(opened(live_chat, person)) for _ in range(2)]
            for name, person in staying.items()
        }
        await sync_to_async(act)(stage)
        marks = await sync_to_async(mark_the_end)(stage, list(staying.values()))
        told = {
            name: [
                [event for event in await heard(socket, marks[staying[name].pk]) if event not in may_be_heard]
                for socket in both
            ]
            for name, both in sockets.items()
        }
    assert told == {name: [sorted(expected.get(name, []))] * 2 for name in staying}
