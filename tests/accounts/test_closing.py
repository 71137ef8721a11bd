"""Closing an account: nobody can use it any more, and nothing tells whose it was; what was said stands."""

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import BlockedUser, ContactRequest, Passkey, ReservedName, User, UserSession
from accounts.services.avatars import change_avatar
from accounts.services.credentials import verify_credentials
from chat_project.core.errors import InvalidError, NotAuthenticatedError
from conversations.enums import Role
from conversations.models import ConversationMember
from conversations.services import add_members, create_conversation, leaving, open_dm, succession
from conversations.services.leaving import close_account
from messaging.drafts import Outgoing
from messaging.models import Message
from messaging.services import send_message
from moderation.models import AuditLog
from tests.accounts.clients import Api, Browser, signed_in
from tests.accounts.mailbox import subjects
from tests.accounts.pictures import picture
from tests.factories import PASSWORD, UserFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def close(api: Api, password: str = PASSWORD) -> Any:
    return api.call("DELETE", "users/me", {"password": password})


@pytest.fixture
def spoken(group, owner):
    """A group in which its owner has written."""
    send_message(sender=owner, conversation_id=group.pk, outgoing=Outgoing.checked(content="hi"))
    return group


def test_a_closed_account_keeps_nothing_that_tells_whose_it_was(owner, member, spoken):
    change_avatar(user=owner, file=SimpleUploadedFile("me.png", picture()), size=100)
    owner.refresh_from_db()
    picture_key = owner.avatar_key
    User.objects.filter(pk=owner.pk).update(bio="I hike", phone="+491234567", is_staff=True, is_superuser=True)
    ContactRequest.objects.create(from_user=owner, to_user=member, status="ACCEPTED")
    BlockedUser.objects.create(blocker=owner, blocked=UserFactory())
    Passkey.objects.create(user=owner, name="Key", credential_id=b"1", public_key=b"2")
    assert close(Api.of(owner)).status_code == 204
    closed = User.objects.get(pk=owner.pk)
    assert (closed.username, closed.email, closed.phone, closed.bio, closed.avatar_key) == (None, None, None, "", None)
    assert (closed.display_name, closed.is_active, closed.last_seen_at) == ("Deleted Account", False, None)
    assert (closed.is_staff, closed.is_superuser, closed.has_usable_password()) == (False, False, False)
    assert closed.auth_version > owner.auth_version
    assert not ContactRequest.objects.exists()
    assert not BlockedUser.objects.exists()
    assert not Passkey.objects.exists()
    assert not default_storage.exists(picture_key)
    assert AuditLog.objects.filter(action="account.closed", resource_id=owner.pk, actor_id=owner.pk).count() == 1


def test_its_messages_stand_without_its_name(owner, member, spoken):
    close(Api.of(owner))
    answer = Api.of(member).get(f"conversations/{spoken.pk}/messages").json()
    said = next(message for message in answer["results"] if message["type"] == "TEXT")
    assert said["content"] == "hi"
    assert said["sender"] == {
        "id": owner.pk,
        "username": None,
        "display_name": "Deleted Account",
        "avatar_url": None,
    }
    assert Message.objects.filter(sender=owner).exists()


