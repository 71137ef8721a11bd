"""What must not stand in the log."""

import io
import logging

from conversations.services import create_invite
from tests.accounts.clients import Api


def test_the_code_of_an_invite_is_never_logged(group, owner):
    code = create_invite(actor=owner, conversation_id=group.pk).code
    handler = next(handler for handler in logging.getLogger().handlers if handler.name == "console")
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(written := io.StringIO())
    try:
        for path in (f"invites/{code}", f"invites/{code}/join", f"conversations/{group.pk}/invites/{code}"):
            assert Api("bad").get(path).status_code in (401, 405)
            assert Api().call("DELETE", path).status_code in (401, 405)
    finally:
        handler.setStream(before)
    assert "/api/v1/invites/…/join" in written.getvalue()
    assert code not in written.getvalue()
