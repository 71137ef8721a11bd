"""The scripts as they are served: small, and whole."""

import re
from collections import Counter

import minify
from django.conf import settings

from messaging.web.pages import MODULES

LARGEST = 60_000
FOLDER = settings.BASE_DIR / "static" / "js"
FETCHED = "performance.getEntriesByType('resource').map(({ name }) => name)"


def scripts():
    return sorted(FOLDER.glob("*.js"))


def served(script):
    return minify.string("text/javascript", script.read_text())


def test_all_scripts_together_stay_within_their_budget():
    assert sum(len(served(script).encode()) for script in (*scripts(), FOLDER.parent / "sw.js")) < LARGEST


def test_what_is_served_imports_what_the_script_imports():
    for script in scripts():
        assert script.read_text().count('from "./') == served(script).count('from"./'), script.name
        assert script.read_text().count('import("./') == served(script).count('import("./'), script.name


def test_what_the_chat_loads_is_what_its_scripts_import():
    loaded, waiting = set(), {"main"}
    while waiting:
        loaded |= waiting
        waiting = {name for each in waiting for name in imports(each)} - loaded
    assert loaded == {"main", *MODULES}


async def test_a_page_fetches_each_module_once_and_for_ever(sign_in, owner):
    olga = await sign_in(owner)
    fetched = [address for address in await olga.evaluate(FETCHED) if "/static/js/" in address]
    names = Counter(address.rpartition("/")[2].partition(".")[0] for address in fetched)
    assert set(names.values()) == {1}
    assert set(names) >= {"main", *MODULES}
    for address in fetched:
        answer = await olga.request.get(address)
        assert "immutable" in answer.headers["cache-control"]


def imports(name):
    return re.findall(r'(?:from|import) "\./([a-z]+)\.js"', (FOLDER / f"{name}.js").read_text())
