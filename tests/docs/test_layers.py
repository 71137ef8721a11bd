"""That the layers of .importlinter hold for the whole house: a module on no floor would keep no rule."""

import configparser
import re

from tests.docs.pages import ROOT

APPS = ("accounts", "attachments", "conversations", "messaging", "moderation")
# Migrations and the app's entry in Django's registry are nobody's to import.
OFF_FLOORS = ("migrations", "apps")


def floors():
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    listed = config["importlinter:contract:floors"]["layers"]
    return {name.strip() for name in re.split(r"[\n:]", listed) if name.strip()}


def rooms():
    """Return what stands directly in an app: `messaging.timeline`, `accounts.services`."""
    for app in APPS:
        for path in (ROOT / app).iterdir():
            if path.stem not in ("__init__", "__pycache__", *OFF_FLOORS):
                yield f"{app}.{path.stem}"


def test_every_room_of_every_app_stands_on_a_floor():
    assert set(rooms()) == floors() - {"chat_project.core"}
