"""A forgotten password, in a real browser."""

from asgiref.sync import sync_to_async
from playwright.async_api import expect

from tests.accounts.mailbox import page_for


async def test_a_forgotten_password_is_changed_by_the_link_in_a_mail(sign_in, browser, chat, owner):
    olga = await sign_in(owner)
    page = await browser.new_page(base_url=chat.url)
    await page.goto("/login/")
    await page.get_by_role("link", name="Forgot your password?").click()
    await page.get_by_label("E-mail").fill(owner.email)
    await page.get_by_role("button", name="Send the link").click()
    await expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    await page.goto(await sync_to_async(page_for)(owner.email))
    await page.get_by_label("New password").first.fill("four words and a ridge")
    await page.get_by_role("button", name="Change the password").click()
    await page.get_by_role("link", name="Sign in").click()
    await page.get_by_label("Username").fill("olga")
    await page.get_by_label("Password").fill("four words and a ridge")
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await expect(page.get_by_role("heading", name="Chats")).to_be_visible()
    await expect(olga.get_by_role("heading", name="Sign in")).to_be_visible()
