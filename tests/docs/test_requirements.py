"""What is installed: pinned, with hashes, and the same wherever it is installed."""

import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "requirements"
FILES = ["base.txt", "dev.txt", "uv.txt"]
_PINNED = re.compile(r"([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,._-]+\])?==([^\s;\\]+)")


def entries(name):
    """Return each requirement of a file on one line."""
    text = (FOLDER / name).read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pins(name):
    """Return the version of each package, by its name; where markers choose, all of them."""
    found: dict[str, set[str]] = {}
    for entry in entries(name):
        package, version = _PINNED.match(entry).groups()
        found.setdefault(package, set()).add(version)
    return found


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_pinned_and_hashed(name):
    assert entries(name)
    for entry in entries(name):
        assert _PINNED.match(entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry
        assert "://" not in entry, entry


def test_tests_run_with_what_the_server_runs_with():
    base, dev = pins("base.txt"), pins("dev.txt")
    assert {package: dev.get(package) for package in base} == base


def test_what_is_asked_for_is_what_is_pinned():
    project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())["project"]
    asked = {re.match(r"[A-Za-z0-9._-]+", each)[0].lower() for each in project["dependencies"]}
    assert asked <= pins("base.txt").keys()
