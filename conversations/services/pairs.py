"""What changes between two people and takes their DM with it: blocks, and the end of a contact.

Who is blocked, or no contact any more, has other rights in the DM of the two. So members_version rises: whoever was
judged by the old one is judged again, in every process.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from accounts.enums import ContactRequestStatus
from accounts.errors import ContactRequestAnsweredError
from accounts.models import BlockedUser, ContactRequest, User
from accounts.services import blocks, contacts
from chat_project.core.realtime.publish import publish_on_commit
from conversations import events
from conversations.models import Conversation
from conversations.services.announcements import tell_own


@transaction.atomic
def block_person(*, blocker: User, user_id: str, reason: str = "") -> tuple[BlockedUser, bool]:
    """Block somebody; return the block, and whether it is new. Ends all communication both ways, silently.

    Raises: PersonNotFoundError, InvalidError.
    """
    block, is_new = blocks.block_person(blocker=blocker, user_id=user_id, reason=reason)
    if is_new:
        _judge_dm_anew(blocker.pk, user_id, told=[blocker.pk])
    return block, is_new


@transaction.atomic
def unblock_person(*, blocker: User, user_id: str) -> None:
    """Lift a block. Raises BlockNotFoundError."""
    blocks.unblock_person(blocker=blocker, user_id=user_id)
    _judge_dm_anew(blocker.pk, user_id, told=[blocker.pk, user_id])


@transaction.atomic
def block_request(*, user: User, request_id: str) -> ContactRequest:
    """Block who sent a request; once more changes nothing.

    Raises: ContactRequestNotFoundError, ContactRequestAnsweredError.
    """
    row = contacts.locked_request(user=user, request_id=request_id)
    if row.status not in (ContactRequestStatus.PENDING, ContactRequestStatus.BLOCKED):
        raise ContactRequestAnsweredError
    block_person(blocker=user, user_id=row.from_user_id)
    row.refresh_from_db()
    return row


@transaction.atomic
def end_contact(*, user: User, user_id: str) -> None:
    """End a contact. Raises ContactNotFoundError."""
    contacts.end_contact(user=user, user_id=user_id)
    _judge_dm_anew(user.pk, user_id)


def _judge_dm_anew(one_id: str, other_id: str, *, told: Sequence[str] = ()) -> None:
    """Have the rights of two people in their DM judged anew, and tell the devices of some how they now stand there."""
    found = Conversation.objects.filter(dm_key=":".join(sorted((one_id, other_id))))
    if found.update(members_version=F("members_version") + 1):
        dm = found.get()
        publish_on_commit(events.membership_changed(dm, (one_id, other_id)))
        tell_own(dm.pk, told)
