"""docs/api.md against the socket's code."""

import re

from chat_project.core.realtime import hub
from messaging import consumers
from messaging.sockets import live
from messaging.sockets.commands import COMMANDS
from tests.docs.pages import ROOT, rows

PAGE = "docs/api.md"

_EVENT = re.compile(r'(?:event=|"event": )"([a-z]+(?:\.[a-z]+)?)"')


def test_every_command_has_a_line_and_no_other_has():
    assert rows(PAGE, under="Commands").keys() - {"command", "---"} == set(COMMANDS)


def test_every_event_is_named():
    sources = [
        path
        for app in ("accounts", "conversations", "messaging", "moderation", "attachments", "chat_project/core")
        for path in (ROOT / app).rglob("*.py")
    ]
    events = {name for path in sources for name in _EVENT.findall(path.read_text())}
    assert "message.created" in events
    text = (ROOT / PAGE).read_text()
    assert not {event for event in events if f"`{event}`" not in text}


def test_every_closing_code_has_a_line():
    codes = {
        hub.SESSION_REVOKED,
        hub.SLOW_READER,
        consumers.MESSAGE_TOO_BIG,
        consumers.TRY_AGAIN_LATER,
        live.POLICY_VIOLATION,
    }
    assert {str(code) for code in codes} <= rows(PAGE, under="How a socket closes").keys()
