"""What stands around a conversation: its search, its menu, its information, its pinned messages, and the ways back."""

import io
import re

import pytest
from asgiref.sync import sync_to_async
from PIL import Image
from playwright.async_api import expect

from accounts.services.blocks import block_person
from attachments.models import Attachment
from attachments.services import pipeline
from conversations.enums import Role
from conversations.models import ConversationMember
from conversations.services import add_members, open_dm, remove_member
from messaging.models import Message
from messaging.services import pin_message, set_reaction
from tests.accessibility import violations
from tests.accounts.clients import Browser
from tests.web.steps import bubble, choose, open_conversation, row_of, say

NARROW = {"width": 390, "height": 800}


@pytest.fixture
def dm(owner, member):
    conversation_id, _ = open_dm(creator=owner, user_id=member.pk)
    return conversation_id


@pytest.mark.parametrize("size", [NARROW, {"width": 1280, "height": 800}], ids=["narrow", "wide"])
async def test_a_search_in_a_conversation_says_so_and_ends_with_it(sign_in, owner, member, group, dm, size):
    await say(member, group.pk, "The hut is open", "Bring rope")
    await say(member, dm, "Which hut?")
    olga = await sign_in(owner)
    await olga.set_viewport_size(size)
    await open_conversation(olga, "Hikers")
    chip, field = olga.get_by_role("button", name="In this conversation"), olga.get_by_role("searchbox")
    await olga.get_by_role("link", name="Search in this conversation").click()
    await expect(chip).to_be_visible()
    await expect(field).to_be_focused()
    await olga.keyboard.type("hut")
    await expect(olga.locator("#found mark")).to_have_count(1)
    assert await violations(olga) == []
    await olga.set_viewport_size(size)
    await olga.locator("#found .pick").click()
    await expect(olga.locator(".message", has_text="The hut is open")).to_be_focused()
    await expect(chip).to_be_visible(visible=size != NARROW)

    await olga.get_by_role("link", name="Search in this conversation").click()
    await chip.click()
    await expect(chip).to_be_hidden()
    await expect(olga.get_by_role("log")).to_be_visible()
    if size == NARROW:
        return
    await olga.get_by_role("link", name="Search in this conversation").click()
    await olga.keyboard.type("hut")
    await expect(olga.locator("#found mark")).to_have_count(1)
    await olga.keyboard.press("ArrowDown")
    await olga.keyboard.press("Escape")
    await expect(chip).to_be_hidden()
    await expect(field).to_have_value("")


async def test_a_conversations_menu_stands_above_it_too(sign_in, owner, member, group):
    milan = await sign_in(member)
    await milan.set_viewport_size(NARROW)
    await open_conversation(milan, "Hikers")
    more = milan.get_by_role("button", name="More", exact=True)
    await more.click()
    await milan.get_by_role("menuitem", name="Mute for 8 hours").click()
    await expect(milan.locator(".pane-top[data-muted]")).to_have_count(1)
    await more.click()
    await expect(milan.get_by_role("menuitem", name="Report")).to_be_visible()
    await milan.keyboard.press("Escape")
    await expect(more).to_be_focused()
    await more.click()
    await milan.get_by_role("menuitem", name="Leave").click()
    await milan.get_by_role("dialog").get_by_role("button", name="Leave").click()
    await expect(milan.get_by_text("You leave the conversation")).to_be_visible()
    await expect(milan.locator(".row")).to_have_count(0)
    await expect(milan.get_by_role("log")).to_be_hidden()


async def test_who_is_removed_is_told(sign_in, owner, member, group):
    milan = await sign_in(member)
    await open_conversation(milan, "Hikers")
    await sync_to_async(remove_member)(actor=owner, conversation_id=group.pk, user_id=member.pk)
    await expect(milan.get_by_text("“Hikers” is no longer among your chats")).to_be_visible()
    await expect(milan.get_by_text("Choose a conversation to begin").or_(milan.get_by_text("Welcome"))).to_be_visible()


