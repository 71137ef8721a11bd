"""Bans and restrictions, and how they end by themselves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ContactRequest
from conversations.models import Conversation, ConversationInvite, ConversationMember, JoinRequest
from conversations.services import add_members, update_member
from tests.accounts.clients import Api
from tests.conversations.cast import join, lines
from tests.factories import UserFactory


@pytest.fixture
def api(owner):
    """The owner's API."""
    return Api.of(owner)


def ahead(**span):
    return (timezone.now() + timedelta(**span)).isoformat()


def ended(model, **key):
    """Let time pass, as the database sees it: move the end of what is in force into the past."""
    column = "banned_until" if model.objects.get(**key).is_banned else "restricted_until"
    model.objects.filter(**key).update(**{column: timezone.now() - timedelta(seconds=1)})


def test_who_is_banned_is_out_uncounted_and_listed_for_managers(group, api, member):
    ConversationMember.objects.filter(pk=(group.pk, member.pk)).update(role="MODERATOR", permissions={"react": False})
    answer = api.patch(f"conversations/{group.pk}/members/{member.pk}", {"banned_until": "forever"})
    body = answer.json()
    assert (body["is_banned"], body["banned_until"], body["role"], body["permissions"]) == (
        True,
        "forever",
        "MEMBER",
        {},
    )
    assert api.get(f"conversations/{group.pk}").json()["member_count"] == 1
    [row] = api.get(f"conversations/{group.pk}/members?banned=true").json()["results"]
    assert row["user"]["id"] == member.pk
    assert Api.of(member).get(f"conversations/{group.pk}/messages").status_code == 404
    assert lines(group)[-1] == "member.removed"


def test_who_is_banned_neither_joins_nor_is_added(group, api, member, owner):
    api.patch(f"conversations/{group.pk}", {"handle": "hikers"})
    ContactRequest.objects.create(from_user=owner, to_user=member, status="ACCEPTED")
    code = api.post(f"conversations/{group.pk}/invites", {}).json()["code"]
    api.patch(f"conversations/{group.pk}/members/{member.pk}", {"banned_until": ahead(days=1)})
    for path in (f"invites/{code}/join", f"conversations/{group.pk}/join"):
        answer = Api.of(member).post(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "banned")
    assert api.post(f"conversations/{group.pk}/members", {"user_ids": [member.pk]}).json()["not_added"] == [member.pk]
    assert Api.of(member).get("conversations/public?q=hikers").json()["results"] == []


@pytest.mark.parametrize("way", ["invite", "handle", "added"])
def test_a_ban_ends_by_itself_and_the_way_back_is_open(group, api, member, way):
    api.patch(f"conversations/{group.pk}", {"handle": "hikers"})
    code = api.post(f"conversations/{group.pk}/invites", {}).json()["code"]
    api.patch(f"conversations/{group.pk}/members/{member.pk}", {"banned_until": ahead(seconds=60)})
    group.refresh_from_db()
    before = (group.version, group.members_version, group.member_count)
    ended(ConversationMember, pk=(group.pk, member.pk))
    group.refresh_from_db()
    assert (group.version, group.members_version, group.member_count) == before
    assert api.get(f"conversations/{group.pk}/members?banned=true").json()["results"] == []
    assert Api.of(member).get(f"conversations/{group.pk}").status_code == 404
    if way == "added":
        answer = api.post(f"conversations/{group.pk}/members", {"user_ids": [member.pk]})
        assert answer.json()["not_added"] == []
    else:
        path = f"invites/{code}/join" if way == "invite" else f"conversations/{group.pk}/join"
        answer = Api.of(member).post(path)
    assert answer.status_code == 200
    row = ConversationMember.objects.get(pk=(group.pk, member.pk))
    assert (row.is_active, row.is_banned, row.banned_until) == (True, False, None)
    group.refresh_from_db()
    assert group.member_count == before[2] + 1


