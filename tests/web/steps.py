"""What people do on the page, in many tests alike."""

from asgiref.sync import sync_to_async
from playwright.async_api import Locator, Page, expect

from accounts.models import User
from messaging.drafts import Outgoing
from messaging.services import send_message


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


async def choose(page: Page, text: str, item: str) -> None:
    """Choose an entry of a message's menu."""
    await page.locator(".words", has_text=text).click(button="right")
    await page.get_by_role("menuitem", name=item, exact=True).click()


async def choose_in_list(page: Page, title: str, item: str) -> None:
    """Choose an entry of a conversation's menu."""
    await row_of(page, title).click(button="right")
    await page.get_by_role("menuitem", name=item, exact=True).click()


async def say(sender: User, conversation_id: str, *texts: str) -> None:
    """Send messages by another way than the page."""
    for text in texts:
        await sync_to_async(send_message)(
            sender=sender, conversation_id=conversation_id, outgoing=Outgoing.checked(content=text)
        )
