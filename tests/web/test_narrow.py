"""Where panes cover one another, back closes the one in front."""

from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from playwright.async_api import expect

from accounts.models import User
from tests.web.steps import open_conversation


async def test_back_closes_the_information_then_the_conversation(sign_in, owner, group):
    olga = await sign_in(owner)
    await olga.set_viewport_size({"width": 390, "height": 800})
    info, side = olga.get_by_role("link", name="Info", exact=True), olga.locator(".side-part")
    await open_conversation(olga, "Hikers")
    await info.click()
    await expect(side.get_by_role("heading", name="Group")).to_be_focused()
    await side.get_by_role("link", name="Media").click()
    await expect(side.get_by_role("link", name="Media")).to_have_attribute("aria-current", "page")
    await olga.go_back()
    await expect(side).to_have_count(0)
    await expect(olga.get_by_role("log")).to_be_focused()

    await info.click()
    await side.get_by_role("link", name="Close").click()
    await expect(side).to_have_count(0)
    await info.click()
    await expect(side.get_by_role("heading", name="Group")).to_be_focused()
    await olga.keyboard.press("Escape")
    await expect(side).to_have_count(0)
    await expect(olga.get_by_role("log")).to_be_visible()
    await olga.go_back()
    await expect(olga.locator(".row")).to_be_visible()
    await expect(olga.get_by_role("log")).to_be_hidden()


async def test_beside_the_conversation_the_information_is_no_step_of_its_own(sign_in, owner, group):
    olga = await sign_in(owner)
    await olga.set_viewport_size({"width": 1440, "height": 800})
    await open_conversation(olga, "Hikers")
    await olga.get_by_role("link", name="Info", exact=True).click()
    await expect(olga.locator(".side-part")).to_be_visible()
    await olga.go_back()
    await expect(olga.get_by_text("Choose a conversation to begin")).to_be_visible()


async def test_a_window_made_wider_closes_the_information_at_once(sign_in, owner, group):
    olga = await sign_in(owner)
    await olga.set_viewport_size({"width": 1024, "height": 800})
    await open_conversation(olga, "Hikers")
    await olga.get_by_role("link", name="Info", exact=True).click()
    await expect(olga.get_by_role("heading", name="Group")).to_be_focused()
    await olga.set_viewport_size({"width": 1440, "height": 800})
    await olga.locator(".side-close").click()
    await expect(olga.locator(".side-part")).to_have_count(0)
    await expect(olga.get_by_role("log")).to_be_visible()


async def test_the_information_opened_by_its_address_says_when_somebody_was_there(sign_in, owner, member, group):
    at = datetime(2024, 5, 15, 12, tzinfo=UTC)
    await sync_to_async(User.objects.filter(pk=member.pk).update)(last_seen_at=at)
    olga = await sign_in(owner)
    for width in (390, 1440):
        await olga.set_viewport_size({"width": width, "height": 800})
        await olga.goto(f"/c/{group.pk}/info/members")
        await expect(olga.locator(".side-body time")).to_contain_text("last seen May 15, 2024")
