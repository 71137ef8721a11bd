"""What is being written: beside an edit, in another tab, about a message that goes meanwhile."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from playwright.async_api import Locator, Page, Route, expect

from conversations.services import open_dm
from messaging.models import Message
from messaging.services import delete_message
from tests.web.steps import bubble, choose, open_conversation, row_of, say


@pytest.fixture
def dm(owner, member):
    conversation_id, _ = open_dm(creator=owner, user_id=member.pk)
    return conversation_id


def field_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message")


async def delete(actor, conversation_id, content):
    message = await Message.objects.aget(conversation_id=conversation_id, content=content)
    await sync_to_async(delete_message)(actor_id=actor.pk, conversation_id=conversation_id, message_id=message.id)


async def test_an_edit_gives_back_what_was_being_written_and_what_it_answers(sign_in, owner, member, dm):
    await say(owner, dm, "first", "second")
    await say(member, dm, "Who comes?")
    olga = await sign_in(owner)
    await open_conversation(olga, "Milan")
    await choose(olga, "Who comes?", "Reply")
    field, bar = field_of(olga), olga.locator(".composer-bar")
    await field.fill("I do, and")
    await choose(olga, "first", "Edit")
    await expect(field).to_have_value("first")
    await choose(olga, "second", "Edit")
    await expect(field).to_have_value("second")
    await field.fill("second, half done")
    await olga.reload()
    await expect(field).to_have_value("second, half done")
    await expect(bar).to_contain_text("Editing")
    await field.press("Escape")
    await expect(field).to_have_value("I do, and")
    await expect(bar).to_contain_text("Who comes?")
    await field.press("Enter")
    await expect(bubble(olga, "I do, and").locator(".quote p")).to_have_text("Who comes?")
    await expect(bubble(olga, "second")).to_be_visible()


async def test_what_is_typed_while_an_edit_is_on_its_way_stays_and_a_refused_edit_is_offered_again(
    sign_in, owner, member, dm
):
    await say(owner, dm, "On Sundy")
    olga = await sign_in(owner)
    await open_conversation(olga, "Milan")
    field, gate = field_of(olga), asyncio.Event()

    async def slow(route: Route) -> None:
        if route.request.method == "PATCH":
            await gate.wait()
        await route.continue_()

    await olga.route("**/messages/*", slow)
    await field.press("ArrowUp")
    await field.press("ArrowUp")
    await expect(field).to_have_value("On Sundy")
    await field.fill("On Sunday")
    await field.press("Enter")
    await expect(field).to_have_value("")
    await field.press_sequentially("and the next")
    gate.set()
    await expect(bubble(olga, "On Sunday")).to_be_visible()
    await expect(field).to_have_value("and the next")

    await olga.unroute("**/messages/*")
    await choose(olga, "On Sunday", "Edit")
    await expect(field).to_have_value("On Sunday")
    await olga.route("**/messages/*", lambda route: route.abort())
    await field.fill("On Monday")
    await field.press("Enter")
    await expect(olga.get_by_text("That didn't work. Try again.")).to_be_visible()
    await expect(field).to_have_value("On Monday")
    await olga.unroute("**/messages/*")
    await field.press("Enter")
    await expect(bubble(olga, "On Monday")).to_be_visible()
    await expect(field).to_have_value("and the next")


async def test_a_draft_goes_to_the_other_tab_and_is_gone_there_once_it_was_sent(sign_in, owner, group, dm):
    here = await sign_in(owner)
    there = await here.context.new_page()
    await there.goto(f"/c/{group.pk}")
    await open_conversation(here, "Hikers")
    await field_of(here).fill("half a thought")
    await expect(field_of(there)).to_have_value("half a thought")
    await field_of(here).fill("a whole thought")
    await field_of(here).press("Enter")
    await expect(field_of(there)).to_have_value("")

    # Nobody's own words are taken away.
    async with there.expect_response("**/me"):
        await field_of(there).fill("mine ")
    await field_of(here).fill("yours")
    await expect(row_of(there, "Hikers").locator(".row-draft")).to_have_text("Draft: yours", use_inner_text=False)
    await expect(field_of(there)).to_have_value("mine ")


async def test_a_draft_stands_in_the_row_of_a_conversation_that_is_not_open(sign_in, owner, member, group, dm):
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    draft = row_of(olga, "Hikers").locator(".row-draft")
    async with olga.expect_response("**/me"):
        await field_of(olga).fill("half a thought")
    await expect(draft).to_be_hidden()
    await open_conversation(olga, "Milan")
    await expect(draft).to_have_text("Draft: half a thought")
    await say(member, group.pk, "anybody?")
    await expect(row_of(olga, "Hikers").locator(".count")).to_have_text("1")
    await expect(draft).to_be_visible()
    await open_conversation(olga, "Hikers")
    await expect(draft).to_be_hidden()
    await expect(row_of(olga, "Hikers").locator(".row-preview")).to_have_text("Milan: anybody?")


async def test_what_answers_or_changes_a_message_that_went_meanwhile_is_no_dead_end(sign_in, owner, member, dm):
    await say(member, dm, "Who comes?", "Anybody?")
    await say(owner, dm, "I")
    olga = await sign_in(owner)
    await open_conversation(olga, "Milan")
    field, bar = field_of(olga), olga.locator(".composer-bar")
    await choose(olga, "Who comes?", "Reply")
    await field.fill("All of us")
    await delete(member, dm, "Who comes?")
    await expect(bar).to_be_hidden()
    await expect(field).to_have_value("All of us")
    await choose(olga, "I", "Edit")
    await expect(field).to_have_value("I")
    await delete(owner, dm, "I")
    await expect(field).to_have_value("All of us")

    await choose(olga, "Anybody?", "Reply")
    await olga.context.set_offline(True)
    await field.press("Enter")
    await expect(olga.get_by_role("button", name="Retry")).to_be_visible()
    await delete(member, dm, "Anybody?")
    await olga.context.set_offline(False)
    await expect(olga.get_by_role("button", name="Retry")).to_be_visible()
    await olga.get_by_role("button", name="Retry").click()
    await expect(bubble(olga, "All of us").get_by_label("sent")).to_be_visible()


async def test_a_long_draft_leaves_the_newest_message_in_sight(sign_in, owner, group):
    await say(owner, group.pk, *(f"message {number}" for number in range(30)))
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    async with olga.expect_response("**/me"):
        await field_of(olga).fill("one\ntwo\nthree\nfour\nfive\nsix")
    await olga.evaluate("localStorage.clear()")
    await olga.reload()
    await expect(field_of(olga)).to_have_value("one\ntwo\nthree\nfour\nfive\nsix")
    await expect(bubble(olga, "message 29")).to_be_in_viewport(ratio=1)
    await expect(olga.locator(".to-newest")).to_have_attribute("data-away", "false")
