"""The settings in a real browser: how they look to axe, and a passkey, which needs a script."""

from asgiref.sync import sync_to_async
from playwright.async_api import Page, expect

from accounts.services.contacts import request_contact
from accounts.web.settings_pages import PAGES
from conversations.services.pairs import block_person
from tests.accessibility import violations
from tests.factories import PASSWORD

SETTINGS = [f"/settings/{page.name.removeprefix('settings-')}" for page in PAGES]
MORE = ["/settings/", "/settings/privacy/last_seen", "/settings/privacy/blocked", "/contacts/", "/people/@milan"]
OPEN = ["/login/", "/register/", "/forgot/", "/verify/"]


async def faults(page: Page, paths: list[str]) -> dict[str, list[str]]:
    found = {}
    for path in paths:
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        if broken := await violations(page):
            found[path] = broken
    return found


async def test_axe_finds_nothing_wrong_with_the_settings_and_the_pages_of_people(sign_in, owner, member, outsider):
    await sync_to_async(request_contact)(sender=member, username="olga", message="Hello")
    await sync_to_async(block_person)(blocker=owner, user_id=outsider.pk)
    page = await sign_in(owner)
    assert await faults(page, SETTINGS + MORE) == {}


async def test_axe_finds_nothing_wrong_with_the_pages_before_the_sign_in(browser, chat):
    page = await browser.new_page(base_url=chat.url)
    assert await faults(page, OPEN) == {}


async def test_no_page_is_wider_than_a_phone(sign_in, owner, member):
    page = await sign_in(owner)
    await page.set_viewport_size({"width": 320, "height": 700})
    for path in SETTINGS + MORE:
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320, path


async def test_a_passkey_is_made_and_signs_in_without_the_password(sign_in, owner):
    page = await sign_in(owner)
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    await page.goto("/settings/security")
    await page.get_by_text("Add a passkey").click()
    form = page.locator('form[action="/settings/security/passkeys"]')
    await form.locator("[name=name]").fill("This browser")
    await form.locator("[name=password]").fill(PASSWORD)
    await form.get_by_role("button", name="Go on").click()
    await page.get_by_role("button", name="Make the passkey").click()
    await expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert await violations(page) == []
    await page.goto("/settings/security")
    await expect(page.get_by_text("This browser")).to_be_visible()
    assert await violations(page) == []

    await page.set_viewport_size({"width": 1280, "height": 720})
    await page.get_by_role("button", name="Sign out").click()
    await page.goto("/login/")
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("heading", name="Chats")).to_be_visible()
