"""The page about the API, in a real browser under the strict policy."""

from asgiref.sync import sync_to_async
from playwright.async_api import expect

from tests.clients import signed_in


async def test_a_call_can_be_tried_on_the_page_about_the_api(browser, chat, member, group):
    complaints = []
    page = await browser.new_page(base_url=chat.url)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto("/api/docs/")
    await page.get_by_role("button", name="Authorize").click()
    keys = page.locator(".auth-container", has_text="bearer")
    await keys.get_by_role("textbox").fill((await sync_to_async(signed_in)(member)).tokens.access)
    await keys.get_by_role("button", name="Apply credentials").click()
    await page.get_by_role("button", name="Close").first.click()

    call = page.locator("#operations-conversations-conversations_list")
    await call.get_by_role("button").first.click()
    await call.get_by_role("button", name="Try it out").click()
    await call.get_by_role("button", name="Execute").click()
    await expect(call.locator(".live-responses-table")).to_contain_text(f'"id": "{group.pk}"')
    assert complaints == []
