"""Moderators, and something for them to do."""

import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from conversations.models import Conversation
from messaging.drafts import Outgoing
from messaging.services import send_message
from moderation.models import UserReport
from moderation.services import report_message, take_up
from tests.factories import UserFactory


def staff(group: str | None = None, **fields) -> User:
    """Return somebody of the staff."""
    person: User = UserFactory(is_staff=True, **fields)
    if group:
        person.groups.add(Group.objects.get(name=group))
    return person


@pytest.fixture
def moderator(db) -> User:
    return staff("Moderators", username="mona")


@pytest.fixture
def administrator(db) -> User:
    return staff("Administrators", username="adam")


@pytest.fixture
def report(group: Conversation, owner: User, member: User) -> UserReport:
    """The owner's report of an insult by the member."""
    message, _ = send_message(sender=member, conversation_id=group.pk, outgoing=Outgoing.checked(content="an insult"))
    return report_message(
        reporter=owner, conversation_id=group.pk, message_id=message["id"], reason="harassment", details="Look at this."
    )


@pytest.fixture
def under_review(report: UserReport, moderator: User) -> UserReport:
    """The same, taken up by the moderator."""
    return take_up(actor=moderator, report_id=report.pk)
