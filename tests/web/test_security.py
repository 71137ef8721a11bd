"""Second factors in a real browser: passkeys by a virtual authenticator, an app by its codes."""

import pyotp
from asgiref.sync import sync_to_async
from playwright.async_api import expect

from accounts.models import Passkey, UserSession
from accounts.selectors.second_factors import get_second_factors
from tests.factories import PASSWORD


async def give_authenticator(page):
    """Plug a device for passkeys into a page, which verifies its owner; return the way to speak to it."""
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools


async def add_passkey(page, name="Laptop"):
    await page.goto("/settings/security")
    await page.get_by_text("Add a passkey", exact=True).click()
    await page.get_by_label("Name of the passkey").fill(name)
    await page.locator("#passkey_password").fill(PASSWORD)
    await page.locator("form[action$='/passkeys']").get_by_role("button", name="Go on").click()
    await page.get_by_role("button", name="Make the passkey").click()


async def sign_out(page):
    await page.get_by_role("button", name="Sign out").first.click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_a_passkey_is_made_and_signs_in_without_a_password(sign_in, owner):
    page = await sign_in(owner)
    await give_authenticator(page)
    await add_passkey(page)
    await expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    await expect(page.locator(".recovery-codes li")).to_have_count(10)
    await page.get_by_role("link", name="I have kept them").click()
    await expect(page.get_by_text("Laptop", exact=True)).to_be_visible()
    await sign_out(page)
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_role("heading", name="Chats")).to_be_visible()
    passkey = await Passkey.objects.aget()
    assert (passkey.user_id, passkey.sign_count > 0, passkey.last_used_at is not None) == (owner.pk, True, True)


async def test_a_passkey_is_the_second_step_after_a_password(sign_in, owner):
    page = await sign_in(owner)
    await give_authenticator(page)
    await add_passkey(page)
    await page.get_by_role("link", name="I have kept them").click()
    await sign_out(page)
    await page.get_by_label("Username").fill(owner.username)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_role("button", name="Use a passkey").click()
    await expect(page.get_by_role("heading", name="Chats")).to_be_visible()


async def test_who_has_no_passkey_hears_so_and_stays(sign_in, owner):
    page = await sign_in(owner)
    await give_authenticator(page)
    await page.goto("/settings/security")
    await sign_out(page)
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(page.get_by_text("The passkey did not answer.")).to_be_visible()


async def test_an_app_is_set_up_and_its_code_signs_in(sign_in, owner):
    page = await sign_in(owner)
    await page.goto("/settings/security")
    await page.get_by_text("Set up an app", exact=True).click()
    await page.locator("#app_password").fill(PASSWORD)
    await page.locator("form[action$='/app']").get_by_role("button", name="Go on").click()
    picture = page.get_by_role("img", name="QR code of the secret")
    assert await picture.evaluate("image => image.complete && image.naturalWidth > 100")
    app = pyotp.TOTP(await page.locator(".secret code").inner_text())
    await page.get_by_label("Code of your authenticator app").fill(app.now())
    await page.get_by_role("button", name="Take it into use").click()
    codes = await page.locator(".recovery-codes code").all_inner_texts()
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download them").click()
    file = await (await download.value).path()
    assert file.read_text().split() == codes
    await page.get_by_role("link", name="I have kept them").click()
    await sign_out(page)
    await page.get_by_label("Username").fill(owner.username)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.get_by_text("Use a recovery code").click()
    await page.get_by_label("Recovery code").fill(codes[0])
    await page.get_by_role("button", name="Go on").last.click()
    await expect(page.get_by_role("heading", name="Chats")).to_be_visible()
    factors = await sync_to_async(get_second_factors)(user_id=owner.pk)
    assert factors.recovery_codes_left == 9


async def test_a_device_that_is_signed_out_elsewhere_leaves_its_page_at_once(sign_in, owner):
    phone, laptop = await sign_in(owner), await sign_in(owner)
    await laptop.goto("/settings/devices")
    await expect(laptop.get_by_text("Chrome on Linux")).to_have_count(2)
    await laptop.get_by_text("Sign out all other devices").click()
    await laptop.get_by_role("button", name="Sign them out").click()
    await expect(laptop.get_by_text("You are signed in nowhere else.")).to_be_visible()
    await expect(phone.get_by_role("heading", name="Sign in")).to_be_visible()
    assert await UserSession.objects.filter(revoked_at=None).acount() == 1
