"""Taking words from one conversation to another."""

from asgiref.sync import sync_to_async
from playwright.async_api import expect

from conversations.services import create_conversation, open_dm
from tests.web.steps import bubble, choose, open_conversation, say


async def test_a_selection_goes_to_a_conversation_that_was_looked_for(sign_in, owner, member, group):
    dm, _ = await sync_to_async(open_dm)(creator=owner, user_id=member.pk)
    other, _ = await sync_to_async(create_conversation)(creator=owner, type="GROUP", title="Climbers", member_ids=[])
    await say(member, dm, "at seven", "at the hut", "bring rope")
    olga = await sign_in(owner)
    await open_conversation(olga, "Milan")
    bar, dialog = olga.get_by_role("toolbar", name="Selected messages"), olga.get_by_role("dialog")
    await choose(olga, "at seven", "Select")
    await bubble(olga, "bring rope").click()
    await bar.get_by_role("button", name="Forward").click()
    await expect(dialog.locator(".pick b")).to_have_text(["Milan", "Climbers", "Hikers"])
    await dialog.get_by_role("searchbox").fill("xyz")
    await expect(dialog.get_by_text("Nothing found for “xyz”.")).to_be_visible()
    await dialog.get_by_role("searchbox").fill("clim")
    await expect(dialog.locator(".pick")).to_have_count(1)
    await dialog.get_by_role("button", name="Climbers").click()
    await expect(olga.get_by_text("Forwarded", exact=True)).to_be_visible()
    await expect(bar).to_be_hidden()
    await olga.goto(f"/c/{other}")
    await expect(olga.locator(".message .words")).to_have_text(["at seven", "bring rope"])


async def test_words_are_copied_and_where_that_is_not_allowed_it_is_said(sign_in, owner, group):
    await say(owner, group.pk, "**at** the hut\nat seven")
    olga = await sign_in(owner)
    await olga.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await open_conversation(olga, "Hikers")
    await choose(olga, "at the hut", "Copy text")
    await expect(olga.get_by_text("Copied")).to_be_visible()
    assert await olga.evaluate("navigator.clipboard.readText()") == "at the hut\nat seven"

    # As on a page that came by plain http.
    await olga.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await choose(olga, "at the hut", "Copy text")
    await expect(olga.get_by_text("That didn't work. Try again.")).to_be_visible()
