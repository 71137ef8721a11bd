"""Two people, two browsers, one real server."""

import asyncio
import io
import re

import pytest
from asgiref.sync import sync_to_async
from PIL import Image
from playwright.async_api import Page, expect

from conversations.services import open_dm
from messaging.drafts import Outgoing
from messaging.services import send_message
from tests.web.steps import bubble, open_conversation

TOP = "(element) => element.getBoundingClientRect().top"


@pytest.fixture
def dm(owner, member):
    conversation_id, _ = open_dm(creator=owner, user_id=member.pk)
    return conversation_id


def say(sender, conversation_id, *texts):
    for text in texts:
        send_message(sender=sender, conversation_id=conversation_id, outgoing=Outgoing.checked(content=text))


async def write(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="Message")
    await field.fill(text)
    await field.press("Enter")


def picture_file() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (300, 300), "#7a9cc6").save(target, "PNG")
    return target.getvalue()


async def test_messages_typing_unread_badges_and_ticks_arrive_live_both_ways(sign_in, owner, member, dm):
    olga, milan = await sign_in(owner), await sign_in(member)
    row = milan.locator(".row", has_text="Olga")
    await open_conversation(olga, "Milan")

    await olga.get_by_role("textbox", name="Message").press_sequentially("Hel")
    await expect(row.locator(".row-typing")).to_have_text("typing")
    await write(olga, "Hello Milan")
    await expect(row).to_contain_text("Hello Milan")
    await expect(row.locator(".badge")).to_have_text("1")
    await expect(milan).to_have_title("(1) Chat")
    await expect(bubble(olga, "Hello Milan").get_by_label("sent")).to_be_visible()

    await open_conversation(milan, "Olga")
    await expect(bubble(milan, "Hello Milan")).to_be_visible()
    await expect(row.locator(".badge")).to_be_empty()
    await expect(milan).to_have_title("Olga — Chat")
    await expect(bubble(olga, "Hello Milan").get_by_label("read")).to_be_visible()

    await write(milan, "see https://example.org/?a=1&b=<2>.")
    link = olga.get_by_role("link", name="https://example.org/?a=1&b=", exact=True)
    await expect(link).to_have_attribute("href", "https://example.org/?a=1&b=")

    await olga.reload()
    await expect(olga.locator(".message")).to_have_count(2)
    await expect(bubble(olga, "Hello Milan").get_by_label("read")).to_be_visible()


async def test_older_messages_load_on_scrolling_up_and_nothing_jumps(sign_in, owner, group):
    await sync_to_async(say)(owner, group.pk, *(f"message {number}" for number in range(130)))
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await expect(bubble(olga, "message 129")).to_be_in_viewport()
    await expect(olga.locator(".message")).to_have_count(50)

    timeline = olga.get_by_role("log")
    await timeline.evaluate("(box) => { box.scrollTop = 300; }")
    before = await bubble(olga, "message 90").evaluate(TOP)
    await expect(olga.locator(".message")).to_have_count(100)
    assert abs(await bubble(olga, "message 90").evaluate(TOP) - before) <= 1

    await timeline.evaluate("(box) => { box.scrollTop = 0; }")
    await expect(olga.locator(".message")).to_have_count(132)
    await olga.get_by_role("link", name="To the newest message").click()
    await expect(bubble(olga, "message 129")).to_be_in_viewport()


async def test_a_long_absence_opens_at_the_first_unread_message(sign_in, owner, member, group):
    await sync_to_async(say)(owner, group.pk, "before")
    milan = await sign_in(member)
    await open_conversation(milan, "Hikers")
    await expect(milan.locator(".row .badge")).to_be_empty()
    await milan.goto("/new/")
    await sync_to_async(say)(owner, group.pk, *(f"message {number}" for number in range(120)))
    await expect(milan.locator(".row .badge")).to_have_text("120")

    await open_conversation(milan, "Hikers")
    await expect(milan.get_by_text("New messages", exact=True)).to_be_in_viewport()
    await expect(bubble(milan, "message 0")).to_be_in_viewport()
    await expect(bubble(milan, "message 119")).to_have_count(0)
    await milan.get_by_role("link", name="To the newest message").click()
    await expect(bubble(milan, "message 119")).to_be_in_viewport()
    await expect(milan.locator(".row .badge")).to_be_empty()


async def test_what_was_missed_and_what_could_not_be_sent_follow_after_a_restart(sign_in, chat, owner, member, group):
    olga, milan = await sign_in(owner), await sign_in(member)
    for page in (olga, milan):
        await open_conversation(page, "Hikers")
    await asyncio.to_thread(chat.kill, chat.processes[0])
    await expect(olga.get_by_text("Connecting…")).to_be_visible()
    await write(olga, "from the tunnel")
    await expect(bubble(olga, "from the tunnel").get_by_role("button", name="Retry")).to_be_visible()
    await sync_to_async(say)(member, group.pk, "said meanwhile")

    await asyncio.to_thread(chat.ensure_running)
    for page in (olga, milan):
        await expect(bubble(page, "said meanwhile")).to_be_visible()
        await expect(bubble(page, "from the tunnel")).to_have_count(1)
        await expect(page.get_by_text("Connecting…")).to_be_hidden()
    await expect(olga.locator(".message.pending")).to_have_count(0)


