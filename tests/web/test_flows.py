"""What one person does in one sitting with all that a menu, a key or a page of the settings offers."""

import re
from datetime import timedelta

from asgiref.sync import sync_to_async
from django.utils import timezone
from playwright.async_api import expect

from conversations.models import ConversationMember
from conversations.services import create_conversation, open_dm
from moderation.models import UserReport
from tests.web.steps import bubble, choose, choose_in_list, open_conversation, row_of, say


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


async def test_the_composer_offers_names_and_emoji_and_gives_an_edit_up(sign_in, owner, member, outsider):
    group, _ = await sync_to_async(create_conversation)(
        creator=owner, type="GROUP", title="Three", member_ids=[member.pk, outsider.pk]
    )
    await say(owner, group, "On Sundy")
    olga = await sign_in(owner)
    await open_conversation(olga, "Three")
    field = olga.get_by_role("textbox", name="Message")
    names = olga.get_by_role("listbox", name="People to mention")
    await field.press_sequentially("@")
    first, second = names.get_by_role("option").nth(0), names.get_by_role("option").nth(1)
    await expect(first).to_have_attribute("aria-selected", "true")
    await field.press("ArrowDown")
    await expect(first).to_have_attribute("aria-selected", "false")
    await expect(second).to_have_attribute("aria-selected", "true")
    chosen = await second.get_attribute("id")
    assert chosen
    await expect(field).to_have_attribute("aria-activedescendant", chosen)
    await field.press("Escape")
    await expect(names).to_be_hidden()
    await expect(field).to_have_attribute("aria-activedescendant", "")
    await field.press_sequentially("mi")
    await names.get_by_role("option", name="Milan").click()
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
    await here.get_by_text("Sign out all other devices").click()
    await here.get_by_role("button", name="Sign them out").click()
    await expect(here.get_by_text("You are signed in nowhere else.")).to_be_visible()
    await expect(there).to_have_url(re.compile("/login/"))


async def test_a_quote_leads_to_what_it_quotes_and_an_answer_is_given_up(sign_in, owner, member, group):
    await say(member, group.pk, "Where do we meet?", *(f"line {number}" for number in range(60)))
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await olga.get_by_role("searchbox").fill("meet")
    await expect(olga.locator("#found-count")).to_have_text("1 result")
    await olga.locator("#found .pick").click()
    question = olga.locator(".message", has=olga.locator(".words").get_by_text("Where do we meet?", exact=True))
    await expect(question).to_be_focused()
    await choose(olga, "Where do we meet?", "Reply")
    bar, field = olga.locator(".composer-bar"), olga.get_by_role("textbox", name="Message")
    await expect(bar).to_contain_text("Where do we meet?")
    await bar.get_by_role("button", name="Cancel").click()
    await expect(bar).to_be_hidden()
    await choose(olga, "Where do we meet?", "Reply")
    await field.fill("At the hut")
    await field.press("Enter")
    await expect(bubble(olga, "At the hut")).to_be_in_viewport()
    await expect(question).not_to_be_in_viewport()
    await bubble(olga, "At the hut").locator(".quote").click()
    await expect(question).to_be_focused()
    await expect(question).to_be_in_viewport()


async def test_an_emoji_of_all_is_a_reaction_and_taken_back(sign_in, owner, member, group):
    await say(member, group.pk, "We made it")
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await choose(olga, "We made it", "More emoji")
    await olga.get_by_placeholder("Search emoji").fill("rocket")
    await olga.locator("#emoji [data-emoji='🚀']").click()
    reaction = bubble(olga, "We made it").locator(".reaction")
    await expect(reaction).to_have_attribute("aria-pressed", "true")
    await expect(reaction).to_have_text("🚀1")
    await reaction.click()
    await expect(reaction).to_have_count(0)


async def test_a_conversation_is_muted_reported_and_deleted_from_its_menu(sign_in, owner, member, group):
    news, _ = await sync_to_async(create_conversation)(
        creator=member, type="CHANNEL", title="News", member_ids=[owner.pk]
    )
    olga = await sign_in(owner)
    row, dialog = row_of(olga, "News"), olga.get_by_role("dialog")
    mine = ConversationMember.objects.filter(user=owner, conversation=news).values_list("muted_until", flat=True)

    await choose_in_list(olga, "News", "Mute for 8 hours")
    await expect(row).to_have_attribute("data-muted", "")
    until = await mine.aget()
    assert until is not None
    assert abs(until - timezone.now() - timedelta(hours=8)) < timedelta(minutes=5)
    await choose_in_list(olga, "News", "Unmute")
    await expect(row).not_to_have_attribute("data-muted", "")
    await choose_in_list(olga, "News", "Mute for ever")
    await expect(row).to_have_attribute("data-muted", "")
    answer = await olga.request.get(f"/api/v1/conversations/{news}")
    assert (await answer.json())["muted_until"] == "forever"

    await choose_in_list(olga, "News", "Report")
    await dialog.get_by_label("Spam").check()
    await dialog.get_by_role("button", name="Report").click()
    await expect(olga.get_by_text("Reported. Thank you.")).to_be_visible()
    report = await UserReport.objects.aget()
    assert (report.conversation_id, report.reporter_id) == (news, owner.pk)

    milan = await sign_in(member)
    await choose_in_list(olga, "Hikers", "Delete")
    await dialog.get_by_role("button", name="Delete for all").click()
    await expect(olga.get_by_text("Conversation deleted")).to_be_visible()
    await expect(row_of(milan, "Hikers")).to_have_count(0)
    await expect(row_of(olga, "Hikers")).to_have_count(0)


async def test_arrows_go_through_what_was_found_and_escape_closes_what_is_open(sign_in, owner, member, group):
    await sync_to_async(open_dm)(creator=owner, user_id=member.pk)
    await say(owner, group.pk, "over the ridge", "down the ridge")
    olga = await sign_in(owner)
    keys, found = olga.keyboard, olga.locator("#found .pick")
    await keys.press("Control+k")
    await keys.type("ridge")
    await expect(found).to_have_count(2)
    await keys.press("ArrowDown")
    await keys.press("ArrowDown")
    await expect(found.last).to_be_focused()
    await keys.press("ArrowUp")
    await keys.press("Enter")
    await expect(bubble(olga, "down the ridge")).to_be_focused()

    await keys.press("Enter")
    await olga.get_by_role("menuitem", name="Select", exact=True).press("Enter")
    bar = olga.get_by_role("toolbar", name="Selected messages")
    await bar.get_by_role("button", name="Cancel").press("Escape")
    await expect(bar).to_be_hidden()
    await expect(olga.get_by_role("log")).to_be_focused()
    await keys.press("Escape")
    await expect(olga.get_by_text("Choose a conversation to begin")).to_be_visible()

    await olga.get_by_role("link", name="New conversation").press("Enter")
    await expect(olga.get_by_role("heading", name="Write to somebody")).to_be_visible()
    await keys.press("Escape")
    await expect(olga.get_by_text("Choose a conversation to begin")).to_be_visible()
    await keys.press("Control+k")
    await keys.press("Escape")
    await row_of(olga, "Hikers").focus()
    await keys.press("ArrowDown")
    await expect(row_of(olga, "Milan")).to_be_focused()
