"""What one does with messages and conversations, in a real browser."""

import asyncio
import io
import re

import pytest
from asgiref.sync import sync_to_async
from PIL import Image
from playwright.async_api import Page, expect

from attachments.models import Attachment
from attachments.services import pipeline
from conversations.services import open_dm
from tests.accessibility import violations
from tests.web.steps import choose, open_conversation, say

# As the browser writes it; the server writes a day.
A_TIME = re.compile(r"^\d{1,2}:\d\d\s[AP]M$|^[A-Z][a-z]{2}$")


@pytest.fixture
def dm(owner, member):
    conversation_id, _ = open_dm(creator=owner, user_id=member.pk)
    return conversation_id


async def open_first(page: Page) -> None:
    await page.locator(".row").first.click()
    await expect(page.locator(".timeline[data-ready]")).to_be_visible()


async def test_a_message_is_answered_edited_reacted_to_and_deleted_and_the_other_sees_it(sign_in, owner, member, dm):
    await say(member, dm, "Shall we go?")
    olga, milan = await sign_in(owner), await sign_in(member)
    await open_first(olga)
    await open_first(milan)

    await choose(olga, "Shall we go?", "Reply")
    field = olga.get_by_role("textbox", name="Message")
    await field.fill("On Sundy")
    await field.press("Enter")
    await expect(milan.locator(".message .quote p")).to_have_text("Shall we go?")

    await expect(olga.locator(".message.own[data-seq]")).to_have_count(1)
    await field.press("ArrowUp")
    await expect(field).to_have_value("On Sundy")
    await field.fill("On Sunday")
    await field.press("Enter")
    await expect(milan.locator(".words", has_text="On Sunday")).to_be_visible()
    await expect(milan.locator(".meta", has_text="edited")).to_be_visible()

    await milan.locator(".words", has_text="On Sunday").click(button="right")
    await milan.locator("#message-menu [data-emoji]").first.click()
    await expect(olga.locator(".reaction")).to_have_text("👍1")
    await expect(milan.locator(".reaction")).to_have_attribute("aria-pressed", "true")

    await choose(olga, "On Sunday", "Delete")
    await olga.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(milan.locator(".tombstone")).to_have_text("Message deleted")


async def test_the_keyboard_alone_opens_a_messages_menu_and_gives_the_focus_back(sign_in, owner, member, dm):
    await say(member, dm, "Read me")
    olga = await sign_in(owner)
    await open_first(olga)
    await olga.locator(".timeline").focus()
    await olga.keyboard.press("ArrowUp")
    await olga.keyboard.press("Enter")
    await expect(olga.locator("#message-menu")).to_be_visible()
    await olga.keyboard.press("Escape")
    await expect(olga.locator("#message-menu")).to_be_hidden()
    await expect(olga.locator(".message")).to_be_focused()


async def test_a_conversation_is_archived_from_its_menu_and_taken_back(sign_in, owner, dm):
    olga = await sign_in(owner)
    await olga.locator(".row").click(button="right")
    await olga.get_by_role("menuitem", name="Archive").click()
    await expect(olga.locator(".row")).to_have_count(0)
    await olga.get_by_role("link", name="Archived").click()
    await expect(olga.locator(".row")).to_have_count(1)
    await olga.get_by_role("button", name="Undo").click()
    await olga.get_by_role("link", name="All", exact=True).click()
    await expect(olga.locator(".row")).to_have_count(1)


async def test_a_message_is_pinned_and_forwarded_from_its_menu(sign_in, owner, member, dm, group):
    await say(member, dm, "Bring **rope** and ||a surprise||")
    olga = await sign_in(owner)
    await open_conversation(olga, "Milan")
    await choose(olga, "Bring", "Pin")
    await expect(olga.locator(".pinned-bar")).to_contain_text("Bring rope and …")
    await choose(olga, "Bring", "Forward")
    await olga.get_by_role("dialog").get_by_role("button", name="Hikers").click()
    await expect(olga.locator(".row", has_text="Hikers").locator(".row-preview")).to_have_text("You: Bring rope and …")
    await choose(olga, "Bring", "Unpin")
    await expect(olga.locator(".pinned-bar")).to_have_count(0)


async def test_folders_filter_the_list_and_the_search_finds_people_conversations_and_messages(
    sign_in, owner, member, dm, group
):
    await say(member, dm, "The hut is open")
    olga = await sign_in(owner)
    folders = olga.get_by_role("navigation", name="Folders")
    await folders.get_by_role("link", name="Groups").click()
    await expect(olga.locator(".row-title")).to_have_text(["Hikers"])
    await folders.get_by_role("link", name="Unread").click()
    await expect(olga.locator(".row-title")).to_have_text(["Milan"])
    await folders.get_by_role("link", name="All").click()
    await expect(olga.locator(".row")).to_have_count(2)

    await olga.keyboard.press("Control+k")
    field = olga.get_by_role("searchbox")
    await expect(field).to_be_focused()
    await field.fill("hut")
    await expect(olga.locator("#found mark")).to_have_text("hut")
    await expect(olga.locator("#found time")).to_have_text(A_TIME)
    assert await violations(olga) == []
    await field.press("ArrowDown")
    await olga.keyboard.press("Enter")
    await expect(olga.locator(".message", has_text="The hut is open")).to_be_focused()
    await olga.goto("/search?q=hut")
    await expect(olga.locator("#found time")).to_have_text(A_TIME)