def test_all_its_sessions_end_at_once(owner):
    phone, browser = Api.of(owner), Browser()
    browser.sign_in(owner)
    refresh = signed_in(owner).tokens.refresh
    assert close(Api.of(owner)).status_code == 204
    assert phone.get("users/me").status_code == 401
    assert browser.get("/")["Location"].startswith("/login/")
    assert Api().post("auth/refresh", {"refresh": refresh}).status_code == 401
    assert not UserSession.objects.filter(user=owner, revoked_at=None).exists()
    answer = Api().post("auth/login", {"login": "olga", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")


def test_its_place_in_conversations_goes_to_others(owner, member, spoken):
    close(Api.of(owner))
    spoken.refresh_from_db()
    assert (spoken.member_count, spoken.owner_id, spoken.archived_at) == (1, member.pk, None)
    assert ConversationMember.objects.get(pk=(spoken.pk, member.pk)).role == Role.OWNER
    assert not ConversationMember.objects.filter(user=owner, is_active=True).exists()


def test_a_conversation_of_nobody_else_is_archived(owner):
    conversation_id, _ = create_conversation(creator=owner, type="GROUP", title="Alone")
    close(Api.of(owner))
    row = ConversationMember.objects.select_related("conversation").get(conversation_id=conversation_id)
    assert (row.is_active, row.conversation.archived_at is None) == (False, False)


def test_others_find_nobody_there(owner, member):
    dm, _ = open_dm(creator=member, user_id=owner.pk)
    close(Api.of(owner))
    api = Api.of(member)
    assert api.get(f"users/{owner.pk}").status_code == 404
    assert api.get("users/@olga").status_code == 404
    assert api.get("users/search?q=ol").json()["results"] == []
    shown = api.get(f"conversations/{dm}").json()["peer"]
    assert (shown["username"], shown["display_name"], shown["avatar_url"]) == (None, "Deleted Account", None)


def test_its_address_is_free_and_its_name_is_not(owner):
    close(Api.of(owner))
    again = {"username": "olga", "email": "olga@example.org", "password": "a long walk home"}
    answer = Api().post("auth/register", again)
    assert list(answer.json()["errors"]) == ["username"]
    assert Api().post("auth/register", {**again, "username": "olga2"}).status_code == 201
    assert ReservedName.objects.get(name="olga").holder_id is None


def test_its_old_address_is_told(owner):
    close(Api.of(owner))
    assert subjects("olga@example.org") == ["Your account at Chat is closed"]


def test_a_wrong_password_closes_nothing(owner, group):
    answer = close(Api.of(owner), "not this one")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["password"])
    assert Api.of(owner).call("DELETE", "users/me", {}).json()["errors"].keys() == {"password"}
    owner.refresh_from_db()
    assert owner.is_active
    assert verify_credentials(login="olga", password=PASSWORD).pk == owner.pk


def test_of_two_closings_at_once_one_closes(owner, group):
    results = at_once(*[lambda: close_account(user=owner, password=PASSWORD)] * 2)
    assert sorted(type(result) for result in results if result is not None) in ([NotAuthenticatedError], [InvalidError])
    assert AuditLog.objects.filter(action="account.closed", resource_id=owner.pk).count() == 1
    group.refresh_from_db()
    assert group.member_count == 1


def test_a_crash_half_way_leaves_the_account_as_it_was(owner, group, monkeypatch):
    def crash(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(leaving, "finish_closing", crash)
    with pytest.raises(KeyboardInterrupt):
        close_account(user=owner, password=PASSWORD)
    owner.refresh_from_db()
    group.refresh_from_db()
    assert (owner.username, owner.is_active, owner.display_name) == ("olga", True, "Olga")
    assert (group.member_count, group.owner_id) == (2, owner.pk)


def test_who_is_added_to_a_group_while_they_close_is_in_no_deadlock(owner, group, outsider):
    groups = [create_conversation(creator=owner, type="GROUP", title=f"G{n}")[0] for n in range(4)]
    for conversation_id in groups[:2]:
        add_members(actor=owner, conversation_id=conversation_id, user_ids=[outsider.pk])
    calls = [
        lambda each=each: add_members(actor=owner, conversation_id=each, user_ids=[outsider.pk]) for each in groups[2:]
    ]
    results = at_once(lambda: close_account(user=outsider, password=PASSWORD), *calls)
    assert not [result for result in results if isinstance(result, Exception)]
    outsider.refresh_from_db()
    assert not outsider.is_active


def statements_of_closing(groups: int) -> int:
    person, owner = UserFactory(), UserFactory()
    for number in range(groups):
        create_conversation(creator=owner, type="GROUP", title=f"G{number}", member_ids=[person.pk])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        close_account(user=person, password=PASSWORD)
    return len(queries)


def test_closing_costs_the_same_however_many_the_memberships():
    assert statements_of_closing(12) == statements_of_closing(2)


def test_many_memberships_end_in_pieces(owner, member, outsider, monkeypatch):
    monkeypatch.setattr(succession, "AT_ONCE", 2)
    owned, joined = (
        [
            create_conversation(creator=one, type=kind, title="Many", member_ids=[other.pk])[0]
            for kind in ("GROUP", "CHANNEL")
        ]
        for one, other in ((outsider, member), (member, outsider))
    )
    dm, _ = open_dm(creator=member, user_id=outsider.pk)
    close_account(user=outsider, password=PASSWORD)
    assert not ConversationMember.objects.filter(user=outsider, is_active=True).exists()
    rows = ConversationMember.objects.filter(user=member).select_related("conversation")
    found = {row.conversation_id: (row.role, row.conversation.member_count) for row in rows}
    assert found == {**dict.fromkeys([*owned, *joined], ("OWNER", 1)), dm: ("MEMBER", 1)}


def test_who_was_added_in_the_moment_of_closing_is_taken_out_by_the_clock(owner, group, outsider):
    close_account(user=outsider, password=PASSWORD)
    ConversationMember.objects.create(conversation=group, user=outsider)
    type(group).objects.filter(pk=group.pk).update(member_count=3)
    assert leaving.end_late_memberships() == 1
    group.refresh_from_db()
    assert group.member_count == 2
    assert leaving.end_late_memberships() == 0
