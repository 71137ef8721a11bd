"""The project's pages, as the tests of this directory read them."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_ROW = re.compile(r"^\| `?([^`|]+?)`? \| (.+) \|$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def pages() -> Iterator[Path]:
    """Yield every Markdown page of the project."""
    yield from sorted(ROOT.glob("*.md"))
    yield from sorted((ROOT / "docs").rglob("*.md"))


def rows(page: str, under: str = "") -> dict[str, list[str]]:
    """Return the rows of a page's tables by their first cell: of all, or of those under a heading."""
    text = (ROOT / page).read_text()
    if under:
        text = re.split(r"^#", text.partition(f"# {under}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return {key: [cell.strip() for cell in rest.split(" | ")] for key, rest in _ROW.findall(text)}


def prose(path: Path) -> str:
    """Return a page without its blocks of code."""
    return _FENCE.sub("", path.read_text())
