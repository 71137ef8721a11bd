"""Names, words and files that break layouts elsewhere: nothing overflows a phone, nothing runs, nothing is lost."""

import io

import pytest
from asgiref.sync import sync_to_async
from PIL import Image
from playwright.async_api import Page, expect

from attachments.models import Attachment
from attachments.services import pipeline
from conversations.enums import ConversationType
from conversations.services import create_conversation, open_dm, update_conversation
from conversations.services.leaving import close_account
from messaging.drafts import Outgoing
from messaging.services import send_message
from tests.factories import PASSWORD, UserFactory

MARKUP = '<img src=x onerror=alert(1)><script>alert(2)</script>"><svg onload=alert(3)>'
TEXTS = (
    "W" * 4096,
    "All work and no play makes " * 150,
    "👩‍👩‍👧‍👦" * 200,
    "שלום עולם, זה טקסט ארוך עם English words ועוד 12345 מספרים",
    "مرحبا hello مرحبا (https://example.org/" + "a" * 300 + ")",
    MARKUP,
    "z̸̡̛͖̗͙̲̪̦͇͎͉̳͊̈́̑̐̈́̌̓̆͘͝a̵̡̢̛̗͎͙͇͔̰̙̘̅̽͌̔̋͐͘͝l̷̢̛̗̗͎͇̙̙̰̘̅̽͌̔̋͐͘͝g̵̢̛̗̗͎͇̙̙̰̘̅̽͌̔̋͐͘͝o̸",
    "```" + "x" * 500 + "```",
    "- one\n" * 60,
)
# What sticks out of the window on either side, of what can be seen.
STICKING_OUT = """
    [...document.querySelectorAll("body *")]
        .filter((element) => element.checkVisibility() && !element.closest(".sr-only, .folders, .uploads, .kinds, pre"))
        .filter((element) => {
            for (let each = element; each; each = each.parentElement) {
                if (getComputedStyle(each).textOverflow === "ellipsis") return false;
            }
            const { left, right, width } = element.getBoundingClientRect();
            return width > 1 && (right > innerWidth + 1 || left < -1);
        })
        .map((element) => `${element.tagName}.${element.className} in ${element.parentElement.className}`)
        .slice(0, 5)
"""


@pytest.fixture
def nasty(owner, member):
    """A group of people and words that nobody would choose."""
    long_name = UserFactory(username="x" * 32, display_name="Ŵ" * 64)
    markup = UserFactory(username="markup", display_name=MARKUP[:64])
    leaver = UserFactory(username="leaver")
    people = [member, long_name, markup, leaver]
    group, _ = create_conversation(
        creator=owner, type=ConversationType.GROUP, title="M" * 128, member_ids=[each.pk for each in people]
    )
    update_conversation(actor=owner, conversation_id=group, changes={"description": MARKUP + "d" * 500})
    answered = None
    for number, text in enumerate(TEXTS):
        message, _ = send_message(
            sender=people[number % 4],
            conversation_id=group,
            outgoing=Outgoing.checked(content=text, reply_to_id=answered),
        )
        answered = message["id"]
    for person in (long_name, markup):
        dm, _ = open_dm(creator=person, user_id=owner.pk)
        send_message(sender=person, conversation_id=dm, outgoing=Outgoing.checked(content=MARKUP))
    close_account(user=leaver, password=PASSWORD)
    return group


async def is_whole(page: Page) -> None:
    """The page is as wide as the window, and so is all in it."""
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate(STICKING_OUT) == []


async def test_nothing_sticks_out_of_a_phone_and_nothing_runs(sign_in, owner, nasty):
    olga = await sign_in(owner)
    dialogs = []
    olga.on("dialog", lambda dialog: dialogs.append(dialog.message))
    await olga.set_viewport_size({"width": 390, "height": 844})
    for path in ("/", f"/c/{nasty}/info", f"/c/{nasty}/info/edit", "/search?q=alert", "/contacts/", f"/c/{nasty}"):
        await olga.goto(path)
        await olga.wait_for_load_state("load")
        await is_whole(olga)
    await expect(olga.locator(".timeline[data-ready]")).to_be_visible()
    await expect(olga.locator(".author", has_text="Deleted Account").first).to_be_attached()
    await olga.locator(".message").last.click(button="right", position={"x": 60, "y": 20})
    await olga.set_viewport_size({"width": 1024, "height": 768})
    await is_whole(olga)
    assert dialogs == []


async def test_ten_pictures_go_at_once_over_a_slow_network_and_fit(sign_in, owner, member, group):
    olga = await sign_in(owner)
    await olga.set_viewport_size({"width": 390, "height": 844})
    network = await olga.context.new_cdp_session(olga)
    slow = {"offline": False, "latency": 200, "downloadThroughput": 200_000, "uploadThroughput": 100_000}
    await network.send("Network.emulateNetworkConditions", slow)
    await olga.locator(".row").first.click()
    await expect(olga.locator(".timeline[data-ready]")).to_be_visible()
    await expect(olga.locator(".message")).to_have_count(2)
    files = [
        {"name": f"{'very' * 40}{number}.png", "mimeType": "image/png", "buffer": picture()} for number in range(11)
    ]
    await olga.get_by_label("Attach files").set_input_files(files)
    await expect(olga.locator(".uploads li")).to_have_count(10)
    await expect(olga.get_by_text("Ten files at most go with a message.")).to_be_visible()
    await is_whole(olga)
    await olga.get_by_role("button", name="Send").click()
    await expect(olga.locator(".message .file")).to_have_count(10)
    await sync_to_async(check_files)(group.pk)
    await expect(olga.locator(".message .picture img")).to_have_count(10)
    await is_whole(olga)


async def test_two_tabs_show_the_same_once(sign_in, owner, member, group):
    olga = await sign_in(owner)
    other = await olga.context.new_page()
    for tab in (olga, other):
        await tab.goto(f"/c/{group.pk}")
        await expect(tab.locator(".timeline[data-ready]")).to_be_visible()
    for number, tab in enumerate((olga, other)):
        field = tab.get_by_role("textbox", name="Message")
        await field.fill(f"from tab {number}")
        await field.press("Enter")
        # A tab whose socket is not there yet would come second.
        await expect(tab.locator(".words", has_text=f"from tab {number}")).to_be_visible()
        await expect(tab.locator(".message.pending")).to_have_count(0)
    for tab in (olga, other):
        await expect(tab.locator(".words")).to_have_text(["from tab 0", "from tab 1"])
        await expect(tab.locator(".message.pending")).to_have_count(0)


def check_files(conversation_id):
    for attachment_id in Attachment.objects.values_list("id", flat=True):
        pipeline.process(conversation_id=conversation_id, attachment_id=attachment_id)


def picture() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (320, 200), "#7a9cc6").save(target, "PNG")
    return target.getvalue()
