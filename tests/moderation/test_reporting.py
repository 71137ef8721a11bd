import pytest
from django.db.models import F

from accounts.services.blocks import block_person
from conversations.enums import ConversationType
from conversations.models import ConversationMember
from conversations.services import create_conversation, open_dm
from messaging.drafts import Outgoing
from messaging.models import Message
from messaging.services import send_message
from moderation.models import AuditLog, UserReport
from tests.accounts.clients import Api, Browser
from tests.factories import UserFactory


def send(sender, conversation, content="hi"):
    message, _ = send_message(
        sender=sender, conversation_id=conversation.pk, outgoing=Outgoing.checked(content=content)
    )
    return message["id"]


def about_message(conversation, message_id, **more):
    target = {"target_type": "MESSAGE", "conversation_id": conversation.pk, "message_id": message_id}
    return {**target, "reason": "harassment", **more}


@pytest.fixture
def insult(group, member):
    """A message with seven others on each side."""
    for number in range(7):
        send(member, group, f"before {number}")
    message_id = send(member, group, "an insult")
    for number in range(7):
        send(member, group, f"after {number}")
    return message_id


def test_a_message_is_frozen_with_five_on_each_side(group, owner, member, insult):
    answer = Api.of(owner).post("reports", about_message(group, insult, details=" He said it twice. "))
    assert answer.status_code == 201
    body = answer.json()
    assert body["details"] == "He said it twice."
    assert (body["status"], body["reported_user_id"]) == ("PENDING", member.pk)
    messages = UserReport.objects.get(pk=body["id"]).evidence["messages"]
    assert [each["content"] for each in messages] == [
        *(f"before {number}" for number in range(2, 7)),
        "an insult",
        *(f"after {number}" for number in range(5)),
    ]
    assert [each["is_target"] for each in messages].index(True) == 5
    assert messages[5]["sender"]["username"] == "milan"


def test_evidence_outlives_what_it_shows(group, owner, insult):
    Api.of(owner).post("reports", about_message(group, insult))
    Message.objects.filter(conversation=group).delete()
    assert UserReport.objects.get().evidence["messages"][5]["content"] == "an insult"


def test_nothing_is_frozen_that_the_reporter_does_not_see(group, owner, insult):
    seq = Message.objects.get(conversation=group, id=insult).seq
    ConversationMember.objects.filter(conversation=group, user=owner).update(visible_from_seq=seq - 1)
    Message.objects.filter(conversation=group, seq=seq + 1).update(
        is_deleted=True, deleted_at=F("created_at"), search=None
    )
    assert Api.of(owner).post("reports", about_message(group, insult)).status_code == 201
    messages = UserReport.objects.get().evidence["messages"]
    assert messages[0]["seq"] == seq - 1
    assert (messages[2]["is_deleted"], messages[2]["content"]) == (True, "")


@pytest.mark.parametrize("hidden", ["not a member", "before my history", "deleted", "nothing"])
def test_what_the_reporter_can_not_see_is_404(group, owner, outsider, insult, hidden):
    reporter, message_id = owner, insult
    message = Message.objects.filter(conversation=group, id=insult)
    if hidden == "not a member":
        reporter = outsider
    elif hidden == "before my history":
        ConversationMember.objects.filter(user=owner).update(visible_from_seq=message.get().seq + 1)
    elif hidden == "deleted":
        message.update(is_deleted=True, deleted_at=F("created_at"), search=None)
    else:
        message_id = "c" + "0" * 24
    answer = Api.of(reporter).post("reports", about_message(group, message_id))
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not UserReport.objects.exists()


def test_an_unknown_person_and_a_private_group_are_404(group, outsider):
    api = Api.of(outsider)
    person = {"target_type": "USER", "user_id": "c" + "0" * 24, "reason": "spam"}
    assert api.post("reports", person).status_code == 404
    private = {"target_type": "CONVERSATION", "conversation_id": group.pk, "reason": "spam"}
    assert api.post("reports", private).status_code == 404


def test_a_public_group_is_reported_by_whoever_finds_it(owner, outsider):
    group_id, _ = create_conversation(
        creator=owner, type=ConversationType.GROUP, title="Cheap watches", handle="cheap_watches"
    )
    answer = Api.of(outsider).post(
        "reports", {"target_type": "CONVERSATION", "conversation_id": group_id, "reason": "spam"}
    )
    assert answer.json()["reported_user_id"] == owner.pk
    evidence = UserReport.objects.get().evidence
    assert (evidence["conversation"]["title"], evidence["messages"]) == ("Cheap watches", [])


def test_a_dm_is_the_other_persons(member, outsider):
    dm_id, _ = open_dm(creator=member, user_id=outsider.pk)
    answer = Api.of(member).post("reports", {"target_type": "CONVERSATION", "conversation_id": dm_id, "reason": "spam"})
    assert answer.json()["reported_user_id"] == outsider.pk


def test_of_who_blocked_me_the_report_freezes_the_card_alone(owner, member):
    type(owner).objects.filter(pk=owner.pk).update(bio="hidden")
    block_person(blocker=owner, user_id=member.pk)
    answer = Api.of(member).post("reports", {"target_type": "USER", "user_id": owner.pk, "reason": "impersonation"})
    assert answer.status_code == 201
    person = UserReport.objects.get().evidence["person"]
    assert (person["username"], person["bio"]) == ("olga", None)


