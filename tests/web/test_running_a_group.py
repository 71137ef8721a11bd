"""What those who run a group or a channel do with it on its page: settings, roles, bans, its rest."""

import re
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from playwright.async_api import expect

from conversations.enums import Role
from conversations.models import Conversation, ConversationMember
from conversations.services import add_members, create_conversation, join_public, update_conversation
from messaging.models import Message
from messaging.services import edit_message
from tests.accessibility import violations
from tests.accounts.clients import Browser
from tests.web.steps import choose, open_conversation, say


@pytest.fixture
def olga(owner):
    browser = Browser()
    browser.sign_in(owner)
    return browser


def shown(browser, path):
    """Return what a form showed, as it sends it along."""
    fields = {}
    for name, value in re.findall(r'name="(was[a-z-]*)"\s+value="([^"]*)"', browser.get(path).content.decode()):
        fields.setdefault(name, []).append(value)
    return fields


def save(browser, conversation_id, part="edit", do="save", **fields):
    path = f"/c/{conversation_id}/info/{part}"
    return browser.post(path, {"do": do, "csrfmiddlewaretoken": browser.csrf_token, **fields})


def settings_of(conversation_id):
    return Conversation.objects.get(pk=conversation_id).settings


def test_settings_are_saved_as_they_are_ticked_and_the_rest_is_left(olga, owner, group):
    update_conversation(
        actor=owner, conversation_id=group.pk, changes={"settings": {"default_permissions": {"delete_messages": True}}}
    )
    path, basics = f"/c/{group.pk}/info/edit", ["allow_reactions", "send_messages"]
    given = {**shown(olga, path), "is": [*basics, "join_approval", "pin_messages"]}
    assert save(olga, group.pk, slow="60", lifetime="86400", **given).status_code == 302
    assert settings_of(group.pk) == {
        "slow_mode_seconds": 60,
        "message_ttl_seconds": 86_400,
        "history_for_new_members": False,
        "join_approval": True,
        "default_permissions": {"delete_messages": True, "send_media": False, "pin_messages": True},
    }
    assert olga.get(path).content.decode().count("checked") == 6
    save(olga, group.pk, **{**shown(olga, path), "is": [*basics, "join_approval", "send_media"]})
    kept = settings_of(group.pk)["default_permissions"]
    assert kept == {"delete_messages": True, "send_media": True, "pin_messages": False}


@pytest.mark.parametrize("lifetime", ["", "-1", "1e9", "9" * 5000, "١٢"])
def test_what_is_no_time_changes_nothing_or_is_refused(olga, group, lifetime):
    assert save(olga, group.pk, lifetime=lifetime).status_code == 302
    assert settings_of(group.pk).get("message_ttl_seconds", 0) in (0, 12)
    refused = save(olga, group.pk, lifetime="99999999999")
    assert refused.status_code == 400
    assert "Give whole seconds from 0 to 31536000." in refused.content.decode()


def test_a_lifetime_of_another_client_is_shown_and_kept(olga, owner, group):
    changes = {"settings": {"message_ttl_seconds": 90}}
    update_conversation(actor=owner, conversation_id=group.pk, changes=changes)
    assert "after 90 seconds" in olga.get(f"/c/{group.pk}/info/edit").content.decode()


def test_a_channel_has_no_rights_of_members_to_give(olga, owner):
    news, _ = create_conversation(creator=owner, type="CHANNEL", title="News", member_ids=[])
    page = olga.get(f"/c/{news}/info/edit").content.decode()
    assert "Members may" not in page
    save(olga, news, **shown(olga, f"/c/{news}/info/edit"), **{"is": ["allow_reactions", "history_for_new_members"]})
    assert settings_of(news) == {}


def test_what_somebody_else_set_since_the_form_was_shown_stays(olga, owner, member, group):
    path = f"/c/{group.pk}/info/edit"
    old = shown(olga, path)
    others = {"title": "Climbers", "settings": {"slow_mode_seconds": 30, "default_permissions": {"send_media": False}}}
    update_conversation(actor=owner, conversation_id=group.pk, changes=others)
    unchanged = {"title": "Hikers", "description": "", "handle": "", "slow": "0", "lifetime": "0"}
    ticked = [*old["was"], "pin_messages"]
    assert save(olga, group.pk, **old, **unchanged, **{"is": ticked}).status_code == 302
    group.refresh_from_db()
    assert group.title == "Climbers"
    assert group.settings == {
        "slow_mode_seconds": 30,
        "default_permissions": {"send_media": False, "pin_messages": True},
    }

    path = f"/c/{group.pk}/info/rights?user={member.pk}"
    old = shown(olga, path)
    end = timezone.now() + timedelta(days=1)
    ConversationMember.objects.filter(conversation=group, user=member).update(
        permissions={"send_messages": False}, restricted_until=end
    )
    ticked = [*old["was"], "add_members"]
    save(olga, group.pk, part="members", do="rights", user=member.pk, end="", **old, **{"is": ticked})
    row = ConversationMember.objects.get(conversation=group, user=member)
    assert (row.permissions, row.restricted_until) == ({"send_messages": False, "add_members": True}, end)


