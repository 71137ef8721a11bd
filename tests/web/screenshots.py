"""Takes the README's pictures of a demo that is made for it: `make screenshots`."""

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
IMAGES = ROOT / "docs" / "screenshots"
START_SECONDS = 180
MAX_BYTES = 200_000

WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1.5}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 800},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
# The window, the conversation that is open, and what of it.
PICTURES: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "light.webp": ({**WIDE, "color_scheme": "light"}, "Larch Ridge hike", ""),
    "dark.webp": ({**WIDE, "color_scheme": "dark"}, "Bob Okafor", ""),
    "information.webp": ({**WIDE, "color_scheme": "light"}, "Crumb Theory", "Info"),
    "phone-list.webp": ({**PHONE, "color_scheme": "light"}, None, ""),
    "phone.webp": ({**PHONE, "color_scheme": "dark"}, "Flat 4B", ""),
}


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium")
    if program is None:
        sys.exit("Chromium is not there: apt-get install chromium")
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for name, (options, title, part) in PICTURES.items():
            picture = compressed(photograph(browser, address, options, title, part))
            (IMAGES / name).write_bytes(picture)
            if len(picture) > MAX_BYTES:
                sys.exit(f"{name} has {len(picture)} bytes: too many for a README")
        browser.close()


@contextmanager
def demo() -> Iterator[str]:
    """Serve a copy of its own with the demo in it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://localhost:{port}"
    with tempfile.TemporaryDirectory(prefix="chat-pictures-") as data_dir:
        environment = {**os.environ, "DATA_DIR": data_dir, "PORT": str(port)}
        for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "SITE_URL"):
            environment.pop(name, None)
        server = subprocess.Popen(
            [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
        )
        try:
            wait_for(address, server)
            yield address
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    """Wait until the demo is served."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    sys.exit("the demo was not served")


def photograph(browser: Browser, address: str, options: dict[str, Any], title: str | None, part: str) -> bytes:
    """Return a picture of the chat as alice sees it."""
    context = browser.new_context(base_url=address, locale="en-GB", **options)
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("demo-password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.locator(".row").first.wait_for()
    page.wait_for_load_state("load")
    if title is not None:
        page.locator(".row", has=page.locator(".row-title").get_by_text(title, exact=True)).click()
        page.locator(".timeline[data-ready]").wait_for()
    if part:
        page.get_by_role("link", name=part, exact=True).click()
        page.locator(".side-part").wait_for()
    # Pictures of people come one after the other, and the day's name leaves when the timeline rests.
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(2_000)
    picture = page.screenshot()
    context.close()
    return picture


def compressed(png: bytes) -> bytes:
    """Return a picture as WebP."""
    target = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").save(target, "WEBP", quality=82, method=6)
    return target.getvalue()


if __name__ == "__main__":
    main()