async def test_a_frame_that_is_lost_on_the_way_is_fetched_when_the_next_one_shows_the_gap(
    sign_in, owner, member, group
):
    lost = []

    def lose_the_first(socket):
        server = socket.connect_to_server()

        def forward(frame):
            if "message.created" in frame and not lost:
                lost.append(frame)
            else:
                socket.send(frame)

        server.on_message(forward)

    olga, milan = await sign_in(owner), await sign_in(member)
    await milan.route_web_socket("**/ws/v1/**", lose_the_first)
    await milan.reload()
    for page in (olga, milan):
        await open_conversation(page, "Hikers")
    await write(olga, "first")
    await expect(bubble(olga, "first").get_by_label("sent")).to_be_visible()
    await write(olga, "second")
    await expect(bubble(milan, "second")).to_be_visible()
    await expect(bubble(milan, "first")).to_be_visible()
    assert lost
    assert [text.strip() for text in await milan.locator(".words").all_text_contents()] == ["first", "second"]


async def test_signing_out_in_one_tab_ends_the_others_and_leaves_nothing_behind(sign_in, owner, group):
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await olga.get_by_role("textbox", name="Message").fill("between us")
    other = await olga.context.new_page()
    await other.goto("/")
    await other.get_by_label("Menu", exact=True).click()
    await other.get_by_role("button", name="Sign out").click()
    await expect(olga).to_have_url(re.compile("/login/"))
    assert await olga.evaluate("localStorage.length") == 0


async def test_what_is_waiting_survives_a_reload(sign_in, owner, group):
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await olga.get_by_role("textbox", name="Message").fill("half a thou")
    await olga.reload()
    await expect(olga.get_by_role("textbox", name="Message")).to_have_value("half a thou")
    # The server's answer never comes: the page goes while the message is on its way.
    await olga.route_web_socket("**/ws/v1/**", lambda socket: None)
    await olga.reload()
    await write(olga, "kept on the device")
    await olga.reload()
    await expect(bubble(olga, "kept on the device")).to_be_visible()

    await olga.context.close()


async def test_a_refused_message_says_why_and_goes_on_retry(sign_in, owner, member, dm):
    await sync_to_async(say)(owner, dm, "one", "two", "three")
    olga = await sign_in(owner)
    await open_conversation(olga, "Milan")
    await write(olga, "four")
    await expect(bubble(olga, "four")).to_contain_text("Wait for an answer")

    await sync_to_async(say)(member, dm, "I am here")
    await bubble(olga, "four").get_by_role("button", name="Retry").click()
    await expect(bubble(olga, "four").get_by_label("sent")).to_be_visible()
    await expect(olga.locator(".message.pending")).to_have_count(0)


async def test_a_new_group_comes_up_in_the_lists_of_its_people(sign_in, owner, member):
    olga, milan = await sign_in(owner), await sign_in(member)
    await olga.get_by_role("link", name="New conversation").click()
    await olga.get_by_role("link", name="Group", exact=True).click()
    await olga.get_by_label("Name", exact=True).fill("Climbers")
    people = olga.locator("#id_usernames")
    await people.fill("nobody_of_that_name")
    await olga.get_by_role("button", name="Create the group").click()
    await expect(olga.get_by_text("There is nobody called @nobody_of_that_name.")).to_be_visible()
    await expect(olga.locator(".chips li")).to_have_text("@nobody_of_that_name ✕")
    await people.press("Backspace")
    await expect(olga.locator(".chips li")).to_have_count(0)
    await people.fill("mil")
    await olga.get_by_role("button", name="Milan @milan").click()
    await expect(olga.locator(".chips li")).to_have_text("@milan ✕")
    picture = {"name": "rope.png", "mimeType": "image/png", "buffer": picture_file()}
    await olga.get_by_label("Picture").set_input_files(picture)
    await olga.get_by_role("button", name="Create the group").click()
    await expect(olga.get_by_text("Olga added Milan").last).to_be_visible()

    await open_conversation(milan, "Climbers")
    await write(milan, "thanks")
    await expect(bubble(olga, "thanks")).to_be_visible()
    await expect(olga.locator(".pane-header .avatar img")).to_be_visible()
    await olga.go_back()
    await expect(people).to_be_visible()


async def test_registering_finding_somebody_and_writing_work_without_a_script(browser, chat, member):
    context = await browser.new_context(base_url=chat.url, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/register/")
    await page.get_by_label("Username").fill("nina")
    await page.get_by_label("E-mail").fill("nina@example.org")
    await page.get_by_label("Password").fill("correct horse battery")
    await page.get_by_role("button", name="Make an account").click()
    await page.get_by_role("link", name="Write to somebody").click()
    await page.get_by_label("Username").fill("milan")
    await page.get_by_role("button", name="Open the conversation").click()
    await page.get_by_role("textbox", name="Message").fill("no script here")
    await page.get_by_role("button", name="Send").click()
    await expect(bubble(page, "no script here")).to_be_visible()
