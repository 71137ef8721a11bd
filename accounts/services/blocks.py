"""Blocks: who has blocked somebody has nothing to do with them any more, and the other learns nothing of it."""

from django.db import transaction
from django.db.models.functions import Now

from accounts import events
from accounts.enums import ContactRequestStatus
from accounts.errors import BlockNotFoundError, PersonNotFoundError
from accounts.models import BlockedUser, ContactRequest, User
from accounts.names import clean_text
from accounts.services.pairs import drop_contact, lock_pair
from chat_project.core import audit
from chat_project.core.errors import InvalidError
from chat_project.core.realtime.publish import publish_on_commit

REASON_MAX_LENGTH = 280


@transaction.atomic
def block_person(*, blocker: User, user_id: str, reason: str = "") -> tuple[BlockedUser, bool]:
    """Block somebody; return the block, and whether it is new. A second one changes the reason, where it gives one.

    Ends the contact, and turns what waits between the two to BLOCKED. Rights in a DM hang on it: interfaces call
    `conversations.services.block_person`.

    Raises: PersonNotFoundError, InvalidError.
    """
    text = _checked_reason(reason)
    if user_id == blocker.pk:
        raise InvalidError.of("user_id", "You can't block yourself.")
    if not lock_pair(blocker.pk, user_id):
        raise PersonNotFoundError
    block, is_new = BlockedUser.objects.get_or_create(
        blocker_id=blocker.pk, blocked_id=user_id, defaults={"reason": text}
    )
    if is_new:
        _part(blocker.pk, user_id)
        audit.record(actor_id=blocker.pk, action="person.blocked", target=User(pk=user_id))
    elif text and text != block.reason:
        block.reason = text
        BlockedUser.objects.filter(blocker_id=blocker.pk, blocked_id=user_id).update(reason=text)
    block.refresh_from_db()
    return block, is_new


@transaction.atomic
def unblock_person(*, blocker: User, user_id: str) -> None:
    """Lift a block. What it ended does not come back. Raises BlockNotFoundError."""
    lock_pair(blocker.pk, user_id)
    if not BlockedUser.objects.filter(blocker_id=blocker.pk, blocked_id=user_id).delete()[0]:
        raise BlockNotFoundError
    # One's own request, which one's own block ended: it would look as if it still waited. The other's looks so indeed.
    ContactRequest.objects.filter(
        from_user_id=blocker.pk, to_user_id=user_id, status=ContactRequestStatus.BLOCKED
    ).delete()
    audit.record(actor_id=blocker.pk, action="person.unblocked", target=User(pk=user_id))
    publish_on_commit(
        events.contact_updated(user_id=blocker.pk, other_id=user_id, is_contact=False),
        events.standing_changed(blocker.pk, user_id),
    )


def _part(blocker_id: str, blocked_id: str) -> None:
    were_contacts = drop_contact(blocker_id, blocked_id)
    waiting = ContactRequest.objects.filter(status=ContactRequestStatus.PENDING)
    blocked = {"status": ContactRequestStatus.BLOCKED, "responded_at": Now()}
    waiting.filter(from_user_id=blocked_id, to_user_id=blocker_id).update(**blocked)
    withdrawn = waiting.filter(from_user_id=blocker_id, to_user_id=blocked_id).update(**blocked)
    publish_on_commit(
        events.contact_updated(user_id=blocker_id, other_id=blocked_id, is_contact=False),
        events.standing_changed(blocker_id, blocked_id),
    )
    # The blocked hear no more than that a contact, or a request, was taken back.
    if were_contacts or withdrawn:
        publish_on_commit(events.contact_updated(user_id=blocked_id, other_id=blocker_id, is_contact=False))


def _checked_reason(reason: str) -> str:
    text = clean_text(reason)
    if len(text) > REASON_MAX_LENGTH:
        raise InvalidError.of("reason", f"Give at most {REASON_MAX_LENGTH} characters.")
    return text
