"""One's own account, from its first mail to its end, in a real browser."""

import re

from asgiref.sync import sync_to_async
from playwright.async_api import expect

from accounts.models import User, UserSession
from accounts.services.sign_in import SignedIn
from tests.accounts.clients import signed_in
from tests.accounts.mailbox import page_for
from tests.factories import PASSWORD


async def test_who_registers_is_shown_around_and_confirms_their_address(browser, chat):
    page = await browser.new_page(base_url=chat.url)
    await page.goto("/register/")
    await page.get_by_label("Username").fill("vera")
    await page.get_by_label(re.compile("^Name")).fill("Vera Wind")
    await page.get_by_label("E-mail").fill("vera@example.com")
    await page.get_by_label("Password").fill("four words and a ridge")
    await page.get_by_role("button", name="Make an account").click()
    await expect(page.get_by_text("Welcome, Vera Wind")).to_be_visible()
    await page.goto(await sync_to_async(page_for)("vera@example.com"))
    await expect(page.get_by_text("vera@example.com")).to_be_visible()
    await page.get_by_role("button", name="Confirm address").click()
    await expect(page.get_by_role("heading", name="Your address is confirmed")).to_be_visible()
    assert await User.objects.filter(username="vera", is_verified=True).aexists()
    await page.reload()
    await page.get_by_role("link", name="Go to the chats").click()
    await expect(page.get_by_role("heading", name="Chats")).to_be_visible()


async def test_a_profile_is_changed_and_what_is_wrong_stands_beside_its_field(sign_in, owner, member, group):
    olga, milan = await sign_in(owner), await sign_in(member)
    await milan.goto(f"/c/{group.pk}/info/members")
    await olga.goto("/settings/profile")
    await olga.get_by_label("Username").fill("milan")
    await olga.get_by_label("Name", exact=True).fill("Olga of the Ridge")
    await olga.get_by_label("Bio").fill("Up early")
    await olga.get_by_role("button", name="Save").click()
    await expect(olga.get_by_label("Username")).to_have_attribute("aria-invalid", "true")
    await expect(olga.get_by_label("Bio")).to_have_value("Up early")
    await olga.get_by_label("Username").fill("olga_ridge")
    await olga.get_by_role("button", name="Save").click()
    await expect(olga.get_by_role("status")).to_be_visible()
    await milan.goto(f"/people/{owner.pk}")
    await expect(milan.get_by_role("heading", name="Olga of the Ridge")).to_be_visible()
    await expect(milan.get_by_text("@olga_ridge")).to_be_visible()
    await expect(milan.get_by_text("Up early")).to_be_visible()


async def test_one_device_is_signed_out_and_the_others_stay(sign_in, owner):
    lost: SignedIn = await sync_to_async(signed_in)(owner, "Lost phone")
    here, there = await sign_in(owner), await sign_in(owner)
    await here.goto("/settings/devices")
    await here.get_by_role("button", name="Sign out Lost phone").click()
    await expect(here.get_by_text("Lost phone")).to_have_count(0)
    await expect(here.get_by_text("Sign out all other devices")).to_be_visible()
    await there.goto("/settings/devices")
    await expect(there.get_by_role("heading", name="This device")).to_be_visible()
    assert await UserSession.objects.filter(revoked_at=None).acount() == 2
    assert await UserSession.objects.filter(pk=lost.session.pk).exclude(revoked_at=None).aexists()


async def test_an_account_is_closed_by_who_knows_its_password_and_is_sure(sign_in, owner, member, group):
    olga = await sign_in(owner)
    await olga.goto("/settings/account")
    form = olga.get_by_role("region", name="Close your account")
    for password in ("not this one", PASSWORD):
        await form.get_by_label("Password").fill(password)
        await form.get_by_role("checkbox").check()
        await form.get_by_role("button", name="Close my account").click()
        if password != PASSWORD:
            await expect(form.get_by_label("Password")).to_have_attribute("aria-invalid", "true")
    await expect(olga.get_by_role("heading", name="Your account is closed")).to_be_visible()
    await olga.goto("/")
    await expect(olga.get_by_role("heading", name="Sign in")).to_be_visible()
    milan = await sign_in(member)
    await expect(milan.locator(".row")).to_have_count(1)
    await milan.locator(".row").click()
    await expect(milan.get_by_text("Deleted Account").first).to_be_visible()
