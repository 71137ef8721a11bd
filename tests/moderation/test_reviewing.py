from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connections
from django.utils import timezone

from accounts.models import User
from accounts.services.mailing import deliver_due_mails
from chat_project.core.errors import ApplicationError, ConflictError, InvalidError, NotAllowedError
from chat_project.core.exports import sections
from conversations.models import ConversationMember
from conversations.services import open_dm
from messaging.drafts import Outgoing
from messaging.models import Message
from messaging.services import send_message
from moderation.errors import ReportNotFoundError, ReportTransitionError, StaffProtectedError
from moderation.models import AuditLog, ModerationAction, UserReport
from moderation.services import (
    Decision,
    decide,
    lift_as_moderator,
    open_evidence,
    report_message,
    report_person,
    set_staff_group,
    take_over,
    take_up,
)
from tests.accounts.clients import Api
from tests.messaging.drafting import another_connection
from tests.moderation.conftest import staff

NOTE = "He said so twice."
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def decided(actor, report, kind, note=NOTE, **more):
    return decide(actor=actor, report_id=report.pk, decision=Decision.checked(kind=kind, note=note, **more))


def actions(report):
    return list(ModerationAction.objects.filter(report=report).order_by("id").values_list("kind", flat=True))


def audited(action):
    return AuditLog.objects.filter(action=action)


def test_a_report_is_taken_up_and_resolved(report, moderator):
    taken = take_up(actor=moderator, report_id=report.pk)
    assert (taken.status, taken.reviewer_id) == ("UNDER_REVIEW", moderator.pk)
    closed = decided(moderator, report, "RESOLVE")
    assert (closed.status, closed.resolution, closed.resolution_note) == ("RESOLVED", "resolve", NOTE)
    assert closed.reviewed_at is not None
    assert actions(report) == ["TAKE_UP", "RESOLVE"]
    assert audited("report.taken_up").get().actor_id == moderator.pk
    assert audited("report.resolved").get().resource_id == report.pk


def test_a_report_is_dismissed(under_review, moderator):
    assert decided(moderator, under_review, "DISMISS").status == "DISMISSED"
    assert audited("report.dismissed").exists()


@pytest.mark.parametrize("status", ["PENDING", "RESOLVED", "DISMISSED"])
@pytest.mark.parametrize("kind", ["RESOLVE", "DISMISS", "BAN"])
def test_nothing_is_decided_on_what_is_not_under_review(report, moderator, member, status, kind):
    UserReport.objects.filter(pk=report.pk).update(status=status, reviewer=moderator, reviewed_at=timezone.now())
    with pytest.raises(ReportTransitionError):
        decided(moderator, report, kind)
    assert UserReport.objects.get(pk=report.pk).status == status
    assert not User.objects.get(pk=member.pk).is_suspended


@pytest.mark.parametrize("status", ["UNDER_REVIEW", "RESOLVED", "DISMISSED"])
def test_only_what_waits_is_taken_up(report, moderator, status):
    UserReport.objects.filter(pk=report.pk).update(status=status, reviewed_at=timezone.now())
    with pytest.raises(ReportTransitionError):
        take_up(actor=moderator, report_id=report.pk)


@pytest.mark.django_db(transaction=True)
def test_of_two_moderators_at_once_one_gets_it(report, moderator):
    other = staff("Moderators")

    def tried(actor):
        try:
            return take_up(actor=actor, report_id=report.pk).reviewer_id
        except ReportTransitionError:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        got = [each for each in pool.map(tried, [moderator, other]) if each]
    assert got == [UserReport.objects.get(pk=report.pk).reviewer_id]
    assert actions(report) == ["TAKE_UP"]


def test_what_another_has_under_review_is_theirs_until_it_is_taken_over(under_review, moderator):
    other = staff("Moderators")
    with pytest.raises(ReportTransitionError):
        decided(other, under_review, "DISMISS")
    with pytest.raises(InvalidError):
        take_over(actor=other, report_id=under_review.pk, note=" ")
    taken = take_over(actor=other, report_id=under_review.pk, note="Mona is away.")
    assert (taken.status, taken.reviewer_id) == ("UNDER_REVIEW", other.pk)
    assert audited("report.taken_over").get().details == {"former_id": moderator.pk}
    with pytest.raises(ReportTransitionError):
        decided(moderator, under_review, "DISMISS")


@pytest.mark.parametrize("kind", ["DELETE_MESSAGE", "WARN", "SUSPEND", "BAN", "REMOVE_MEMBER", "RESOLVE", "DISMISS"])
@pytest.mark.parametrize("note", ["", "  \n", "x" * 2001])
def test_everything_asks_for_a_note(kind, note):
    with pytest.raises(InvalidError) as refused:
        Decision.checked(kind=kind, note=note, until=timezone.now() + timedelta(days=1), told="Stop it.")
    assert refused.value.errors.keys() == {"note"}