async def test_posts_of_a_channel_are_signed_where_it_says_so(sign_in, owner, member):
    news, _ = await sync_to_async(create_conversation)(creator=owner, type="CHANNEL", title="News", handle="news_here")
    await sync_to_async(join_public)(user=member, conversation_id=news)
    await say(owner, news, "Rain tomorrow")
    olga, milan = await sign_in(owner), await sign_in(member)
    await open_conversation(milan, "News")
    await expect(milan.locator(".message").get_by_text("Rain tomorrow")).to_be_visible()
    author = milan.locator(".message .author", has_text="Olga")
    await expect(author).to_be_hidden()
    await olga.goto(f"/c/{news}/info/edit")
    await olga.get_by_label("Posts show who wrote them").check()
    await olga.get_by_role("button", name="Save").click()
    await expect(author).to_be_visible()


def test_roles_and_bans_have_their_buttons(olga, owner, member, outsider, group):
    row = ConversationMember.objects.filter(conversation=group, user=member)
    for role in (Role.MODERATOR, Role.MEMBER, Role.ADMIN):
        save(olga, group.pk, part="members", do=f"role:{role}", user=member.pk)
        assert row.get().role == role
    add_members(actor=owner, conversation_id=group.pk, user_ids=[outsider.pk])
    save(olga, group.pk, part="members", do="ban:7", user=outsider.pk)
    banned = ConversationMember.objects.get(conversation=group, user=outsider)
    assert banned.is_banned
    assert abs(banned.banned_until - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    for wrong in ("role:KING", "role:"):
        assert save(olga, group.pk, part="members", do=wrong, user=member.pk).status_code == 404


def test_who_only_reads_is_refused(owner, member, group):
    milan = Browser()
    milan.sign_in(member)
    assert save(milan, group.pk, do="archive").status_code == 403
    assert save(milan, group.pk, lifetime="86400").status_code == 403
    assert Conversation.objects.get(pk=group.pk).archived_at is None


def test_a_member_may_what_is_ticked_for_them(olga, member, group):
    row = ConversationMember.objects.filter(conversation=group, user=member)
    row.update(permissions={"delete_messages": True})
    page = olga.get(f"/c/{group.pk}/info/rights?user={member.pk}").content.decode()
    assert page.count('name="is"') == 6
    assert page.count("checked") == 3
    path = f"/c/{group.pk}/info/rights?user={member.pk}"

    def tick(*words, end):
        rights = {"part": "members", "do": "rights", "user": member.pk, "end": end, "is": words}
        return save(olga, group.pk, **shown(olga, path), **rights)

    assert tick("send_messages", "pin_messages", end="7").status_code == 302
    changed = row.get()
    assert changed.permissions == {"delete_messages": True, "send_media": False, "pin_messages": True}
    until = changed.restricted_until
    assert abs(until - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    assert "restricted" in olga.get(f"/c/{group.pk}/info/members").content.decode()
    assert "as set before" in olga.get(path).content.decode()

    tick("send_messages", end="kept")
    changed = row.get()
    assert (changed.permissions, changed.restricted_until) == ({"delete_messages": True, "send_media": False}, until)
    tick("send_messages", "send_media", end="kept")
    changed = row.get()
    assert (changed.permissions, changed.restricted_until) == ({"delete_messages": True}, None)


def test_only_to_read_leaves_the_other_rights(olga, member, group):
    row = ConversationMember.objects.filter(conversation=group, user=member)
    row.update(permissions={"add_members": True, "pin_messages": False})
    save(olga, group.pk, part="members", do="restrict", user=member.pk)
    silent = {"send_messages": False, "send_media": False}
    assert row.get().permissions == {"add_members": True, "pin_messages": False, **silent}
    save(olga, group.pk, part="members", do="unrestrict", user=member.pk)
    assert row.get().permissions == {"add_members": True, "pin_messages": False}


def test_only_to_read_keeps_the_end_of_a_restriction(olga, member, group):
    row, end = ConversationMember.objects.filter(conversation=group, user=member), timezone.now() + timedelta(days=1)
    row.update(permissions={"send_media": False}, restricted_until=end)
    save(olga, group.pk, part="members", do="restrict", user=member.pk)
    assert row.get().permissions == {"send_messages": False, "send_media": False}
    assert row.get().restricted_until == end
    row.update(restricted_until=timezone.now() - timedelta(days=1))
    save(olga, group.pk, part="members", do="restrict", user=member.pk)
    assert row.get().restricted_until is None


def test_nobody_is_offered_a_right_to_give_that_they_lack(owner, member, outsider, group):
    add_members(actor=owner, conversation_id=group.pk, user_ids=[outsider.pk])
    ConversationMember.objects.filter(conversation=group, user=member).update(role=Role.MODERATOR)
    milan = Browser()
    milan.sign_in(member)
    page = milan.get(f"/c/{group.pk}/info/rights?user={outsider.pk}").content.decode()
    assert 'value="pin_messages"' in page
    assert 'value="change_info"' not in page
    path = f"/c/{group.pk}/info/rights?user={outsider.pk}"
    ticked = {"is": ["send_messages", "change_info"]}
    save(milan, group.pk, part="members", do="rights", user=outsider.pk, **shown(milan, path), **ticked)
    assert ConversationMember.objects.get(conversation=group, user=outsider).permissions == {"send_media": False}


@pytest.mark.parametrize("user", ["", "nobody", "x" * 5000])
def test_the_rights_of_nobody_are_not_found(olga, group, user):
    assert olga.get(f"/c/{group.pk}/info/rights", {"user": user}).status_code == 404
    for do in ("rights", "restrict", "unrestrict"):
        assert save(olga, group.pk, part="members", do=do, user=user).status_code == 404


def test_who_manages_nobody_learns_nothing_of_members(owner, member, group):
    milan = Browser()
    milan.sign_in(member)
    for user in (owner.pk, "nobody"):
        assert milan.get(f"/c/{group.pk}/info/rights", {"user": user}).status_code == 403
        assert save(milan, group.pk, part="members", do="restrict", user=user).status_code == 403


async def test_a_right_is_taken_from_one_member_live(sign_in, owner, member, group):
    olga, milan = await sign_in(owner), await sign_in(member)
    await open_conversation(milan, "Hikers")
    await olga.goto(f"/c/{group.pk}/info/members")
    await olga.get_by_label("What to do with Milan").click()
    await olga.get_by_role("link", name="What they may do").click()
    await expect(olga.get_by_label("Write messages")).to_be_checked()
    assert await violations(olga) == []
    await olga.get_by_label("Write messages").uncheck()
    await olga.get_by_label("after a day").check()
    await olga.get_by_role("button", name="Save").click()
    await expect(olga.locator(".role", has_text="restricted")).to_be_visible()
    await expect(milan.locator(".composer-closed")).to_be_visible()


async def test_a_group_is_closed_for_all_and_opened_again(sign_in, owner, member, group):
    olga, milan = await sign_in(owner), await sign_in(member)
    await open_conversation(milan, "Hikers")
    await olga.goto(f"/c/{group.pk}/info/edit")
    await olga.get_by_label("Pin messages").check()
    await olga.get_by_label("after a week").check()
    async with olga.expect_response("**/info/edit"):
        await olga.get_by_role("button", name="Save").click()
    await expect(olga.get_by_label("Pin messages")).to_be_checked()
    settings = (await sync_to_async(Conversation.objects.get)(pk=group.pk)).settings
    assert (settings["message_ttl_seconds"], settings["default_permissions"]) == (604_800, {"pin_messages": True})

    await olga.get_by_role("button", name="Close it for all").click()
    await expect(olga.get_by_role("button", name="Open it again for all")).to_be_visible()
    for page in (olga, milan):
        await expect(page.locator(".composer-closed")).to_have_text("This conversation is archived.")
    await olga.get_by_role("button", name="Open it again for all").click()
    for page in (olga, milan):
        await expect(page.get_by_role("textbox", name="Message")).to_be_visible()


async def test_who_may_delete_a_message_reads_what_it_said_before(sign_in, owner, member, group):
    await say(member, group.pk, "Buy my coins")
    sent = await Message.objects.aget(content="Buy my coins")
    for content in ("Buy nothing", "Hello all"):
        await sync_to_async(edit_message)(
            editor_id=member.pk, conversation_id=group.pk, message_id=sent.id, content=content
        )
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await choose(olga, "Hello all", "Earlier texts")
    dialog = olga.get_by_role("dialog")
    await expect(dialog.locator(".edits p")).to_have_text(["Buy my coins", "Buy nothing"])
    assert await violations(olga) == []