def test_a_ban_is_lifted_by_null_and_makes_nobody_a_member(group, api, member):
    path = f"conversations/{group.pk}/members/{member.pk}"
    api.patch(path, {"banned_until": "forever"})
    body = api.patch(path, {"banned_until": None}).json()
    assert (body["is_banned"], body["banned_until"]) == (False, None)
    assert Api.of(member).get(f"conversations/{group.pk}").status_code == 404
    assert api.post(f"conversations/{group.pk}/members", {"user_ids": [member.pk]}).json()["not_added"] == []


def test_the_end_of_a_ban_can_be_moved_and_who_left_can_be_banned(group, api, member):
    Api.of(member).post(f"conversations/{group.pk}/leave")
    path = f"conversations/{group.pk}/members/{member.pk}"
    assert api.patch(path, {"banned_until": ahead(days=1)}).json()["is_banned"]
    assert api.patch(path, {"banned_until": "forever"}).json()["banned_until"] == "forever"
    group.refresh_from_db()
    assert group.member_count == 1


BAD = {
    "the past": ({"banned_until": "2001-01-01T00:00:00Z"}, "banned_until"),
    "a word": ({"banned_until": "always"}, "banned_until"),
    "a ban with a role": ({"banned_until": "forever", "role": "ADMIN"}, "banned_until"),
    "an unknown role": ({"role": "KING"}, "role"),
    "no role": ({"role": None}, "role"),
    "an unknown permission": ({"permissions": {"fly": True}}, "permissions"),
    "a permission as text": ({"permissions": {"react": "no"}}, "permissions"),
    "a list of permissions": ({"permissions": ["react"]}, "permissions"),
    "what is no field": ({"is_banned": True}, "is_banned"),
}


