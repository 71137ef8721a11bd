"""What the page shows of who is online, and who may not be told."""

import pytest
from asgiref.sync import sync_to_async
from playwright.async_api import expect

from accounts.services.privacy import update_privacy
from conversations.services import open_dm


@pytest.fixture
def dm(owner, member):
    conversation_id, _ = open_dm(creator=owner, user_id=member.pk)
    return conversation_id


async def test_the_dot_and_the_heading_follow_who_comes_who_goes_and_who_hides(sign_in, owner, member, dm):
    olga = await sign_in(owner)
    row = olga.locator(".row", has_text="Milan")
    dot = row.locator(".avatar-online")
    heading = olga.locator(".pane-header .presence")
    await row.click()
    await expect(dot).to_have_count(0)
    milan = await sign_in(member)
    await expect(dot).to_have_count(1)
    await expect(heading).to_have_text("online")
    await milan.reload()
    await expect(milan.locator(".row", has_text="Olga").locator(".avatar-online")).to_have_count(1)
    await expect(dot).to_have_count(1)
    await sync_to_async(update_privacy)(user=member, changes={"last_seen": "nobody"})
    await expect(dot).to_have_count(0)
    await expect(heading).to_have_text("last seen recently")
    # Who hides theirs does not see the others'.
    await expect(milan.locator(".row", has_text="Olga").locator(".avatar-online")).to_have_count(0)
    await sync_to_async(update_privacy)(user=member, changes={"last_seen": "everybody"})
    await expect(dot).to_have_count(1)
    await milan.close()
    await expect(dot).to_have_count(0)
    await expect(heading).to_contain_text("last seen at")


async def test_the_heading_leads_to_the_persons_card(sign_in, owner, member, dm):
    olga = await sign_in(owner)
    await olga.locator(".row", has_text="Milan").click()
    await olga.locator(".pane-header").get_by_role("link", name="Milan").click()
    await olga.get_by_role("link", name="Profile, contact, block").click()
    await expect(olga.get_by_role("heading", name="Milan")).to_be_visible()
    await olga.get_by_role("button", name="Add to contacts").click()
    await expect(olga.get_by_role("status")).to_have_text("Your request is sent.")
    await olga.get_by_role("button", name="Message").click()
    await expect(olga.locator(".pane-header").get_by_role("link", name="Milan")).to_be_visible()
