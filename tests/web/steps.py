"""What people do on the page, in many tests alike."""

from playwright.async_api import Locator, Page, expect


def row_of(page: Page, title: str) -> Locator:
    """Return a conversation's row. The last message of another one may name the same person."""
    return page.locator(".row", has=page.locator(".row-title").get_by_text(title, exact=True))


async def open_conversation(page: Page, title: str) -> None:
    """Go to a conversation, and wait until its history stands."""
    await row_of(page, title).click()
    await expect(page.get_by_role("heading", name=title)).to_be_visible()
    await expect(page.locator(".timeline[data-ready]")).to_be_visible()


def bubble(page: Page, text: str) -> Locator:
    """Return the message that says a text."""
    return page.locator(".message", has=page.get_by_text(text, exact=True))
