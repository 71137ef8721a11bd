"""The pages of moderators, before axe in a real browser."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as configured

from moderation.services import count_day, take_up
from tests.accessibility import violations
from tests.attachments.files import photo, processed, send, uploaded
from tests.factories import PASSWORD
from tests.moderation.conftest import staff
from tests.moderation.test_evidence_files import report

# Django's own field, whose label is a picture.
SEARCH_BAR = "label-title-only: [['#searchbar']]"


@pytest.fixture
def case(chat, settings, group, owner, member):
    """A report under review of a photo, beside another that waits."""
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"],
        env=chat.environment,
        cwd=configured.BASE_DIR,
        check=True,
    )
    # It looks for static files at its start alone.
    for process in list(chat.processes):
        chat.kill(process)
    chat.ensure_running()
    settings.MEDIA_ROOT = Path(chat.environment["DATA_DIR"]) / "media"
    picture = processed(uploaded(member, group, photo(), "photo.jpg"))
    row = report(owner, group, send(member, group, attachment_ids=[picture.id]).json())
    words = send(member, group, content="An insult that is long enough to be read by whoever has to look at it.").json()
    report(owner, group, words)
    moderator = staff("Administrators", username="mona")
    take_up(actor=moderator, report_id=row.pk)
    count_day()
    return moderator, row


async def test_moderators_pages_break_no_rule(browser, chat, case, member):
    moderator, row = case
    context = await browser.new_context(base_url=chat.url)
    page = await context.new_page()
    await page.goto("/login/?next=/admin/")
    await page.get_by_label("Username").fill(moderator.username)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()
    await page.wait_for_url("**/admin/")
    queue = "/admin/moderation/userreport/"
    found = {}
    for name, path in {
        "dashboard": "/admin/",
        "queue": queue,
        "report": f"{queue}{row.pk}/change/",
        "record": f"{queue}people/{member.pk}/",
        "audit": "/admin/moderation/auditlog/",
        "files": "/admin/files/?status=ready",
    }.items():
        await page.goto(path)
        found[name] = [each for each in await violations(page) if not each.endswith(SEARCH_BAR)]
    await context.close()
    assert {name: broken for name, broken in found.items() if broken} == {}
