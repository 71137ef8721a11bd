"""What one person does in one sitting with all that a menu, a key or a page of the settings offers."""

import re

from asgiref.sync import sync_to_async
from playwright.async_api import Page, expect

from conversations.models import ConversationMember
from conversations.services import open_dm
from messaging.drafts import Outgoing
from messaging.services import send_message
from tests.web.steps import bubble, open_conversation, row_of


async def say(sender, conversation_id, text):
    await sync_to_async(send_message)(
        sender=sender, conversation_id=conversation_id, outgoing=Outgoing.checked(content=text)
    )


async def choose(page: Page, text: str, item: str) -> None:
    """Choose an entry of a message's menu."""
    await bubble(page, text).locator(".words").click(button="right")
    await page.get_by_role("menuitem", name=item, exact=True).click()


async def choose_in_list(page: Page, title: str, item: str) -> None:
    """Choose an entry of a conversation's menu."""
    await row_of(page, title).click(button="right")
    await page.get_by_role("menuitem", name=item, exact=True).click()


async def test_messages_are_read_looked_into_reported_selected_and_deleted_together(sign_in, owner, member, group):
    for text in ("one", "two", "The end: ||everybody lives||"):
        await say(owner, group.pk, text)
    await say(member, group.pk, "Buy my coins")
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    dialog = olga.get_by_role("dialog")

    secret = olga.locator(".spoiler")
    await expect(secret).not_to_have_class(re.compile("shown"))
    await secret.click()
    await expect(secret).to_have_class(re.compile("shown"))

    await choose(olga, "one", "Who has read it")
    await expect(dialog.locator(".person-row")).to_have_text(re.compile(r"Milan\s*read"))
    await dialog.get_by_role("button", name="Close").click()

    await choose(olga, "Buy my coins", "Report")
    await dialog.get_by_label("Spam").check()
    await dialog.get_by_role("button", name="Report").click()
    await expect(olga.get_by_text("Reported. Thank you.")).to_be_visible()

    bar = olga.get_by_role("toolbar", name="Selected messages")
    await choose(olga, "one", "Select")
    await bubble(olga, "two").click()
    await expect(bar.get_by_role("status")).to_have_text("2 selected")
    await olga.keyboard.press("Escape")
    await expect(bar).to_be_hidden()
    await choose(olga, "one", "Select")
    await bubble(olga, "two").click()
    await bar.get_by_role("button", name="Delete").click()
    await dialog.get_by_role("button", name="Delete").click()
    await expect(olga.locator(".tombstone")).to_have_count(2)
    await expect(bar).to_be_hidden()


async def test_the_composer_offers_names_and_emoji_and_gives_an_edit_up(sign_in, owner, member, group):
    await say(owner, group.pk, "On Sundy")
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    field = olga.get_by_role("textbox", name="Message")
    await field.press_sequentially("@mi")
    await olga.locator(".complete li[data-name=milan]").click()
    await expect(field).to_have_value("@milan ")
    await olga.get_by_role("button", name="Emoji").click()
    await olga.locator("#emoji [data-emoji]").first.click()
    await expect(field).to_have_value(re.compile(r"^@milan \S+$"))
    written = await field.input_value()

    await choose(olga, "On Sundy", "Edit")
    await expect(field).to_have_value("On Sundy")
    await field.fill("On Monday")
    await field.press("Escape")
    await expect(field).to_have_value(written)
    await expect(olga.locator(".composer-bar")).to_be_hidden()
    await expect(bubble(olga, "On Sundy")).to_be_visible()


async def test_keys_change_the_conversation_and_list_themselves(sign_in, owner, member, group):
    dm, _ = await sync_to_async(open_dm)(creator=member, user_id=owner.pk)
    await say(member, dm, "hello")
    olga = await sign_in(owner)
    await choose_in_list(olga, "Milan", "Mark as read")
    await expect(row_of(olga, "Milan").locator(".badge")).to_be_empty()
    await choose_in_list(olga, "Milan", "Mute for 1 hour")
    await expect(olga.locator(".row[data-muted]")).to_have_count(1)
    until = await ConversationMember.objects.values_list("muted_until", flat=True).aget(user=owner, conversation=dm)
    assert until is not None

    await open_conversation(olga, "Milan")
    await olga.keyboard.press("Alt+ArrowDown")
    await expect(olga.get_by_role("heading", name="Hikers")).to_be_visible()
    await olga.keyboard.press("Alt+ArrowUp")
    await expect(olga.get_by_role("heading", name="Milan")).to_be_visible()
    await expect(olga.locator(".timeline[data-ready]")).to_be_visible()
    await olga.locator(".timeline").focus()
    await olga.keyboard.press("?")
    await expect(olga.get_by_role("dialog").locator("kbd", has_text="Ctrl")).not_to_have_count(0)
    await olga.keyboard.press("Escape")
    await expect(olga.get_by_role("dialog")).to_be_hidden()


async def test_an_invite_link_is_made_followed_and_taken_back_and_who_came_gets_a_role(sign_in, owner, outsider, group):
    olga, otto = await sign_in(owner), await sign_in(outsider)
    await olga.goto(f"/c/{group.pk}/info/invites")
    await olga.get_by_role("button", name="New invite link").click()
    link = await olga.get_by_role("textbox", name="Invite link").input_value()
    await otto.goto(link)
    await expect(otto.get_by_role("heading", name="Hikers")).to_be_visible()
    await otto.get_by_role("button", name="Join", exact=True).click()
    await expect(otto.locator(".timeline[data-ready]")).to_be_visible()

    await olga.get_by_role("button", name="Revoke").click()
    await expect(olga.get_by_role("textbox", name="Invite link")).to_have_count(0)
    answer = await otto.goto(link)
    assert answer is not None
    assert not answer.ok

    await olga.goto(f"/c/{group.pk}/info/members")
    person = olga.locator(".side-part .person-row", has=olga.get_by_role("link", name="Otto", exact=True))
    await person.get_by_label("What to do with Otto").click()
    await person.get_by_role("button", name="Make an admin").click()
    await expect(person.locator(".role")).to_have_text("admin")


async def test_settings_are_kept_and_all_other_devices_ended(sign_in, owner):
    here, there = await sign_in(owner), await sign_in(owner)
    await here.goto("/settings/appearance")
    await here.get_by_label("Dark", exact=True).check()
    await here.get_by_role("button", name="Save").click()
    await here.goto("/")
    await expect(here.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(there.locator("html")).not_to_have_attribute("data-theme", "dark")

    await here.goto("/settings/privacy/last_seen")
    await here.get_by_label("Nobody", exact=True).check()
    await here.get_by_role("button", name="Save").click()
    await here.goto("/settings/privacy")
    await expect(here.locator('a[href="/settings/privacy/last_seen"] .key-value')).to_have_text("Nobody")

    await here.goto("/settings/devices")
    await here.get_by_role("button", name="Sign out all other devices").click()
    await expect(here.get_by_text("You are signed in nowhere else.")).to_be_visible()
    await expect(there).to_have_url(re.compile("/login/"))
