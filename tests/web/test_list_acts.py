"""What one does with the list of conversations, in a real browser."""

import asyncio
import time

from asgiref.sync import sync_to_async
from playwright.async_api import Locator, Page, expect

from accounts.services.profile import update_me
from conversations.models import ConversationMember
from conversations.services import open_dm
from conversations.services.preferences import update_preferences
from messaging.drafts import Outgoing
from messaging.services import send_message
from tests.web.steps import row_of


async def leave(page: Page) -> Locator:
    """Leave the group of the only row, and return the toast that offers the way back."""
    await page.locator(".row").click(button="right")
    await page.get_by_role("menuitem", name="Leave").click()
    await page.get_by_role("dialog").get_by_role("button", name="Leave").click()
    await expect(page.locator(".row")).to_be_hidden()
    return page.locator(".toast")


async def test_leaving_is_taken_back_while_the_toast_stands_and_happens_when_one_goes(sign_in, owner, member, group):
    olga, milan = await sign_in(owner), await sign_in(member)
    await olga.locator(".row").click()
    toast = await leave(milan)
    await toast.get_by_role("button", name="Undo").click()
    await expect(milan.locator(".row")).to_be_visible()
    await leave(milan)
    await milan.goto("/contacts/")
    await expect(olga.locator(".message.system", has_text="Milan left")).to_be_visible()
    await expect(olga.get_by_role("log")).not_to_contain_text("Milan joined")


async def rest_on(row: Locator) -> None:
    """Put a finger on a row, and lift it a second later, on a phone that sends no contextmenu event."""
    box = await row.bounding_box()
    assert box is not None
    devtools = await row.page.context.new_cdp_session(row.page)
    point = {"x": box["x"] + 90, "y": box["y"] + 30}
    now = time.time()
    for kind, points, moment in (("touchStart", [point], now), ("touchEnd", [], now + 1)):
        await devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points, "timestamp": moment})


async def test_a_finger_that_rests_on_a_conversation_opens_its_menu_and_not_the_conversation(sign_in, owner, group):
    olga = await sign_in(owner)
    row = olga.locator(".row")
    await rest_on(row)
    await olga.get_by_role("menuitem", name="Pin").click()
    await expect(olga.locator(".row[data-pinned]")).to_be_visible()
    await expect(olga.locator(".pane")).to_have_count(0)
    await row.press("Enter")
    await expect(olga.locator(".timeline[data-ready]")).to_be_visible()


async def test_a_conversation_is_muted_from_its_heading(sign_in, owner, group):
    olga = await sign_in(owner)
    await olga.locator(".row").click()
    await olga.get_by_role("button", name="Mute", exact=True).press("Enter")
    await expect(olga.get_by_role("button", name="Unmute")).to_be_focused()
    await expect(olga.locator(".row[data-muted]")).to_have_count(1)
    await olga.get_by_role("button", name="Unmute").press("Enter")
    await expect(olga.locator(".row[data-muted]")).to_have_count(0)


async def test_the_list_takes_over_what_changed_elsewhere(sign_in, owner, member, group):
    dm, _ = await sync_to_async(open_dm)(creator=member, user_id=owner.pk)
    olga = await sign_in(owner)
    outgoing = Outgoing.checked(content="hello")
    await sync_to_async(send_message)(sender=member, conversation_id=dm, outgoing=outgoing)
    await expect(row_of(olga, "Milan")).to_contain_text("hello")
    await olga.context.set_offline(True)
    await expect(olga.get_by_text("Waiting for a network…")).to_be_visible()
    mine = ConversationMember.objects.filter(user=owner)
    await mine.filter(conversation=group).aupdate(is_pinned=True)
    await olga.context.set_offline(False)
    await expect(olga.locator(".row[data-pinned]")).to_contain_text("Hikers")
    await expect(olga).to_have_title("(1) Chat")
    await sync_to_async(update_me)(user=member, changes={"display_name": "Mirko"})
    await expect(row_of(olga, "Mirko")).to_be_visible()

    await mine.aupdate(is_archived=True)
    await olga.goto("/?folder=archived")
    await expect(olga.locator(".row")).to_have_count(2)
    await olga.get_by_role("link", name="All", exact=True).click()
    await expect(olga.locator(".row")).to_have_count(0)
    await expect(olga).to_have_title("Chat")


async def test_what_is_known_of_one_folder_changes_no_other(sign_in, owner, group):
    olga = await sign_in(owner)
    shown = asyncio.Event()

    async def hold_back(route):
        await shown.wait()
        await route.continue_()

    await olga.route("**/row?folder=all*", hold_back)
    async with olga.expect_request("**/row?folder=all*"):
        await sync_to_async(update_preferences)(member=owner, conversation_id=group.pk, changes={"is_archived": True})
    await olga.get_by_role("link", name="Archived").click()
    await expect(olga.locator("#rows[data-folder=archived] .row")).to_have_count(1)
    async with olga.expect_response("**/row?folder=archived*"):
        shown.set()
    await expect(olga.locator(".row")).to_have_count(1)


async def test_the_lists_width_is_changed_by_mouse_and_keys_and_remembered(sign_in, owner, group):
    olga = await sign_in(owner)
    border = olga.get_by_role("separator", name="Width of the list")
    await expect(border).to_have_attribute("aria-valuenow", "360")
    await border.press("ArrowRight")
    await expect(border).to_have_attribute("aria-valuenow", "380")
    await border.hover()
    await olga.mouse.down()
    await olga.mouse.move(900, 300)
    await olga.mouse.up()
    await expect(border).to_have_attribute("aria-valuenow", "540")
    await olga.reload()
    await expect(border).to_have_attribute("aria-valuenow", "540")


async def test_an_empty_folder_says_what_it_is_for(sign_in, outsider):
    otto = await sign_in(outsider)
    await expect(otto.get_by_role("heading", name="Nobody has written yet")).to_be_visible()
    await otto.get_by_role("link", name="Archived").click()
    await expect(otto.get_by_role("heading", name="Nothing archived")).to_be_visible()
    await otto.get_by_role("link", name="All", exact=True).click()
    await otto.get_by_role("button", name="Save a note").click()
    await expect(otto.get_by_text("Notes that only you see. Write the first.")).to_be_visible()
