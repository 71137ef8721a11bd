"""What the pages point at."""

import re

import pytest

from tests.docs.pages import ROOT, pages, prose

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# A path of this repository that a page names: it has a folder, and the ending of a text file.
_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:css|html|js|md|py|sh|toml|txt|yaml))`")

ALL = pytest.mark.parametrize("page", list(pages()), ids=lambda page: str(page.relative_to(ROOT)))


def anchors(page):
    headings = _HEADING.findall(prose(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@ALL
def test_links_lead_somewhere(page):
    for target in _LINK.findall(prose(page)):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        assert goal.exists(), f"{target} leads nowhere"
        if anchor:
            assert anchor in anchors(goal), f"{target}: no such heading"


@ALL
def test_files_that_are_named_are_there(page):
    for path in _PATH.findall(prose(page)):
        assert (ROOT / path).exists() or (page.parent / path).exists(), f"{path} is not there"
