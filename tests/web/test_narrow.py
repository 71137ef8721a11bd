"""Where panes cover one another, back closes the one in front."""

from playwright.async_api import expect

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
