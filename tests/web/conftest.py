"""A real browser for the tests of the page, and people who sit before it."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Generator

import pytest
from django.conf import settings
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from accounts.models import User
from tests.factories import PASSWORD
from tests.server import LiveChat

OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 20_000
TRACES = settings.BASE_DIR / "test-results"

_has_failed = pytest.StashKey[bool]()

SignIn = Callable[[User], Awaitable[Page]]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note what failed, for whoever tears down after it."""
    report = yield
    if report.failed:
        item.stash[_has_failed] = True
    return report


@pytest.fixture
async def browser(request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """Debian's Chromium. A test that fails leaves its contexts' traces in `test-results`."""
    program = shutil.which("chromium")
    if program is None:
        say = pytest.fail if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip
        say("Chromium is not there: apt-get install chromium")
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=OPTIONS)
        browser.on("context", lambda context: context.tracing.start(snapshots=True))
        yield browser
        # A page that failed may never answer again.
        async with asyncio.timeout(60):
            if request.node.stash.get(_has_failed, False):
                await _keep_traces(browser.contexts, request.node.name)
            await browser.close()


async def _keep_traces(contexts: list[BrowserContext], test: str) -> None:
    for number, context in enumerate(contexts, 1):
        await context.tracing.stop(path=TRACES / f"{re.sub(r'[^a-z0-9_-]+', '-', test)[:150]}-{number}.zip")


@pytest.fixture(scope="session")
def _collected(_server: LiveChat) -> None:
    """Collect the static files, as `serve` does; the server that runs already looks for them at its start alone."""
    others = [f"--ignore={package}" for package in ("admin", "redoc", "rest_framework")]
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0", *others],
        env=_server.environment,
        cwd=settings.BASE_DIR,
        check=True,
    )
    for process in list(_server.processes):
        _server.kill(process)


@pytest.fixture
def chat(_collected: None, live_chat: LiveChat) -> LiveChat:
    """A real server with all that a page needs."""
    return live_chat


@pytest.fixture
async def sign_in(request, browser, chat) -> AsyncIterator[SignIn]:
    """Sign people in, each in a browser context of their own, where no script may fail and no rule be broken."""
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # The trace asks for previews of files, which the page itself only shows.
        if "Content Security Policy" in message.text and "Connecting to 'blob:" not in message.text:
            problems.append(message.text)

    async def before_the_chat(person: User) -> Page:
        context = await browser.new_context(base_url=chat.url, timezone_id="Europe/Vienna")
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", note)
        await page.goto("/login/")
        await page.get_by_label("Username").fill(person.username or "")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await expect(page.get_by_role("heading", name="Chats")).to_be_visible()
        # The scripts have run: until then a row is a plain link and has no menu.
        await page.wait_for_load_state("load")
        return page

    yield before_the_chat
    if problems:
        request.node.stash[_has_failed] = True
    assert problems == []