@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_named(group, api, member, body, field):
    answer = api.patch(f"conversations/{group.pk}/members/{member.pk}", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_who_never_was_a_member_is_not_found(group, api, outsider):
    for body in ({"banned_until": "forever"}, {"banned_until": None}, {"role": "ADMIN"}, {}):
        assert api.patch(f"conversations/{group.pk}/members/{outsider.pk}", body).status_code == 404


def test_a_ban_answers_a_request_to_join(group, api, member):
    api.delete(f"conversations/{group.pk}/members/{member.pk}")
    JoinRequest.objects.create(conversation=group, user=member)
    api.patch(f"conversations/{group.pk}/members/{member.pk}", {"banned_until": "forever"})
    assert api.get(f"conversations/{group.pk}/join-requests").json()["results"] == []


def test_a_restriction_ends_by_itself_and_what_was_given_stays(group, api, member):
    path = f"conversations/{group.pk}/members/{member.pk}"
    given = {"permissions": {"send_messages": False, "pin_messages": True}, "restricted_until": ahead(hours=1)}
    body = api.patch(path, given).json()
    assert body["permissions"] == given["permissions"]
    assert body["restricted_until"] is not None
    assert Api.of(member).post(f"conversations/{group.pk}/messages", {"content": "hi"}).status_code == 403
    group.refresh_from_db()
    before = group.members_version
    ended(ConversationMember, pk=(group.pk, member.pk))
    assert Api.of(member).post(f"conversations/{group.pk}/messages", {"content": "hi"}).status_code == 201
    mine = Api.of(member).get(f"conversations/{group.pk}").json()["my_permissions"]
    assert (mine["send_messages"], mine["pin_messages"]) == (True, True)
    [row] = [row for row in api.get(f"conversations/{group.pk}/members").json()["results"] if row["role"] == "MEMBER"]
    assert (row["permissions"], row["restricted_until"]) == ({"pin_messages": True}, None)
    group.refresh_from_db()
    assert group.members_version == before


def test_permissions_that_are_given_take_the_place_of_the_old_ones(group, api, member):
    path = f"conversations/{group.pk}/members/{member.pk}"
    api.patch(path, {"permissions": {"react": False}, "restricted_until": ahead(hours=1)})
    body = api.patch(path, {"permissions": {"pin_messages": True}}).json()
    assert (body["permissions"], body["restricted_until"]) == ({"pin_messages": True}, None)
    assert api.patch(path, {"permissions": {}}).json()["permissions"] == {}


def test_who_lacks_a_right_keeps_it_from_somebody_as_long_as_before_and_no_shorter(group, member, outsider):
    add_members(actor=group.owner, conversation_id=group.pk, user_ids=[outsider.pk])
    later, sooner = ahead(hours=9), ahead(hours=1)
    rows = ConversationMember.objects.filter(conversation=group)
    rows.filter(user=member).update(role="MODERATOR", permissions={"send_media": False})
    rows.filter(user=outsider).update(permissions={"send_media": False}, restricted_until=later)
    milan, path = Api.of(member), f"conversations/{group.pk}/members/{outsider.pk}"
    silent = {"send_media": False, "send_messages": False}
    assert milan.patch(path, {"permissions": silent, "restricted_until": later}).status_code == 200
    assert milan.patch(path, {"permissions": silent, "restricted_until": sooner}).status_code == 403
    assert milan.patch(path, {"permissions": {"send_messages": False}, "restricted_until": later}).status_code == 403
    assert milan.patch(path, {"permissions": silent}).status_code == 200


LOSSES = {
    "the right": lambda api, path, member: api.patch(f"{path}/members/{member.pk}", {"permissions": {}}),
    "the right by a restriction": lambda api, path, member: api.patch(
        f"{path}/members/{member.pk}", {"permissions": {"manage_invites": False}, "restricted_until": ahead(hours=1)}
    ),
    "the role": lambda api, path, member: api.patch(f"{path}/members/{member.pk}", {"role": "MODERATOR"}),
    "the membership": lambda api, path, member: api.delete(f"{path}/members/{member.pk}"),
    "by a ban": lambda api, path, member: api.patch(f"{path}/members/{member.pk}", {"banned_until": "forever"}),
    "by leaving": lambda api, path, member: Api.of(member).post(f"{path}/leave"),
}


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES.keys())
def test_who_loses_the_right_to_invite_loses_their_invites(group, api, owner, member, lose):
    ConversationMember.objects.filter(pk=(group.pk, member.pk)).update(permissions={"manage_invites": True})
    path = f"conversations/{group.pk}"
    theirs = Api.of(member).post(f"{path}/invites", {}).json()["code"]
    mine = api.post(f"{path}/invites", {}).json()["code"]
    assert lose(api, path, member).status_code in (200, 204)
    newcomer = Api.of(UserFactory())
    assert newcomer.get(f"invites/{theirs}").json()["code"] == "invite_invalid"
    assert newcomer.get(f"invites/{mine}").status_code == 200


def test_defaults_that_take_the_right_to_invite_revoke_what_was_made_by_it(group, api, member):
    path = f"conversations/{group.pk}"
    api.patch(path, {"settings": {"default_permissions": {"manage_invites": True}}})
    Api.of(member).post(f"{path}/invites", {})
    admin = join(group, role="ADMIN")
    Api.of(admin).post(f"{path}/invites", {})
    api.patch(path, {"settings": {"default_permissions": {}}})
    live = ConversationInvite.objects.filter(revoked_at__isnull=True)
    assert [row.created_by_id for row in live] == [admin.pk]


def test_each_change_of_rights_raises_members_version_once(group, owner, member):
    for changes in (
        {"role": "ADMIN"},
        {"permissions": {"manage_admins": True}},
        {"role": "MEMBER"},
        {"banned_until": timezone.now() + timedelta(days=1)},
        {"banned_until": None},
    ):
        before = Conversation.objects.get(pk=group.pk).members_version
        update_member(actor=owner, conversation_id=group.pk, user_id=member.pk, changes=changes)
        assert Conversation.objects.get(pk=group.pk).members_version == before + 1, changes
