"""Films and sounds in the page, played by a browser."""

import re

from asgiref.sync import sync_to_async
from playwright.async_api import Page, Route, expect

from attachments.enums import AttachmentStatus
from attachments.models import Attachment
from attachments.services import pipeline
from tests.accessibility import violations
from tests.attachments.files import send, uploaded
from tests.attachments.recordings import film


async def open_first(page: Page) -> None:
    await page.locator(".row").first.click()
    await expect(page.locator(".timeline[data-ready]")).to_be_visible()


def sent(sender, conversation, *files):
    """Send files, each in a message, and have them checked."""
    for data, name in files:
        row = uploaded(sender, conversation, data, name)
        assert send(sender, conversation, attachment_ids=[row.id]).status_code == 201
        pipeline.process(conversation_id=conversation.pk, attachment_id=row.id)
    assert set(Attachment.objects.values_list("status", flat=True)) == {AttachmentStatus.READY}


async def test_a_sound_plays_stops_and_goes_to_where_its_slider_is_put(sign_in, owner, group):
    sound = film("ogg", video=None, audio="libopus", seconds=20)
    await sync_to_async(sent)(owner, group, (sound, "first.ogg"), (sound, "second.ogg"))
    olga = await sign_in(owner)
    await open_first(olga)
    first, second = (olga.get_by_role("button", name=f"Play {name}.ogg") for name in ("first", "second"))
    await expect(olga.locator(".sound .clock")).to_have_text(["0:20", "0:20"])
    await first.click()
    await expect(first).to_have_attribute("aria-pressed", "true")
    await second.click()
    await expect(second).to_have_attribute("aria-pressed", "true")
    await expect(first).to_have_attribute("aria-pressed", "false")
    slider = olga.get_by_role("slider", name="Position in second.ogg")
    await slider.evaluate("(it) => { it.value = 15; it.dispatchEvent(new Event('input', { bubbles: true })); }")
    await expect(olga.locator(".sound", has_text="second").locator(".clock")).to_have_text("0:15")
    await slider.press("Space")
    await expect(second).to_have_attribute("aria-pressed", "false")
    await slider.press("ArrowRight")
    assert await violations(olga) == []


async def test_a_sound_goes_on_when_its_address_is_good_no_more_and_when_its_message_is_drawn_anew(
    sign_in, owner, group
):
    sound = film("wav", video=None, audio="pcm_s16le", seconds=20)
    await sync_to_async(sent)(owner, group, (sound, "walk.wav"))
    olga = await sign_in(owner)
    await open_first(olga)
    asked: list[str] = []
    clock = olga.locator(".sound .clock")

    async def give(route: Route) -> None:
        """Give the first three seconds, refuse the next while they are heard, and then give what is asked for."""
        asked.append(route.request.url)
        if len(asked) == 1:
            part = {**route.request.headers, "range": "bytes=0-299999"}
            await route.fulfill(response=await route.fetch(headers=part))
        elif len(asked) == 2:
            await expect(clock).to_have_text(re.compile("0:0[1-3]"))
            await route.fulfill(status=403)
        else:
            await route.continue_()

    await olga.route("**/content", give)
    button = olga.get_by_role("button", name="Play walk.wav")
    await button.click()
    await expect(clock).to_have_text(re.compile("0:(0[4-9]|1)"))
    await expect(button).to_have_attribute("aria-pressed", "true")
    await olga.locator(".message:has(.sound)").evaluate("(it) => it.replaceWith(it.cloneNode(true))")
    await expect(button).to_have_attribute("aria-pressed", "true")
    await expect(clock).not_to_have_text("0:20")


async def test_a_film_is_shown_over_the_page_and_obeys_the_keys(sign_in, owner, group):
    data = film("webm", video="libvpx-vp9", audio="libopus", seconds=20)
    await sync_to_async(sent)(owner, group, (data, "walk.webm"), (data, "hut.webm"))
    olga = await sign_in(owner)
    await open_first(olga)
    await expect(olga.locator(".film-length").first).to_have_text("0:20")
    await olga.get_by_role("link", name="walk.webm").click()
    viewer = olga.get_by_role("dialog", name="walk.webm")
    shown = viewer.locator("video")
    await expect(shown).to_be_visible()
    await expect(shown).to_have_js_property("paused", False)
    await olga.keyboard.press("Space")
    await expect(shown).to_have_js_property("paused", True)
    await olga.keyboard.press("ArrowRight")
    await expect(olga.get_by_role("dialog", name="hut.webm")).to_be_visible()
    assert await violations(olga) == []
    await olga.keyboard.press("Escape")
    await expect(olga.get_by_role("dialog")).to_have_count(0)