async def test_the_pinned_messages_are_gone_through_by_clicks(sign_in, owner, group):
    await say(owner, group.pk, *(f"message {number}" for number in range(30)))
    for content in ("message 2", "message 20"):
        message = await Message.objects.aget(conversation=group, content=content)
        await sync_to_async(pin_message)(actor_id=owner.pk, conversation_id=group.pk, message_id=message.id)
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    bar = olga.locator(".pinned-bar:visible")
    for content in ("message 20", "message 2", "message 20"):
        await expect(bar).to_contain_text(content)
        await bar.click()
        await expect(olga.locator(".message", has=olga.get_by_text(content, exact=True))).to_be_focused()


async def test_the_information_follows_who_comes_and_asks_before_somebody_goes(sign_in, owner, member, outsider, group):
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await olga.get_by_role("link", name="Info", exact=True).click()
    side = olga.locator(".side-part")
    await expect(side.get_by_role("link", name="Otto")).to_have_count(0)
    await sync_to_async(add_members)(actor=owner, conversation_id=group.pk, user_ids=[outsider.pk])
    await expect(side.get_by_role("link", name="Otto")).to_be_visible()

    await side.get_by_label("What to do with Otto").click()
    await side.get_by_role("button", name="Remove", exact=True).click()
    await expect(olga.get_by_role("dialog")).to_contain_text("Remove this person?")
    await olga.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    await expect(side.get_by_role("link", name="Otto")).to_be_visible()
    await side.get_by_label("What to do with Otto").click()
    await side.get_by_role("button", name="Remove", exact=True).click()
    await olga.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    await expect(side.get_by_role("link", name="Otto")).to_have_count(0)
    await expect(side.get_by_role("heading", name="Hikers")).to_be_visible()


async def test_names_and_mentions_lead_to_people_and_back(sign_in, owner, member, group):
    await say(member, group.pk, "Ask @olga")
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await olga.locator(".message .author", has_text="Milan").click()
    await expect(olga.get_by_role("heading", name="Milan")).to_be_visible()
    await olga.get_by_role("link", name="Back to the chats").click()
    await expect(olga.get_by_role("heading", name="Hikers")).to_be_visible()
    await olga.locator(".mention").click()
    await expect(olga.get_by_text("This is you, as you see yourself.")).to_be_visible()
    # Through however many pages.
    await olga.get_by_role("link", name="Change your profile").click()
    await olga.get_by_role("navigation", name="Settings").get_by_role("link", name="Privacy").click()
    await olga.get_by_role("link", name="Back to the chats").click()
    await expect(olga.get_by_role("heading", name="Hikers")).to_be_visible()


async def test_it_is_told_who_reacted(sign_in, owner, member, group):
    await say(owner, group.pk, "Who comes?", "Ask @milan")
    message = await Message.objects.aget(content="Who comes?")
    await sync_to_async(set_reaction)(actor_id=member.pk, conversation_id=group.pk, message_id=message.id, emoji="👍")
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await olga.locator(".mention").click(button="right")
    await expect(olga.get_by_role("menuitem", name="Reply")).to_be_visible()
    await expect(olga.get_by_role("menuitem", name="Reactions")).to_be_hidden()
    await olga.keyboard.press("Escape")
    await choose(olga, "Who comes?", "Reactions")
    dialog = olga.get_by_role("dialog")
    await expect(dialog.get_by_role("link")).to_contain_text("Milan")
    await expect(dialog.locator(".reactor")).to_have_text("👍")
    await expect(dialog.locator("time[data-local]")).to_have_count(1)
    assert await violations(olga) == []


def check_files():
    """Do what the worker does."""
    for conversation_id, attachment_id in Attachment.objects.values_list("conversation_id", "id"):
        pipeline.process(conversation_id=conversation_id, attachment_id=attachment_id)


