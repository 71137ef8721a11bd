"""What a hard delete in SQL takes with it, and what it leaves."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.db.utils import IntegrityError

from accounts.models import BlockedUser, ContactRequest, User, UserSession
from attachments.models import Attachment
from conversations.enums import LeftReason
from conversations.models import Conversation, ConversationInvite, ConversationMember, JoinRequest
from messaging.models import Message, MessageEdit, MessageMention, MessageReaction, MessageReceipt
from moderation.enums import ReportReason, ReportStatus, ReportTarget
from moderation.models import AuditLog, UserReport
from tests.factories import UserFactory

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """A group of two with a row in every table that names a person, a conversation or a message."""

    alice: User
    bob: User
    group: Conversation
    question: Message
    answer: Message
    upload: Attachment
    invite: ConversationInvite
    report: UserReport


@pytest.fixture
def world(db) -> World:
    alice, bob = UserFactory(), UserFactory()
    group = Conversation.objects.create(type="GROUP", title="Hikers", owner=alice, last_seq=2, version=2)
    ConversationMember.objects.create(conversation=group, user=alice, role="OWNER")
    ConversationMember.objects.create(conversation=group, user=bob, invited_by=alice)
    question = _message(group, alice, 1, pinned_at=NOW, pinned_by=alice)
    answer = _message(group, bob, 2, reply_to_id=question.id, is_deleted=True, deleted_at=NOW, deleted_by=alice)
    for person in (alice, bob):
        key = {"conversation": group, "message_id": answer.id, "user": person}
        MessageReaction.objects.create(**key, emoji="👍")
        MessageMention.objects.create(**key)
        MessageReceipt.objects.create(**key, type="READ")
        UserSession.objects.create(user=person, token_secret=bytes(32), expires_at=NOW)
        person.groups.add(Group.objects.get_or_create(name="staff")[0])
        person.user_permissions.add(Permission.objects.first())
        LogEntry.objects.create(user=person, object_repr="x", action_flag=ADDITION)
        JoinRequest.objects.create(conversation=group, user=person, decided_by=alice, status="APPROVED", decided_at=NOW)
    MessageEdit.objects.create(conversation=group, message_id=answer.id, edit_no=1, edited_by=alice)
    ContactRequest.objects.create(from_user=alice, to_user=bob)
    BlockedUser.objects.create(blocker=alice, blocked=bob)
    AuditLog.objects.create(actor_id=alice.pk, action="group.created")
    return World(
        alice=alice,
        bob=bob,
        group=group,
        question=question,
        answer=answer,
        upload=Attachment.objects.create(
            conversation=group, message_id=question.id, uploader=alice, object_key="k", file_name="f", size=1
        ),
        invite=ConversationInvite.objects.create(code="code", conversation=group, created_by=alice),
        report=UserReport.objects.create(
            reporter=alice,
            target_type=ReportTarget.MESSAGE,
            reported_user=alice,
            conversation=group,
            message_id=answer.id,
            reason=ReportReason.SPAM,
            reviewer=alice,
        ),
    )


def test_purging_a_person_takes_what_is_theirs(world):
    _delete(world.alice)
    assert User.objects.get() == world.bob
    assert not ContactRequest.objects.exists()
    assert not BlockedUser.objects.exists()
    for model in (ConversationMember, JoinRequest, MessageReaction, MessageMention, MessageReceipt, UserSession):
        assert [row.user_id for row in model.objects.all()] == [world.bob.pk], model
    for model in (User.groups.through, User.user_permissions.through, LogEntry):
        assert [row.user_id for row in model.objects.all()] == [world.bob.pk], model


def test_purging_a_person_leaves_what_belongs_to_others_without_their_name(world):
    _delete(world.alice)
    question, answer = Message.objects.order_by("seq")
    assert (question.sender_id, question.pinned_by_id) == (None, None)
    assert (answer.sender_id, answer.deleted_by_id, answer.reply_to_id) == (world.bob.pk, None, question.id)
    assert Conversation.objects.get().owner_id is None
    assert ConversationMember.objects.get().invited_by_id is None
    assert JoinRequest.objects.get().decided_by_id is None
    assert ConversationInvite.objects.get().created_by_id is None
    assert MessageEdit.objects.get().edited_by_id is None
    assert Attachment.objects.get().uploader_id is None
    report = UserReport.objects.get()
    assert (report.reporter_id, report.reported_user_id, report.reviewer_id) == (None, None, None)
    assert AuditLog.objects.filter(actor_id=world.alice.pk).exists()


def test_purging_a_message_takes_its_tree_and_frees_what_points_to_it(world):
    _delete(world.answer)
    for model in (MessageEdit, MessageReaction, MessageMention, MessageReceipt):
        assert not model.objects.exists(), model
    _delete(world.question)
    upload = Attachment.objects.get()
    assert (upload.conversation_id, upload.message_id) == (world.group.pk, None)


def test_purging_what_was_answered_leaves_the_answer_in_its_conversation(world):
    _delete(world.question)
    answer = Message.objects.get()
    assert (answer.conversation_id, answer.reply_to_id) == (world.group.pk, None)


def test_purging_a_conversation_takes_the_whole_tree(world):
    _delete(world.group)
    for model in (
        Attachment,
        ConversationInvite,
        ConversationMember,
        JoinRequest,
        Message,
        MessageEdit,
        MessageMention,
        MessageReaction,
        MessageReceipt,
    ):
        assert not model.objects.exists(), model
    assert User.objects.count() == 2
    assert UserReport.objects.get().conversation_id is None


@pytest.mark.django_db
def test_people_who_were_reported_by_one_person_can_all_be_purged():
    reporter, *reported = UserFactory(), UserFactory(), UserFactory()
    for person in reported:
        _report(reporter, ReportTarget.USER, reported_user=person)
    for person in reported:
        _delete(person)
    assert UserReport.objects.filter(reporter=reporter, reported_user=None).count() == 2


@pytest.mark.django_db
def test_conversations_that_were_reported_by_one_person_can_all_be_deleted():
    reporter = UserFactory()
    groups = [Conversation.objects.create(type="GROUP", title="x") for _ in range(2)]
    for group in groups:
        _report(reporter, ReportTarget.CONVERSATION, conversation=group)
        _report(reporter, ReportTarget.MESSAGE, conversation=group, message_id=f"c{'0' * 24}")
    for group in groups:
        _delete(group)
    assert UserReport.objects.filter(conversation=None).count() == 4


def test_a_second_open_report_of_the_same_target_is_refused(world):
    targets = [
        {"target_type": ReportTarget.USER, "reported_user": world.alice},
        {"target_type": ReportTarget.CONVERSATION, "conversation": world.group},
        {"target_type": ReportTarget.MESSAGE, "conversation": world.group, "message_id": world.question.id},
    ]
    for target in targets:
        first = _report(world.bob, **target)
        with pytest.raises(IntegrityError, match="user_reports_open_"), transaction.atomic():
            _report(world.bob, **target)
        first.status, first.reviewed_at = ReportStatus.RESOLVED, NOW + timedelta(days=1)
        first.save()
        _report(world.bob, **target)


def test_somebody_who_left_has_a_reason(world):
    member = ConversationMember.objects.filter(user=world.bob)
    with pytest.raises(IntegrityError, match="members_active_or_left"), transaction.atomic():
        member.update(is_active=False, left_at=NOW)
    member.update(is_active=False, left_at=NOW, left_reason=LeftReason.LEFT)


def _message(group: Conversation, sender: User, seq: int, **fields) -> Message:
    return Message.objects.create(conversation=group, sender=sender, seq=seq, version=seq, content="hi", **fields)


def _report(reporter: User, target_type: ReportTarget, **target) -> UserReport:
    return UserReport.objects.create(reporter=reporter, target_type=target_type, reason=ReportReason.OTHER, **target)


def _delete(row: User | Conversation | Message) -> None:
    """Delete in SQL: nothing is collected in Python."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [row.id])