# Its place may move with the history, and its looks while it comes in.
ROOM = "image => [image.offsetWidth, image.offsetHeight]"

# Lets go of a file, over the page or into the clipboard's event.
BRING = """(element, [type, name]) => {
  const data = new DataTransfer();
  data.items.add(new File(["<svg"], name));
  const options = { bubbles: true, cancelable: true };
  const event = type === "paste"
    ? new ClipboardEvent(type, { ...options, clipboardData: data })
    : new DragEvent(type, { ...options, dataTransfer: data });
  element.dispatchEvent(event);
}"""


async def test_pictures_are_chosen_pasted_dropped_sent_and_seen_at_full_size(sign_in, owner, member, dm):
    olga, milan = await sign_in(owner), await sign_in(member)
    await open_first(olga)
    await open_first(milan)
    await olga.get_by_label("Attach files").set_input_files(
        {"name": "hut.png", "mimeType": "image/png", "buffer": picture()}
    )
    field = olga.get_by_role("textbox", name="Message")
    await field.evaluate(BRING, ["paste", "pasted.txt"])
    await field.evaluate(BRING, ["dragover", "dropped.txt"])
    await expect(olga.locator(".pane[data-drop]")).to_be_visible()
    await field.evaluate(BRING, ["drop", "dropped.txt"])
    await expect(olga.locator(".pane[data-drop]")).to_have_count(0)
    await expect(olga.locator(".uploads li span")).to_have_text(["hut.png", "pasted.txt", "dropped.txt"])
    await olga.get_by_role("button", name="Take pasted.txt away").click()
    await olga.get_by_role("button", name="Send").click()
    await expect(olga.locator(".uploads li")).to_have_count(0)
    await expect(milan.locator(".file[data-waits] b")).to_have_text(["hut.png", "dropped.txt"])
    thumbnails = asyncio.Event()
    await milan.route("**/thumbnail*", lambda route: after(thumbnails, route))
    await sync_to_async(check_files)(dm)
    shown, held = milan.get_by_role("img", name="hut.png"), milan.locator(".picture .hold")
    await expect(held).to_have_attribute("src", re.compile("^data:image/webp;base64,"))
    await expect(milan.locator(".row-preview")).to_have_text("File")
    # The message is drawn anew for each of its files.
    await expect(milan.locator(".file[data-waits]")).to_have_count(0)
    room = await shown.evaluate(ROOM)
    thumbnails.set()
    await expect(held).to_have_count(0)
    assert await shown.evaluate(ROOM) == room
    await shown.click()
    viewer = milan.get_by_role("dialog")
    await expect(viewer.get_by_role("img")).to_be_visible()
    async with milan.expect_download() as download:
        await viewer.get_by_role("link", name="Download").click()
    assert (await download.value).suggested_filename == "hut.png"
    await milan.keyboard.press("Escape")
    await expect(viewer).to_have_count(0)


async def after(event, route):
    await event.wait()
    await route.continue_()


def check_files(conversation_id):
    for attachment_id in Attachment.objects.values_list("id", flat=True):
        pipeline.process(conversation_id=conversation_id, attachment_id=attachment_id)


async def test_axe_finds_nothing_in_a_conversation_with_its_menu_its_dialogs_and_its_information_open(
    sign_in, owner, member, group
):
    await say(member, group.pk, "Hello **all**")
    olga = await sign_in(owner)
    await open_first(olga)
    assert await violations(olga) == []
    await olga.locator(".words", has_text="Hello").click(button="right")
    assert await violations(olga) == []
    await olga.get_by_role("menuitem", name="Forward").click()
    await expect(olga.get_by_role("dialog")).to_be_visible()
    assert await violations(olga) == []
    await olga.keyboard.press("Escape")
    await olga.get_by_role("link", name="Info", exact=True).click()
    await expect(olga.get_by_role("heading", name="Group")).to_be_visible()
    assert await violations(olga) == []


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (640, 400), "#7a9cc6").save(target, "PNG")
    return target.getvalue()


async def test_axe_finds_nothing_on_the_pages_around_a_conversation_nor_in_its_other_dialogs(
    sign_in, owner, member, group
):
    await say(owner, group.pk, "Hello")
    olga = await sign_in(owner)
    for path in ("/", "/?folder=archived", "/new/", "/new/group/", "/new/channel/"):
        await olga.goto(path)
        await olga.wait_for_load_state("load")
        assert await violations(olga) == []
    for part in ("members", "media", "edit", "invites"):
        await olga.goto(f"/c/{group.pk}/info/{part}")
        await expect(olga.locator(".side-part")).to_be_visible()
        assert await violations(olga) == []
    await olga.goto(f"/c/{group.pk}")
    await expect(olga.locator(".timeline[data-ready]")).to_be_visible()
    await olga.get_by_role("button", name="Emoji").click()
    await expect(olga.locator("#emoji input")).to_be_focused()
    assert await violations(olga) == []
    await olga.keyboard.press("Escape")
    await choose(olga, "Hello", "Delete")
    await expect(olga.get_by_role("dialog")).to_be_visible()
    assert await violations(olga) == []
