"""docs/settings.md against what the code reads from the environment."""

import ast
import re

import pytest

from tests.docs.pages import ROOT, rows

PAGE = "docs/settings.md"
READERS = ("settings.py", "embedded", "serving", "management")

_READ = re.compile(r'environ(?:\.get\(|\[)"([A-Z][A-Z0-9_]+)"', re.IGNORECASE)


def settings_calls():
    """Return the calls of `env` in the settings module, by the variable that each reads."""
    tree = ast.parse((ROOT / "chat_project/settings.py").read_text())
    calls = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            is_env = isinstance(node.func.value, ast.Name) and node.func.value.id == "env"
            if is_env and node.args and isinstance(node.args[0], ast.Constant):
                calls.setdefault(node.args[0].value, node)
    return calls


def read_elsewhere():
    files = [path for name in READERS for path in (ROOT / "chat_project" / name).glob("**/*.py")]
    return {name for path in files for name in _READ.findall(path.read_text())}


def default_of(call):
    """Return a call's default as the page writes it; None where it is computed or empty."""
    [node] = [keyword.value for keyword in call.keywords if keyword.arg == "default"]
    if any(isinstance(part, (ast.Name, ast.JoinedStr, ast.Call)) for part in ast.walk(node)):
        return None
    value = eval(compile(ast.Expression(node), PAGE, "eval"))
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value) if value not in ("", []) else None


def test_every_setting_has_a_line():
    missing = (settings_calls().keys() | read_elsewhere()) - rows(PAGE).keys()
    assert not missing, f"read from the environment, and not in {PAGE}: {sorted(missing)}"


def test_no_line_is_about_a_setting_that_nobody_reads():
    stale = rows(PAGE).keys() - settings_calls().keys() - read_elsewhere() - {"variable", "---"}
    assert not stale, f"in {PAGE}, and read by nobody: {sorted(stale)}"


@pytest.mark.parametrize("name", [name for name, call in settings_calls().items() if default_of(call)])
def test_the_default_is_the_one_that_the_code_has(name):
    assert rows(PAGE)[name][0] == f"`{default_of(settings_calls()[name])}`"