def test_one_report_is_open_per_reporter_and_target(group, owner, member, insult):
    api = Api.of(owner)
    for body in (
        about_message(group, insult),
        {"target_type": "USER", "user_id": member.pk, "reason": "spam"},
    ):
        first = api.post("reports", body)
        again = api.post("reports", body)
        assert (again.status_code, again.json()["code"]) == (409, "already_reported")
        UserReport.objects.filter(pk=first.json()["id"]).update(status="DISMISSED", reviewed_at=F("created_at"))
        assert api.post("reports", body).status_code == 201
    other = UserFactory()
    assert (
        Api.of(other).post("reports", {"target_type": "USER", "user_id": member.pk, "reason": "spam"}).status_code
        == 201
    )


@pytest.mark.parametrize("mine", ["message", "conversation", "person"])
def test_what_is_my_own_is_400(group, owner, mine):
    body = {
        "message": lambda: about_message(group, send(owner, group)),
        "conversation": lambda: {"target_type": "CONVERSATION", "conversation_id": group.pk, "reason": "spam"},
        "person": lambda: {"target_type": "USER", "user_id": owner.pk, "reason": "spam"},
    }[mine]()
    assert Api.of(owner).post("reports", body).status_code == 400


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": "boredom"}, "reason"),
        ({"target_type": "PLANET"}, "target_type"),
        ({"details": "x" * 2001}, "details"),
        ({"user_id": None}, "user_id"),
        ({"message_id": "c" + "0" * 24}, "message_id"),
        ({"because": "x"}, "because"),
    ],
)
def test_a_bad_report_names_the_field(owner, member, change, field):
    body = {"target_type": "USER", "user_id": member.pk, "reason": "spam", **change}
    answer = Api.of(owner).post("reports", body)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]


def test_a_report_lacks_what_names_its_target(owner):
    answer = Api.of(owner).post("reports", {"target_type": "MESSAGE", "reason": "spam"})
    assert answer.json()["errors"].keys() == {"conversation_id", "message_id"}


def test_reports_are_limited(settings, owner):
    settings.RATE_LIMITS = True
    settings.REPORTS_PER_DAY = 2
    api = Api.of(owner)
    people = [UserFactory() for _ in range(3)]
    answers = [api.post("reports", {"target_type": "USER", "user_id": each.pk, "reason": "spam"}) for each in people]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[2]["Retry-After"]


def test_my_reports_come_newest_first_without_what_moderators_wrote(owner, member):
    for _ in range(3):
        UserReport.objects.create(
            reporter=owner,
            target_type="USER",
            reported_user=member,
            reason="spam",
            status="RESOLVED",
            reviewed_at="2026-01-01T00:00:00Z",
            resolution_note="secret",
        )
    api = Api.of(owner)
    page = api.get("reports?limit=2").json()
    rest = api.get(f"reports?limit=2&cursor={page['next']}").json()
    found = [each["id"] for each in page["results"] + rest["results"]]
    assert found == sorted(found, reverse=True)
    assert (len(found), rest["next"]) == (3, None)
    assert "secret" not in str(page)
    assert Api.of(member).get("reports").json()["results"] == []


@pytest.mark.parametrize("count", [2, 40])
def test_a_list_of_reports_costs_the_same_however_long(django_assert_num_queries, owner, member, count):
    UserReport.objects.bulk_create(
        UserReport(
            reporter=owner,
            target_type="USER",
            reported_user=member,
            reason="spam",
            status="DISMISSED",
            reviewed_at="2026-01-01T00:00:00Z",
        )
        for _ in range(count)
    )
    api = Api.of(owner)
    api.get("reports")
    with django_assert_num_queries(1):
        assert len(api.get("reports").json()["results"]) == count


def test_a_report_is_audited_without_its_words(owner, member):
    Api.of(owner).post(
        "reports", {"target_type": "USER", "user_id": member.pk, "reason": "spam", "details": "Sells watches"}
    )
    row = AuditLog.objects.get(action="report.filed")
    assert (row.actor_id, row.resource_id) == (owner.pk, UserReport.objects.get().pk)
    assert row.details == {"target_type": "USER", "reason": "spam"}


def test_a_person_is_reported_by_a_page_and_stands_in_ones_list(owner, member):
    own = Browser()
    own.sign_in(owner)
    path = f"/reports/new/{member.pk}"
    assert path in own.get(f"/people/@{member.username}").content.decode()
    assert "people_page" not in own.get(path).content.decode()
    assert "This field is required." in own.fill_in(path, details="Again and again.").content.decode()
    answer = own.fill_in(path, reason="spam", details="Again and again.")
    assert (answer.status_code, answer["Location"]) == (302, "/reports/")
    text = own.get("/reports/").content.decode()
    assert "Reported. Thank you." in text
    assert member.display_name in text
    assert "Again and again." in text
    assert "Waiting" in text
    assert "people_page" not in text
    again = own.fill_in(path, reason="spam")
    assert (again.status_code, "You have reported this already" in again.content.decode()) == (409, True)
    UserReport.objects.update(status="RESOLVED", reviewed_at=F("created_at"), resolution_note="secret")
    text = own.get("/reports/").content.decode()
    assert "Dealt with" in text
    assert "secret" not in text
