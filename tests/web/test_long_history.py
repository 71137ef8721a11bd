"""A long history in a real browser: the page holds a part of it, without a gap and without a jump."""

from asgiref.sync import sync_to_async
from playwright.async_api import Page, expect

from messaging.drafts import Outgoing
from messaging.services import send_message

MESSAGES = 500
# What Scroll keeps at most, and a page more while one comes.
MOST = 450
SEQS = "(list) => list.map((element) => Number(element.dataset.seq))"
TOP = "(element) => Math.round(element.getBoundingClientRect().top)"


def fill(sender, conversation_id):
    for number in range(MESSAGES):
        send_message(
            sender=sender, conversation_id=conversation_id, outgoing=Outgoing.checked(content=f"message {number}")
        )


async def seqs(page: Page) -> list[int]:
    return await page.locator(".message[data-seq]").evaluate_all(SEQS)


async def scroll_to(page: Page, seq: int, place: str) -> None:
    """Go on to one end of what is here until a message has come."""
    message = page.locator(f'.message[data-seq="{seq}"]')
    await page.get_by_role("log").evaluate(f"(box) => {{ box.scrollTop = {place}; }}")
    await expect(message).to_have_count(1)


async def test_a_long_history_is_read_to_its_beginning_and_back_without_a_gap_or_a_jump(sign_in, owner, group):
    await sync_to_async(fill)(owner, group.pk)
    olga = await sign_in(owner)
    await olga.locator(".row").first.click()
    await expect(olga.locator(".timeline[data-ready]")).to_be_visible()
    while (oldest := (await seqs(olga))[0]) > 1:
        seen = olga.locator(f'.message[data-seq="{oldest}"]')
        await scroll_to(olga, max(1, oldest - 50), "0")
        assert abs(await seen.evaluate(TOP) - await olga.get_by_role("log").evaluate(TOP)) < 300
        here = await seqs(olga)
        assert here == list(range(here[0], here[0] + len(here)))
        assert len(here) <= MOST
    last = MESSAGES + 2
    while (newest := (await seqs(olga))[-1]) < last:
        await scroll_to(olga, min(last, newest + 50), "box.scrollHeight")
        here = await seqs(olga)
        assert here == list(range(here[0], here[0] + len(here)))
        assert len(here) <= MOST
    await expect(olga.get_by_text(f"message {MESSAGES - 1}", exact=True).last).to_be_in_viewport()
