"""Invites, and joining by them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import ConversationInvite, ConversationMember
from conversations.selectors.invites import list_invites, list_join_requests
from messaging.models import Message
from tests.accounts.clients import Api, Browser
from tests.conversations.cast import join, lines
from tests.factories import UserFactory


@pytest.fixture
def api(owner):
    """The owner's API."""
    return Api.of(owner)


def invite(api, group, **body):
    answer = api.post(f"conversations/{group.pk}/invites", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_an_invite_shows_where_it_leads_and_lets_people_in(group, api, outsider, settings):
    made = invite(api, group)
    assert made == {
        "code": made["code"],
        "url": f"{settings.SITE_URL}/join/{made['code']}",
        "expires_at": None,
        "max_uses": None,
        "use_count": 0,
        "requires_approval": False,
        "revoked_at": None,
    }
    newcomer = Api.of(outsider)
    preview = {
        "code": made["code"],
        "type": "GROUP",
        "title": "Hikers",
        "description": "",
        "avatar_url": None,
        "member_count": 2,
        "requires_approval": False,
        "is_member": False,
    }
    assert newcomer.get(f"invites/{made['code']}").json() == preview
    joined = newcomer.post(f"invites/{made['code']}/join")
    assert joined.status_code == 200
    assert (joined.json()["id"], joined.json()["my_role"], joined.json()["unread_count"]) == (group.pk, "MEMBER", 0)
    assert newcomer.get(f"invites/{made['code']}").json() == {**preview, "member_count": 3, "is_member": True}
    row = ConversationMember.objects.get(pk=(group.pk, outsider.pk))
    assert row.invited_by_id == group.owner_id
    told = Message.objects.filter(conversation=group).order_by("-seq")[0]
    assert told.sender_id == outsider.pk
    assert told.metadata["system"] == {"event": "member.joined", "actor_id": outsider.pk, "user_ids": [outsider.pk]}


def test_codes_are_128_random_bits(group, api):
    codes = {invite(api, group)["code"] for _ in range(5)}
    assert len(codes) == 5
    assert {len(code) for code in codes} == {22}


def test_joining_again_is_no_use_and_no_message(group, api, outsider):
    made = invite(api, group, max_uses=2)
    for _ in range(3):
        assert Api.of(outsider).post(f"invites/{made['code']}/join").status_code == 200
    assert ConversationInvite.objects.get().use_count == 1
    assert lines(group).count("member.joined") == 2


def test_the_last_use_is_the_last(group, api, outsider):
    made = invite(api, group, max_uses=1)
    assert Api.of(outsider).post(f"invites/{made['code']}/join").status_code == 200
    answer = Api.of(UserFactory()).post(f"invites/{made['code']}/join")
    assert (answer.status_code, answer.json()["code"]) == (404, "invite_invalid")
    assert api.get(f"conversations/{group.pk}").json()["member_count"] == 3


@pytest.mark.parametrize("death", ["expired", "revoked", "used up", "unknown", "no code"])
def test_all_dead_invites_look_alike(group, api, outsider, death):
    code = invite(api, group, max_uses=1)["code"]
    row = ConversationInvite.objects.filter(code=code)
    match death:
        case "expired":
            row.update(expires_at=timezone.now() - timedelta(seconds=1))
        case "revoked":
            assert api.delete(f"conversations/{group.pk}/invites/{code}").status_code == 204
            assert api.delete(f"conversations/{group.pk}/invites/{code}").status_code == 204
        case "used up":
            row.update(use_count=1)
        case "unknown":
            code = "A" * 22
        case "no code":
            code = "%00"
    newcomer = Api.of(outsider)
    answers = [newcomer.get(f"invites/{code}"), newcomer.post(f"invites/{code}/join", b"{")]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (404, "invite_invalid")


def test_another_conversations_invite_is_not_revoked(group, api, owner):
    other = api.post("conversations", {"type": "GROUP", "title": "Other"}).json()["id"]
    code = invite(api, group)["code"]
    for wrong in (code, "A" * 22, "%00", "x"):
        answer = api.delete(f"conversations/{other}/invites/{wrong}")
        assert (answer.status_code, answer.json()["code"]) == (404, "invite_invalid")
    assert ConversationInvite.objects.get(code=code).revoked_at is None


BAD = {
    "the past": ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
    "a word": ({"expires_at": "never"}, "expires_at"),
    "no uses": ({"max_uses": 0}, "max_uses"),
    "too many uses": ({"max_uses": 100_000}, "max_uses"),
    "a number as text": ({"max_uses": "5"}, "max_uses"),
    "half a use": ({"max_uses": 1.5}, "max_uses"),
    "a text for a switch": ({"requires_approval": "yes"}, "requires_approval"),
    "a code of one's own": ({"code": "a" * 22}, "code"),
}


@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD.keys())
def test_what_is_wrong_is_named(group, api, body, field):
    answer = api.post(f"conversations/{group.pk}/invites", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_invites_page_newest_first_with_dead_ones(group, api, owner, django_assert_num_queries):
    codes = [invite(api, group)["code"] for _ in range(7)]
    for limit in (1, 7):
        with django_assert_num_queries(2):
            list_invites(viewer=owner, conversation_id=group.pk, limit=limit)
    api.delete(f"conversations/{group.pk}/invites/{codes[0]}")
    found, cursor = [], ""
    while cursor is not None:
        page = api.get(f"conversations/{group.pk}/invites?limit=3{cursor and f'&cursor={cursor}'}").json()
        found += page["results"]
        cursor = page["next"]
    assert [row["code"] for row in found] == codes[::-1]
    assert found[-1]["revoked_at"] is not None


def test_with_approval_people_wait_till_somebody_lets_them_in(group, api, outsider):
    code = invite(api, group, requires_approval=True, max_uses=1)["code"]
    newcomer = Api.of(outsider)
    answer = newcomer.post(f"invites/{code}/join")
    assert (answer.status_code, answer.json()) == (202, {"status": "pending"})
    assert newcomer.get(f"conversations/{group.pk}").status_code == 404
    [request] = api.get(f"conversations/{group.pk}/join-requests").json()["results"]
    assert request.keys() == {"user", "created_at"}
    assert request["user"]["id"] == outsider.pk
    approved = api.post(f"conversations/{group.pk}/join-requests/{outsider.pk}/approve")
    assert (approved.status_code, approved.json()["user"]["id"]) == (200, outsider.pk)
    assert newcomer.get(f"conversations/{group.pk}").status_code == 200
    assert lines(group)[-1] == "member.joined"
    assert api.get(f"conversations/{group.pk}/join-requests").json()["results"] == []
    again = api.post(f"conversations/{group.pk}/join-requests/{outsider.pk}/approve")
    assert again.status_code == 404


def test_asking_twice_is_one_request_and_one_use(group, api, outsider):
    code = invite(api, group, requires_approval=True, max_uses=5)["code"]
    for _ in range(3):
        assert Api.of(outsider).post(f"invites/{code}/join").status_code == 202
    assert ConversationInvite.objects.get().use_count == 1
    assert len(api.get(f"conversations/{group.pk}/join-requests").json()["results"]) == 1


def test_who_was_declined_may_ask_again(group, api, outsider):
    code = invite(api, group, requires_approval=True)["code"]
    path = f"conversations/{group.pk}/join-requests"
    Api.of(outsider).post(f"invites/{code}/join")
    assert api.post(f"{path}/{outsider.pk}/decline").status_code == 204
    assert api.post(f"{path}/{outsider.pk}/decline").status_code == 404
    assert api.get(path).json()["results"] == []
    assert Api.of(outsider).post(f"invites/{code}/join").status_code == 202
    assert len(api.get(path).json()["results"]) == 1


def test_whoever_asked_and_was_added_asks_no_more(group, api, outsider):
    code = invite(api, group, requires_approval=True)["code"]
    Api.of(outsider).post(f"invites/{code}/join")
    api.post(f"conversations/{group.pk}/members", {"user_ids": [outsider.pk]})
    assert api.get(f"conversations/{group.pk}/join-requests").json()["results"] == []


def test_a_conversation_that_wants_approval_wants_it_of_every_invite(group, api, outsider):
    code = invite(api, group)["code"]
    api.patch(f"conversations/{group.pk}", {"settings": {"join_approval": True}})
    assert Api.of(outsider).get(f"invites/{code}").json()["requires_approval"] is True
    assert Api.of(outsider).post(f"invites/{code}/join").status_code == 202


def test_requests_page_who_waits_longest_first_in_a_fixed_number_of_queries(
    group, api, owner, django_assert_num_queries
):
    code = invite(api, group, requires_approval=True)["code"]
    people = [UserFactory() for _ in range(5)]
    for person in people:
        Api.of(person).post(f"invites/{code}/join")
    path = f"conversations/{group.pk}/join-requests"
    for limit in (1, 5):
        with django_assert_num_queries(3):
            list_join_requests(viewer=owner, conversation_id=group.pk, limit=limit)
    first = api.get(f"{path}?limit=3").json()
    rest = api.get(f"{path}?limit=3&cursor={first['next']}").json()
    found = [row["user"]["id"] for row in first["results"] + rest["results"]]
    assert found == [person.pk for person in people]
    assert rest["next"] is None


def test_history_may_begin_with_who_joins(group, api, outsider):
    api.patch(f"conversations/{group.pk}", {"settings": {"history_for_new_members": False}})
    secret = api.post(f"conversations/{group.pk}/messages", {"content": "before"}).json()
    code = invite(api, group)["code"]
    newcomer = Api.of(outsider)
    assert newcomer.post(f"invites/{code}/join").json()["last_message"]["seq"] == secret["seq"] + 1
    seen = newcomer.get(f"conversations/{group.pk}/messages").json()["results"]
    assert [row["seq"] for row in seen] == [secret["seq"] + 1]


def test_who_has_much_to_read_opens_where_their_history_begins(api, owner, outsider):
    channel = api.post(
        "conversations", {"type": "CHANNEL", "title": "News", "settings": {"history_for_new_members": False}}
    ).json()["id"]
    code = api.post(f"conversations/{channel}/invites", {}).json()["code"]
    Api.of(outsider).post(f"invites/{code}/join")
    for number in range(41):
        assert api.post(f"conversations/{channel}/messages", {"content": str(number)}).status_code == 201
    browser = Browser()
    browser.sign_in(outsider)
    assert browser.get(f"/c/{channel}").status_code == 200


def test_a_full_group_lets_nobody_in(group, api, outsider, settings):
    code = invite(api, group, max_uses=1)["code"]
    asking = UserFactory()
    Api.of(asking).post(f"invites/{invite(api, group, requires_approval=True)['code']}/join")
    settings.GROUP_MAX_MEMBERS = 2
    for answer in (
        Api.of(outsider).post(f"invites/{code}/join"),
        api.post(f"conversations/{group.pk}/join-requests/{asking.pk}/approve"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "conversation_full")
    assert ConversationInvite.objects.get(code=code).use_count == 0


def test_an_archived_group_lets_nobody_in(group, api, outsider):
    code = invite(api, group)["code"]
    api.post(f"conversations/{group.pk}/archive")
    answer = Api.of(outsider).post(f"invites/{code}/join")
    assert (answer.status_code, answer.json()["code"]) == (403, "conversation_archived")


def test_a_channel_says_nothing_of_who_comes_and_goes(api, outsider):
    channel = api.post("conversations", {"type": "CHANNEL", "title": "News"}).json()
    code = api.post(f"conversations/{channel['id']}/invites", {}).json()["code"]
    Api.of(outsider).post(f"invites/{code}/join")
    Api.of(outsider).post(f"conversations/{channel['id']}/leave")
    assert Message.objects.filter(conversation_id=channel["id"]).count() == 1


def test_who_does_not_make_invites_is_told_no_code(group, api, member):
    moderator = join(group, role="MODERATOR")
    invite(api, group)
    for person in (moderator, member):
        assert Api.of(person).get(f"conversations/{group.pk}/invites").status_code == 403


@pytest.mark.parametrize(
    ("setting", "limit", "call"),
    [
        ("INVITES_PER_HOUR", 2, lambda api, group: api.post(f"conversations/{group.pk}/invites", {})),
        # The group that is there counts.
        ("GROUPS_PER_DAY", 3, lambda api, group: api.post("conversations", {"type": "GROUP", "title": "x"})),
        ("JOINS_PER_HOUR", 2, lambda api, group: api.post(f"conversations/{group.pk}/join")),
    ],
)
def test_one_account_does_so_much_and_no_more(group, api, settings, setting, limit, call):
    setattr(settings, setting, limit)
    answers = [call(api, group) for _ in range(3)]
    assert [answer.status_code < 300 for answer in answers] == [True, True, False]
    assert answers[2].status_code == 429
    assert int(answers[2]["Retry-After"]) > 60
