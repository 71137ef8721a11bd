"""The scripts as they are served: small, and whole."""

import minify
from django.conf import settings

LARGEST = 60_000


def scripts():
    return sorted((settings.BASE_DIR / "static" / "js").glob("*.js"))


def served(script):
    return minify.string("text/javascript", script.read_text())


def test_the_scripts_together_stay_within_their_budget():
    assert sum(len(served(script).encode()) for script in scripts()) < LARGEST


def test_what_is_served_imports_what_the_script_imports():
    for script in scripts():
        assert script.read_text().count('from "./') == served(script).count('from"./'), script.name
