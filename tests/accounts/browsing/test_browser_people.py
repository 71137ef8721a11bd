"""Pages about people stay true while they are open."""

import pytest
from asgiref.sync import sync_to_async
from playwright.async_api import expect

from accounts.models import BlockedUser
from conversations.services import open_dm
from conversations.services.pairs import block_person, unblock_person


async def ask(page, username, message=""):
    await page.goto("/contacts/")
    await page.get_by_label("Username").fill(username)
    await page.get_by_label("Message").fill(message)
    await page.get_by_role("button", name="Send the request").click()
    await expect(page.get_by_text("Your request is sent.")).to_be_visible()


async def test_a_request_and_its_answer_show_without_a_reload(sign_in, owner, member):
    olga, milan = await sign_in(owner), await sign_in(member)
    badge = milan.locator(".menu-badge")
    await expect(badge).to_be_hidden()
    await ask(olga, "milan", "From the hills")
    await expect(badge).to_have_text("1")

    await milan.get_by_label("Menu").click()
    await milan.locator(".menu-item", has_text="Contacts").click()
    await expect(milan.get_by_text("From the hills")).to_be_visible()
    await expect(olga.get_by_role("heading", name="You ask them")).to_be_visible()
    await milan.get_by_role("button", name="Accept: Olga").click()
    await expect(olga.get_by_role("heading", name="You ask them")).to_be_hidden()
    await expect(olga.locator("#live").get_by_role("link", name="Milan")).to_be_visible()
    await milan.goto("/")
    await expect(badge).to_be_hidden()


async def test_a_request_is_declined_and_who_asks_is_blocked_and_let_in_again(sign_in, owner, member, outsider):
    olga, otto, milan = await sign_in(owner), await sign_in(outsider), await sign_in(member)
    await ask(olga, "milan")
    await ask(otto, "milan")
    await milan.goto("/contacts/")
    await milan.get_by_role("button", name="Decline: Olga").click()
    await expect(milan.get_by_role("button", name="Decline: Olga")).to_have_count(0)
    await expect(milan.get_by_role("button", name="Decline: Otto")).to_be_visible()
    await milan.get_by_role("button", name="Block: Otto").click()
    await expect(milan.get_by_role("heading", name="They ask you")).to_have_count(0)
    assert await BlockedUser.objects.filter(blocker=member, blocked=outsider).aexists()
    assert not await BlockedUser.objects.filter(blocked=owner).aexists()

    await milan.goto("/people/@olga")
    await milan.get_by_role("button", name="Block").click()
    await expect(milan.get_by_role("button", name="Unblock")).to_be_visible()
    await milan.goto("/settings/privacy/blocked")
    await milan.get_by_role("button", name="Unblock: Olga").click()
    await expect(milan.get_by_text("Olga")).to_have_count(0)
    await milan.goto("/people/@olga")
    await milan.get_by_role("button", name="Message").click()
    await expect(milan.get_by_role("textbox", name="Message")).to_be_visible()


async def test_what_is_typed_and_focused_stays_while_the_page_is_kept_true(sign_in, owner, member, outsider):
    olga = await sign_in(owner)
    await ask(olga, "milan")
    field = olga.get_by_label("Username")
    await field.fill("ott")
    otto = await sign_in(outsider)
    await ask(otto, "olga")
    await expect(olga.get_by_role("heading", name="They ask you")).to_be_visible()
    await expect(field).to_have_value("ott")
    await expect(field).to_be_focused()


async def test_a_card_tells_who_comes_and_goes(sign_in, owner, member):
    olga = await sign_in(owner)
    await olga.goto("/people/@milan")
    await expect(olga.get_by_role("heading", name="Milan")).to_be_visible()
    milan = await sign_in(member)
    await expect(olga.locator(".person-seen")).to_have_text("online")
    await milan.context.close()
    await expect(olga.locator(".person-seen")).to_contain_text("last seen")


@pytest.mark.parametrize("blocks", [True, False], ids=["blocks", "is blocked"])
async def test_a_block_closes_the_composer_and_its_end_opens_it(sign_in, owner, member, blocks):
    who, whom = (owner, member) if blocks else (member, owner)
    dm, _ = await sync_to_async(open_dm)(creator=owner, user_id=member.pk)
    olga = await sign_in(owner)
    await olga.goto(f"/c/{dm}")
    composer = olga.get_by_role("textbox", name="Message")
    await expect(composer).to_be_visible()
    await sync_to_async(block_person)(blocker=who, user_id=whom.pk)
    if not blocks:
        # Nobody tells the blocked: the page shows it when it is opened anew.
        await olga.goto(f"/c/{dm}")
    words = "You have blocked this person." if blocks else "You may not write here."
    await expect(olga.locator(".composer-closed")).to_contain_text(words)
    await expect(composer).to_be_hidden()
    await sync_to_async(unblock_person)(blocker=who, user_id=whom.pk)
    await expect(composer).to_be_visible()
