"""Draws the icons of the installed app from the logo: `make icons`."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parent.parent.parent / "static" / "img"
GROUND = "#0b7285"
# Name, size, and how much of it the logo takes; on a ground where there is one. What is maskable is cut to a circle of
# four fifths by some systems.
ICONS = (
    ("icon-192", 192, 0.94, ""),
    ("icon-512", 512, 0.94, ""),
    ("icon-maskable-512", 512, 0.6, f"background:{GROUND}"),
    ("badge-96", 96, 0.94, ""),
)
_PAGE = '<body style="margin:0;display:grid;place-items:center;height:100vh;{ground}"><div>{logo}</div>'


def main() -> None:
    program = shutil.which("chromium")
    if program is None:
        sys.exit("Chromium is not there: apt-get install chromium")
    logo = (IMAGES / "logo.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for name, size, share, ground in ICONS:
            page = browser.new_page(viewport={"width": size, "height": size})
            drawn = logo.replace("<svg ", f'<svg width="{size * share}" height="{size * share}" ', 1)
            if name.startswith("badge"):
                # Systems show its shape alone, in a colour of theirs.
                drawn = drawn.replace('fill="url(#g)"', 'fill="#fff"').replace('stroke="#fff"', 'stroke="none"')
            elif ground:
                # On its own colour the bubble is white.
                drawn = drawn.replace('stroke="#fff"', f'stroke="{GROUND}"').replace('fill="url(#g)"', 'fill="#fff"')
            page.set_content(_PAGE.format(ground=ground, logo=drawn))
            page.screenshot(path=IMAGES / f"{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
