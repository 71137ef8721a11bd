"""What axe finds wrong with a page."""

from functools import cache
from pathlib import Path

import axe_playwright_python
from playwright.async_api import Page

LOOKS = (("light", 1440, 900), ("dark", 390, 844))
# The page is drawn in its new colours, and no colour is on its way any more. What moves for ever is not waited for, nor
# what stands still: in rows out of sight that the browser skips, an animation never ends.
_SETTLED = """
    new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
        .then(() => document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime < Infinity))
        .then((moves) => Promise.race([
            Promise.allSettled(moves.map((move) => move.finished)),
            new Promise((resolve) => setTimeout(resolve, 5000)),
        ]))
        .then(() => null)
"""


async def violations(page: Page) -> list[str]:
    """Return the rules that the page breaks, in light and wide and in dark and narrow, each with where it does."""
    found = []
    await page.evaluate(_axe())
    for scheme, width, height in LOOKS:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size({"width": width, "height": height})
        await page.evaluate(_SETTLED)
        results = await page.evaluate("axe.run()")
        found += [
            f"{scheme}: {each['id']}: {[node['target'] for node in each['nodes']]}" for each in results["violations"]
        ]
    return found


@cache
def _axe() -> str:
    return f"{Path(axe_playwright_python.__file__).with_name('axe.min.js').read_text()};null"
