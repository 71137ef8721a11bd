"""What comes while somebody reads elsewhere in a history: it is not lost, not shown twice, and takes nobody's place."""

import asyncio

from asgiref.sync import sync_to_async
from playwright.async_api import Page, expect

from conversations.enums import ConversationType
from conversations.services import create_conversation
from messaging.models import Message
from messaging.services import set_reaction
from tests.web.conftest import PATIENCE
from tests.web.steps import bubble, open_conversation
from tests.web.test_never_lost import say

TO_END = "(box) => { box.scrollTop = box.scrollHeight; }"
TOP = "(box) => { box.scrollTop = box.scrollHeight / 2; return box.scrollTop; }"
TOMORROW = """
    () => {
        const Now = Date;
        globalThis.Date = class extends Now {
            constructor(...given) { super(...(given.length ? given : [Now.now() + 86_400_000])); }
        };
    }
"""


async def stand_at(page: Page, group, seq: int) -> None:
    message = await Message.objects.aget(conversation_id=group.pk, seq=seq)
    await page.goto(f"/c/{group.pk}/{message.id}")
    await expect(page.locator(".timeline[data-ready]")).to_be_visible()


async def test_what_is_sent_from_the_middle_of_a_history_and_what_comes_meanwhile_stand_at_its_end_once(
    sign_in, owner, member, group
):
    await sync_to_async(say)(member, group.pk, *(f"message {number}" for number in range(60)))
    olga = await sign_in(owner)
    timeline = olga.get_by_role("log")
    await stand_at(olga, group, 5)
    await olga.get_by_role("textbox", name="Message").fill("from the middle")
    await olga.get_by_role("textbox", name="Message").press("Enter")
    sent = bubble(olga, "from the middle")
    await expect(sent.get_by_label("sent")).to_be_in_viewport()
    await expect(bubble(olga, "message 59")).to_be_in_viewport()
    await expect(sent).to_have_count(1)

    asked, given = asyncio.Event(), asyncio.Event()

    async def hold_back(route):
        response = await route.fetch()
        asked.set()
        await given.wait()
        await route.fulfill(response=response)

    await olga.route("**/history?*", hold_back)
    await stand_at(olga, group, 5)
    await timeline.evaluate(TO_END)
    async with asyncio.timeout(PATIENCE / 1000):
        await asked.wait()
    await sync_to_async(say)(member, group.pk, "in between")
    await expect(olga.locator(".row")).to_contain_text("in between")
    given.set()
    await expect(bubble(olga, "in between")).to_have_count(1)


async def test_who_came_back_and_reads_on_stays_where_they_are(sign_in, owner, member, group):
    await sync_to_async(create_conversation)(creator=owner, type=ConversationType.GROUP, title="Cooks", member_ids=[])
    await sync_to_async(say)(owner, group.pk, *(f"message {number}" for number in range(60)))
    olga = await sign_in(owner)
    for title in ("Hikers", "Cooks", "Hikers"):
        await open_conversation(olga, title)
    top = await olga.get_by_role("log").evaluate(TOP)
    await olga.context.set_offline(True)
    await expect(olga.get_by_text("Waiting for a network…")).to_be_visible()
    await sync_to_async(say)(member, group.pk, "news")
    await olga.context.set_offline(False)
    await expect(bubble(olga, "news")).to_have_count(1)
    await expect(olga.get_by_role("link", name="To the newest message")).to_contain_text("1")
    assert abs(await olga.get_by_role("log").evaluate("(box) => box.scrollTop") - top) < 5


async def test_a_message_that_changes_keeps_its_choice_and_the_focus_and_yesterday_its_name(
    sign_in, owner, member, group
):
    await sync_to_async(say)(member, group.pk, "at nine")
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    message = bubble(olga, "at nine")
    await message.click(button="right")
    await olga.get_by_role("menuitem", name="Select").click()
    await message.focus()
    standing = await Message.objects.aget(content="at nine")
    await sync_to_async(set_reaction)(actor_id=member.pk, conversation_id=group.pk, message_id=standing.id, emoji="👍")
    await expect(message.locator(".reaction")).to_be_visible()
    await expect(message).to_be_focused()
    await expect(olga.locator(".message[data-chosen]")).to_have_count(1)

    await olga.evaluate(TOMORROW)
    await olga.get_by_role("textbox", name="Message").fill("the day after")
    await olga.context.set_offline(True)
    await olga.get_by_role("textbox", name="Message").press("Enter")
    await expect(olga.locator(".day-pill")).to_have_text(["Yesterday", "Today"])