async def test_back_closes_the_viewer_and_stays_in_the_conversation(sign_in, owner, member, dm):
    olga = await sign_in(owner)
    await olga.set_viewport_size({"width": 1024, "height": 800})
    await open_conversation(olga, "Milan")
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(file, "PNG")
    await olga.get_by_label("Attach files").set_input_files(
        {"name": "hut.png", "mimeType": "image/png", "buffer": file.getvalue()}
    )
    await olga.get_by_role("button", name="Send").click()
    await sync_to_async(check_files)()
    picture, viewer = olga.locator(".picture"), olga.locator("#viewer")
    await picture.click()
    await expect(viewer).to_be_visible()
    await olga.go_back()
    await expect(viewer).to_be_hidden()
    await expect(picture).to_be_visible()

    # Over the information, which covers the conversation: each step back is one of them.
    await olga.get_by_role("link", name="Info", exact=True).click()
    await olga.locator(".media-grid [data-view]").click()
    await expect(viewer).to_be_visible()
    await olga.keyboard.press("Escape")
    await expect(viewer).to_be_hidden()
    await expect(olga.locator(".side-part")).to_be_visible()
    await olga.go_back()
    await expect(olga.locator(".side-part")).to_have_count(0)
    await expect(olga.get_by_role("log")).to_be_visible()


async def test_a_pane_that_was_opened_by_its_address_is_gone_once_it_was_closed(sign_in, owner, group):
    olga = await sign_in(owner)
    await olga.goto(f"/c/{group.pk}/info/members")
    await olga.locator(".side-close").click()
    await expect(olga).to_have_url(re.compile(f"/c/{group.pk}$"))
    await olga.reload()
    await expect(olga.get_by_role("log")).to_be_visible()
    await expect(olga.locator(".side-part")).to_have_count(0)


async def test_who_blocked_somebody_takes_it_back_where_they_stand(sign_in, owner, member, dm):
    await sync_to_async(block_person)(blocker=owner, user_id=member.pk)
    olga = await sign_in(owner)
    await open_conversation(olga, "Milan")
    await olga.get_by_role("button", name="Unblock").click()
    await expect(olga.get_by_role("textbox", name="Message")).to_be_visible()
    await expect(olga.get_by_role("heading", name="Milan")).to_be_visible()


async def test_a_click_on_another_row_wins_over_the_one_before(sign_in, owner, member, group, dm):
    olga = await sign_in(owner)
    await olga.route(re.compile(f"/c/{group.pk}$"), lambda route: None)
    await row_of(olga, "Hikers").click()
    await expect(row_of(olga, "Hikers")).to_have_attribute("aria-current", "page")
    await row_of(olga, "Milan").click()
    await expect(olga.get_by_role("heading", name="Milan")).to_be_visible()
    await expect(row_of(olga, "Milan")).to_have_attribute("aria-current", "page")
    await expect(row_of(olga, "Hikers")).not_to_have_attribute("aria-current", "page")


async def test_what_is_refused_in_a_dialog_is_said_in_it(sign_in, owner, member, group):
    await say(member, group.pk, "Buy my coins")
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await choose(olga, "Buy my coins", "Report")
    dialog = olga.get_by_role("dialog")
    await dialog.get_by_label("Spam").check()
    await olga.route("**/api/v1/reports", lambda route: route.abort())
    await dialog.get_by_role("button", name="Report").click()
    await expect(dialog.locator(".toast")).to_be_visible()
    await expect(bubble(olga, "Buy my coins")).to_be_visible()


def test_saved_messages_are_nobodys_profile(owner):
    mine, _ = open_dm(creator=owner, user_id=owner.pk)
    browser = Browser()
    browser.sign_in(owner)
    page = browser.get(f"/c/{mine}/info").content.decode()
    assert "Notes that only you see." in page
    assert "Profile, contact, block" not in page


def test_who_may_not_take_a_role_is_not_offered_it(owner, member, outsider, group):
    add_members(actor=owner, conversation_id=group.pk, user_ids=[outsider.pk])
    row = ConversationMember.objects.filter(conversation=group, user=member)
    browser = Browser()
    browser.sign_in(member)
    for role, offered in ((Role.MEMBER, set()), (Role.MODERATOR, set()), (Role.ADMIN, {"MODERATOR"})):
        row.update(role=role)
        page = browser.get(f"/c/{group.pk}/info/members").content.decode()
        assert set(re.findall(r'value="role:(\w+)"', page)) == offered
        assert ("What to do with Otto" in page) == (role != Role.MEMBER)
