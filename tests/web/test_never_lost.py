"""What a reload, a session that expires and a server that stops must not take: words, files, and one's place."""

import asyncio
import re
from datetime import timedelta

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone
from playwright.async_api import Page, expect

from accounts.models import UserSession
from accounts.services.sessions import end_all_sessions
from attachments.models import Attachment
from conversations.services import open_dm
from messaging.drafts import Outgoing
from messaging.services import send_message
from tests.factories import PASSWORD
from tests.messaging.drafting import another_connection
from tests.web.steps import bubble, open_conversation, row_of

TOP = "(element) => Math.round(element.getBoundingClientRect().top)"
WAITING = """
    SELECT count(*) FROM pg_locks
    WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
FILE = {"name": "route.txt", "mimeType": "text/plain", "buffer": b"over the ridge"}


def say(sender, conversation_id, *texts):
    for text in texts:
        send_message(sender=sender, conversation_id=conversation_id, outgoing=Outgoing.checked(content=text))


def expire_sessions():
    UserSession.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    cache.clear()


async def scroll_up(page: Page) -> int:
    """Scroll into the middle of what is here, and return where the message that is looked at stands."""
    await page.get_by_role("log").evaluate("(box) => { box.scrollTop = box.scrollHeight / 2; }")
    return await bubble(page, "message 30").evaluate(TOP)


async def test_the_place_in_a_history_survives_a_reload_and_a_look_at_another_conversation(
    sign_in, owner, member, group
):
    await sync_to_async(say)(owner, group.pk, *(f"message {number}" for number in range(60)))
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    top = await scroll_up(olga)
    await olga.reload()
    await expect(olga.locator(".timeline[data-ready]")).to_be_visible()
    assert abs(await bubble(olga, "message 30").evaluate(TOP) - top) <= 1

    await olga.get_by_role("link", name="New conversation").click()
    await expect(olga.get_by_role("heading", name="Write to somebody")).to_be_visible()
    await sync_to_async(say)(member, group.pk, "while you were away")
    await open_conversation(olga, "Hikers")
    await expect(bubble(olga, "while you were away")).to_have_count(1)


async def test_a_file_that_was_half_uploaded_goes_up_again_after_a_reload(sign_in, owner, group):
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    with another_connection() as looking, another_connection() as other, other.transaction():
        other.execute("LOCK TABLE attachments IN SHARE MODE")
        await olga.get_by_label("Attach files").set_input_files(FILE)
        async with asyncio.timeout(20):
            while looking.execute(WAITING).fetchone() == (0,):
                await asyncio.sleep(0.05)
        await olga.reload()
        await expect(olga.locator(".uploads li")).to_contain_text("route.txt")
    await olga.get_by_role("button", name="Send").click()
    await expect(olga.locator(".message .file")).to_contain_text("route.txt")
    await olga.reload()
    await expect(olga.locator(".message .file")).to_contain_text("route.txt")
    await expect(olga.locator(".uploads li")).to_have_count(0)


async def test_an_upload_that_fails_says_why_and_goes_on_retry_and_one_taken_away_is_gone(sign_in, owner, group):
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    film = await Attachment.objects.acreate(
        conversation=group, uploader=owner, object_key="film", file_name="film.mkv", size=settings.UPLOAD_QUOTA_BYTES
    )
    await olga.get_by_label("Attach files").set_input_files([FILE, {**FILE, "name": "other.txt"}])
    failed = olga.locator(".uploads li[data-failed]")
    await expect(failed).to_have_count(2)
    await expect(failed.first).to_contain_text("Your files take all the room")
    await expect(olga.get_by_role("button", name="Send")).to_be_disabled()
    await film.adelete()
    await failed.first.get_by_role("button", name="Retry").click()
    await expect(failed).to_have_count(1)
    await olga.route("**/attachments", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    await failed.get_by_role("button", name="Retry").click()
    await expect(failed).to_contain_text("That didn't work.")
    await olga.get_by_role("button", name="Take other.txt away").click()
    await olga.get_by_role("button", name="Send").click()
    await expect(olga.locator(".message .file")).to_have_count(1)
    assert await sync_to_async(Attachment.objects.count)() == 1


async def test_what_is_sent_without_a_network_can_be_taken_back_with_its_files_and_is_not_offered_twice(
    sign_in, owner, group
):
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await olga.get_by_label("Attach files").set_input_files(FILE)
    await expect(olga.get_by_role("button", name="Send")).to_be_enabled()
    field = olga.get_by_role("textbox", name="Message")
    async with olga.expect_response("**/me"):
        await field.fill("from the tunnel")
    await olga.context.set_offline(True)
    async with olga.expect_event("requestfailed", lambda request: request.url.endswith("/me")):
        await field.fill("from the long tunnel")
    await expect(olga.locator(".toast")).to_have_count(0)
    await field.press("Enter")
    await olga.get_by_role("button", name="Take back").click()
    await expect(field).to_have_value("from the long tunnel")
    await expect(olga.locator(".uploads li")).to_contain_text("route.txt")
    await field.press("Enter")

    await olga.context.set_offline(False)
    await olga.reload()
    sent = bubble(olga, "from the long tunnel")
    await expect(sent.get_by_label("sent")).to_be_visible()
    await expect(sent.locator(".file")).to_contain_text("route.txt")
    await expect(field).to_have_value("")
    await expect(olga.locator(".uploads li")).to_have_count(0)


async def test_a_draft_that_was_sent_from_another_device_is_gone_on_this_one(sign_in, owner, group):
    here, there = await sign_in(owner), await sign_in(owner)
    await open_conversation(here, "Hikers")
    async with here.expect_response("**/me"):
        await here.get_by_role("textbox", name="Message").fill("half a thought")
    await open_conversation(there, "Hikers")
    async with there.expect_response("**/me"):
        await there.get_by_role("textbox", name="Message").press("Enter")
    await expect(bubble(there, "half a thought").get_by_label("sent")).to_be_visible()
    await here.reload()
    await expect(here.locator(".timeline[data-ready]")).to_be_visible()
    await expect(here.get_by_role("textbox", name="Message")).to_have_value("")

    # What the browser has no room for is sent all the same.
    await here.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }"
    )
    await here.reload()
    await expect(here.locator(".timeline[data-ready]")).to_be_visible()
    await here.get_by_role("textbox", name="Message").fill("a whole one")
    await here.get_by_role("textbox", name="Message").press("Enter")
    await expect(bubble(here, "a whole one").get_by_label("sent")).to_be_visible()


async def test_who_signs_in_again_is_back_where_they_were_and_what_waited_goes(sign_in, chat, owner, member, group):
    olga, milan = await sign_in(owner), await sign_in(member)
    for page in (olga, milan):
        await open_conversation(page, "Hikers")
    await asyncio.to_thread(chat.kill, chat.processes[0])
    await expect(olga.get_by_text("Connecting…")).to_be_visible()
    field = olga.get_by_role("textbox", name="Message")
    await field.fill("from the tunnel")
    await field.press("Enter")
    await expect(bubble(olga, "from the tunnel").get_by_role("button", name="Retry")).to_be_visible()
    await field.fill("half a thought")
    await sync_to_async(expire_sessions)()

    await asyncio.to_thread(chat.ensure_running)
    await expect(olga).to_have_url(re.compile("/login/"))
    await olga.get_by_label("Username").fill("olga")
    await olga.get_by_label("Password").fill(PASSWORD)
    await olga.get_by_role("button", name="Sign in", exact=True).click()
    await expect(olga.get_by_role("heading", name="Hikers")).to_be_visible()
    await expect(olga.get_by_role("textbox", name="Message")).to_have_value("half a thought")
    await expect(bubble(olga, "from the tunnel").get_by_label("sent")).to_be_visible()
    await expect(olga.locator(".message.pending")).to_have_count(0)


async def test_without_a_network_a_conversation_that_is_not_here_does_not_open_and_the_other_stays(
    sign_in, owner, member, group
):
    await sync_to_async(open_dm)(creator=owner, user_id=member.pk)
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await olga.context.set_offline(True)
    await row_of(olga, "Milan").click()
    await expect(olga.get_by_text("That didn't work. Try again.")).to_be_visible()
    await expect(row_of(olga, "Hikers")).to_have_attribute("aria-current", "page")
    await expect(row_of(olga, "Milan")).not_to_have_attribute("aria-current", "page")
    await expect(olga.get_by_role("heading", name="Hikers")).to_be_visible()
    await olga.context.set_offline(False)
    await open_conversation(olga, "Milan")


async def test_a_session_of_which_nobody_can_tell_how_it_ended_takes_nothing_away(sign_in, owner, group):
    olga = await sign_in(owner)
    await open_conversation(olga, "Hikers")
    await olga.route("**/api/v1/**", lambda route: route.abort())
    await olga.get_by_role("textbox", name="Message").fill("half written")
    await olga.route("**/list", lambda route: route.abort())
    await sync_to_async(end_all_sessions)(user_id=owner.pk, reason="revoked")
    await expect(olga).to_have_url(re.compile("/login/"))
    assert "half written" in await olga.evaluate("JSON.stringify(localStorage)")