@pytest.mark.parametrize(
    ("kind", "more", "field"),
    [
        ("SUSPEND", {}, "until"),
        ("SUSPEND", {"until": timezone.now() - timedelta(days=1)}, "until"),
        ("WARN", {}, "told"),
        ("WARN", {"told": "x" * 1001}, "told"),
        ("TAKE_UP", {}, "kind"),
        ("SHOUT", {}, "kind"),
    ],
)
def test_a_decision_names_what_it_lacks(kind, more, field):
    with pytest.raises(InvalidError) as refused:
        Decision.checked(kind=kind, note=NOTE, **more)
    assert refused.value.errors.keys() == {field}


def test_a_message_is_deleted_for_all_and_the_report_stays_open(under_review, group, owner, moderator, member):
    before = Message.objects.get(conversation=group, id=under_review.message_id).version
    decided(moderator, under_review, "DELETE_MESSAGE")
    row = Message.objects.get(conversation=group, id=under_review.message_id)
    assert (row.is_deleted, row.deleted_by_id, row.version > before) == (True, moderator.pk, True)
    shown = Api.of(owner).get(f"conversations/{group.pk}/messages/{row.id}").json()
    assert (shown["is_deleted"], shown["content"]) == (True, "")
    assert UserReport.objects.get(pk=under_review.pk).status == "UNDER_REVIEW"
    with pytest.raises(ConflictError):
        decided(moderator, under_review, "DELETE_MESSAGE")
    assert audited("message.deleted").get().details == {"sender_id": member.pk}
    assert under_review.actions.filter(kind="DELETE_MESSAGE").count() == 1
    assert UserReport.objects.get(pk=under_review.pk).evidence["messages"][-1]["content"] == "an insult"


def test_a_deletion_by_a_moderator_is_told_and_synced(under_review, group, owner, moderator):
    versions = {group.pk: Message.objects.get(conversation=group, id=under_review.message_id).version}
    decided(moderator, under_review, "DELETE_MESSAGE")
    [synced] = Api.of(owner).post("sync", {"versions": versions}).json()["conversations"]
    assert [(each["id"], each["is_deleted"]) for each in synced["messages"]] == [(under_review.message_id, True)]


def test_a_measure_can_close_the_report(under_review, moderator):
    assert decided(moderator, under_review, "DELETE_MESSAGE", closes=True).resolution == "delete_message"


def test_a_warning_is_mailed_and_says_nothing_of_the_reporter(under_review, moderator, member, owner):
    decided(moderator, under_review, "WARN", told="Do not insult people.")
    deliver_due_mails()
    [sent] = [each for each in mail.outbox if "warning" in each.subject]
    assert sent.to == [member.email]
    assert "Do not insult people." in sent.body
    for text in (sent.body, str(sent.alternatives[0])):
        assert owner.username not in text
        assert NOTE not in text
    assert audited("person.warned").get().details == {"report_id": under_review.pk}


def test_a_warning_is_in_the_persons_export_without_the_note(under_review, moderator, member):
    decided(moderator, under_review, "WARN", told="Do not insult people.")
    [warnings] = [section for section in sections() if section.name == "warnings"]
    [row] = warnings.rows(member.pk)
    assert row.keys() == {"id", "told", "created_at"}
    assert row["told"] == "Do not insult people."


def test_a_suspension_ends_sessions_and_has_an_end(under_review, moderator, member):
    api = Api.of(member)
    until = timezone.now() + timedelta(days=7)
    decided(moderator, under_review, "SUSPEND", until=until)
    row = User.objects.get(pk=member.pk)
    assert (row.is_suspended, row.suspended_until, row.suspension_reason) == (True, until, NOTE)
    assert api.get("users/me").status_code == 401
    assert audited("account.suspended").get().actor_id == moderator.pk


@pytest.mark.django_db(transaction=True)
def test_who_is_suspended_while_they_close_their_account_holds_up_no_conversation(
    under_review, group, moderator, member
):
    def suspend():
        try:
            decided(moderator, under_review, "BAN")
        finally:
            connections.close_all()

    # Closing takes the account's lock first, and those of its conversations after it.
    with ThreadPoolExecutor(1) as pool, another_connection() as closing:
        with closing.transaction():
            closing.execute("SELECT FROM users WHERE id = %s FOR NO KEY UPDATE", [member.pk])
            banned = pool.submit(suspend)
            with another_connection() as looking:
                while looking.execute(WAITING).fetchone() == (0,):
                    assert not banned.done()
            closing.execute("SELECT FROM conversations WHERE id = %s FOR NO KEY UPDATE NOWAIT", [group.pk])
        banned.result(timeout=20)
    member.refresh_from_db()
    assert member.is_suspended


def test_a_ban_has_no_end_and_is_lifted_with_a_note(under_review, moderator, member):
    decided(moderator, under_review, "BAN")
    row = User.objects.get(pk=member.pk)
    assert (row.is_suspended, row.suspended_until) == (True, None)
    with pytest.raises(InvalidError):
        lift_as_moderator(actor=moderator, user_id=member.pk, note="")
    lift_as_moderator(actor=moderator, user_id=member.pk, note="It was not him.")
    assert not User.objects.get(pk=member.pk).is_suspended
    with pytest.raises(ConflictError):
        lift_as_moderator(actor=moderator, user_id=member.pk, note="Again.")


