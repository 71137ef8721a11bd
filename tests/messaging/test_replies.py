"""What a reply shows of its target, and what can be answered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.fragments import bubble
from messaging.models import Message
from messaging.services import pin_message
from messaging.web import pages
from tests.accounts.clients import Api, Browser
from tests.messaging.drafting import send

SECRET = "c2VjcmV0LXNlY3JldA=="


@pytest.fixture
def sealed(group, owner):
    """A message that is encrypted."""
    return send(owner, group, SECRET, encryption={"scheme": "x"})[0]


def test_a_quote_of_what_is_encrypted_shows_nothing_of_it(group, member, sealed):
    answer, _ = send(member, group, "what?", reply_to_id=sealed["id"])
    api = Api.of(member)
    path = f"conversations/{group.pk}/messages"
    for message in (answer, api.get(f"{path}/{answer['id']}").json(), api.get(path).json()["results"][0]):
        assert message["reply_to"] == {**message["reply_to"], "id": sealed["id"], "content": "", "is_deleted": False}
        assert "Encrypted message" in bubble(message)
    assert api.get(f"{path}/{sealed['id']}").json()["content"] == SECRET


def test_no_page_shows_what_is_encrypted(group, owner, member, sealed):
    pin_message(actor_id=owner.pk, conversation_id=group.pk, message_id=sealed["id"])
    browser = Browser()
    browser.sign_in(member)
    for path in ("/", f"/c/{group.pk}"):
        assert SECRET[:8] not in browser.get(path).content.decode()
    # In the bar of what is pinned, and in the history.
    assert browser.get(f"/c/{group.pk}").content.decode().count("Encrypted message") == 2


def test_the_list_says_that_the_last_message_is_encrypted(group, member, sealed):
    [card] = pages.rows(member).cards
    assert card.preview == "Encrypted message"


@pytest.mark.parametrize("is_past", [True, False])
def test_what_has_expired_can_not_be_answered_before_it_is_a_tombstone_either(group, owner, member, is_past):
    said, _ = send(owner, group, "for a minute")
    expires_at = timezone.now() + timedelta(hours=-1 if is_past else 1)
    Message.objects.filter(id=said["id"]).update(expires_at=expires_at)
    answer = Api.of(member).post(f"conversations/{group.pk}/messages", {"content": "what?", "reply_to_id": said["id"]})
    if is_past:
        assert (answer.status_code, answer.json()["code"]) == (400, "reply_target_invalid")
    else:
        assert answer.status_code == 201
