"""What a reload, a session that expires and a server that stops must not take: words, files, and one's place."""

import asyncio
import re
from datetime import timedelta

from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.utils import timezone
from playwright.async_api import Locator, Page, Route, expect

from accounts.models import UserSession
from attachments.models import Attachment
from messaging.drafts import Outgoing
from messaging.services import send_message
from tests.factories import PASSWORD

TOP = "(element) => Math.round(element.getBoundingClientRect().top)"
UPLOADS = "**/attachments"
FILE = {"name": "route.txt", "mimeType": "text/plain", "buffer": b"over the ridge"}


def say(sender, conversation_id, *texts):
    for text in texts:
        send_message(sender=sender, conversation_id=conversation_id, outgoing=Outgoing.checked(content=text))


def expire_sessions():
    UserSession.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    cache.clear()


async def open_conversation(page: Page, title: str) -> None:
    await page.locator(".row", has=page.get_by_text(title, exact=True)).click()
    await expect(page.locator(".timeline[data-ready]")).to_be_visible()


def bubble(page: Page, text: str) -> Locator:
    return page.locator(".message", has=page.get_by_text(text, exact=True))


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
    asked = asyncio.Event()

    async def never_answer(_route: Route) -> None:
        asked.set()

    await olga.route(UPLOADS, never_answer)
    await olga.get_by_label("Attach files").set_input_files(FILE)
    await asyncio.wait_for(asked.wait(), 20)
    await olga.unroute(UPLOADS)
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
    problem = {"code": "storage_full", "detail": "There is no room left."}
    await olga.route(UPLOADS, lambda route: route.fulfill(status=503, json=problem))
    await olga.get_by_label("Attach files").set_input_files([FILE, {**FILE, "name": "other.txt"}])
    failed = olga.locator(".uploads li[data-failed]")
    await expect(failed).to_have_count(2)
    await expect(failed.first).to_contain_text("There is no room left.")
    await expect(olga.get_by_role("button", name="Send")).to_be_disabled()
    await olga.unroute(UPLOADS)
    await failed.first.get_by_role("button", name="Retry").click()
    await expect(failed).to_have_count(1)
    await olga.get_by_role("button", name="Take other.txt away").click()
    await olga.get_by_role("button", name="Send").click()
    await expect(olga.locator(".message .file")).to_have_count(1)
    assert await sync_to_async(Attachment.objects.count)() == 1


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