def test_a_member_is_removed_from_the_conversation(under_review, group, moderator, member):
    api = Api.of(member)
    decided(moderator, under_review, "REMOVE_MEMBER")
    assert not ConversationMember.objects.get(conversation=group, user=member).is_active
    assert api.get(f"conversations/{group.pk}").status_code == 404
    assert audited("member.removed").get().actor_id == moderator.pk


def test_an_owner_who_is_removed_is_succeeded(group, owner, member, moderator):
    message, _ = send_message(sender=owner, conversation_id=group.pk, outgoing=Outgoing.checked(content="spam"))
    report = report_message(reporter=member, conversation_id=group.pk, message_id=message["id"], reason="spam")
    take_up(actor=moderator, report_id=report.pk)
    decided(moderator, report, "REMOVE_MEMBER")
    assert ConversationMember.objects.get(conversation=group, user=member).role == "OWNER"


def test_nobody_is_removed_from_a_conversation_of_two(owner, member, moderator):
    dm_id, _ = open_dm(creator=member, user_id=owner.pk)
    message, _ = send_message(sender=owner, conversation_id=dm_id, outgoing=Outgoing.checked(content="spam"))
    report = report_message(reporter=member, conversation_id=dm_id, message_id=message["id"], reason="spam")
    take_up(actor=moderator, report_id=report.pk)
    with pytest.raises(NotAllowedError):
        decided(moderator, report, "REMOVE_MEMBER")
    assert actions(report) == ["TAKE_UP"]


@pytest.mark.parametrize("gone", ["message", "conversation", "account"])
def test_what_is_gone_is_said_and_the_report_stays(under_review, group, moderator, member, gone):
    kind = {"message": "DELETE_MESSAGE", "conversation": "REMOVE_MEMBER", "account": "BAN"}[gone]
    if gone == "message":
        Message.objects.filter(conversation=group, id=under_review.message_id).delete()
    elif gone == "conversation":
        UserReport.objects.filter(pk=under_review.pk).update(conversation=None)
    else:
        UserReport.objects.filter(pk=under_review.pk).update(reported_user=None)
    with pytest.raises(ApplicationError) as refused:
        decided(moderator, under_review, kind)
    assert refused.value.status in (404, 409)
    assert UserReport.objects.get(pk=under_review.pk).status == "UNDER_REVIEW"


RANKS = {
    "a moderator": lambda: staff("Moderators"),
    "staff of no group": lambda: staff(),
    "an administrator": lambda: staff("Administrators"),
    "a superuser": lambda: staff(is_superuser=True),
}


@pytest.mark.parametrize("actor", RANKS)
@pytest.mark.parametrize("subject", RANKS)
def test_staff_act_on_whom_they_stand_above(owner, actor, subject):
    heights = {"a moderator": 1, "staff of no group": 1, "an administrator": 2, "a superuser": 3}
    who, whom = RANKS[actor](), RANKS[subject]()
    report = report_person(reporter=owner, user_id=whom.pk, reason="other")
    if actor == "staff of no group":
        with pytest.raises(NotAllowedError):
            take_up(actor=who, report_id=report.pk)
    elif heights[actor] > heights[subject]:
        assert take_up(actor=who, report_id=report.pk).status == "UNDER_REVIEW"
    else:
        with pytest.raises(StaffProtectedError):
            take_up(actor=who, report_id=report.pk)


def test_nobody_reviews_a_report_of_themselves(owner, moderator):
    report = report_person(reporter=owner, user_id=moderator.pk, reason="other")
    with pytest.raises(StaffProtectedError):
        take_up(actor=moderator, report_id=report.pk)


def test_without_the_right_nothing_is_opened_or_taken_up(report, member):
    for actor in (member, staff()):
        with pytest.raises(NotAllowedError):
            open_evidence(actor=actor, report_id=report.pk)
        with pytest.raises(NotAllowedError):
            take_up(actor=actor, report_id=report.pk)
    assert not audited("evidence.opened").exists()


def test_each_opening_of_evidence_is_audited(report, moderator):
    open_evidence(actor=moderator, report_id=report.pk)
    open_evidence(actor=moderator, report_id=report.pk)
    assert [row.actor_id for row in audited("evidence.opened")] == [moderator.pk] * 2


def test_an_unknown_report_is_not_found(moderator):
    for service in (open_evidence, take_up):
        with pytest.raises(ReportNotFoundError):
            service(actor=moderator, report_id="c" + "0" * 24)


def test_staff_are_made_by_a_command_and_lose_their_sessions(member):
    api = Api.of(member)
    set_staff_group(user_id=member.pk, group="moderator")
    assert api.get("users/me").status_code == 401
    row = User.objects.get(pk=member.pk)
    assert (row.is_staff, row.has_perm("moderation.change_userreport")) == (True, True)
    set_staff_group(user_id=member.pk, group="none")
    row = User.objects.get(pk=member.pk)
    assert (row.is_staff, row.has_perm("moderation.change_userreport")) == (False, False)
    assert [each.details["group"] for each in audited("staff.changed").order_by("id")] == ["moderator", "none"]
