"""Contacts: asked for by one, accepted by the other.

A block is silent. Who was blocked goes on seeing their request PENDING, so what stands as BLOCKED is, from its
sender's side, a request that waits: a second one is refused, it can be taken back, and it meets one that crosses it.
"""

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from accounts import events
from accounts.enums import ContactRequestStatus
from accounts.errors import (
    AlreadyContactsError,
    ContactNotFoundError,
    ContactRequestAnsweredError,
    ContactRequestNotFoundError,
    ContactRequestPendingError,
    PersonNotFoundError,
)
from accounts.models import ContactRequest, User
from accounts.models.contacts import CONTACT_MESSAGE_MAX_LENGTH
from accounts.names import clean_text
from accounts.services.lookups import look_up
from accounts.services.pairs import drop_contact, has_blocked, lock_pair, requests_between
from chat_project.core import audit
from chat_project.core.errors import InvalidError, NotAllowedError
from chat_project.core.limits import hit
from chat_project.core.realtime.publish import publish_on_commit

REQUESTS_A_DAY_TO_ONE = 5
DAY_SECONDS = 86_400

_WAITING = (ContactRequestStatus.PENDING, ContactRequestStatus.BLOCKED)


def request_contact(*, sender: User, username: str, message: str = "") -> tuple[ContactRequest, bool]:
    """Ask somebody to be contacts; return the request, and whether it is new.

    One that crosses the other's is their acceptance. To who blocked the sender it is stored unseen.

    Raises: PersonNotFoundError, InvalidError, NotAllowedError to who is blocked by the sender, AlreadyContactsError,
    ContactRequestPendingError, TooManyRequestsError.
    """
    text = _checked_message(message)
    other = look_up(viewer=sender, username=username).user
    if other.pk == sender.pk:
        raise InvalidError.of("username", "This is your own username.")
    _require_open(sender.pk, other.pk)
    # Ahead of the transaction, which waits for nobody but the database.
    hit(f"contact-requests:{sender.pk}", limit=settings.CONTACT_REQUESTS_PER_DAY, seconds=DAY_SECONDS)
    hit(f"contact-requests:{sender.pk}:{other.pk}", limit=REQUESTS_A_DAY_TO_ONE, seconds=DAY_SECONDS)
    with transaction.atomic():
        if not lock_pair(sender.pk, other.pk):
            raise PersonNotFoundError
        _require_open(sender.pk, other.pk)
        hidden = has_blocked(other.pk, sender.pk)
        crossing = ContactRequest.objects.filter(from_user=other, to_user=sender, status__in=_WAITING).first()
        if crossing is not None and not hidden:
            return _accept(crossing), False
        row = ContactRequest.objects.create(
            from_user=sender,
            to_user=other,
            message=text,
            status=ContactRequestStatus.BLOCKED if hidden else ContactRequestStatus.PENDING,
        )
        row.refresh_from_db()
        publish_on_commit(events.contact_request(viewer=sender, row=row))
        if not hidden:
            publish_on_commit(events.contact_request(viewer=other, row=row))
    return row, True


@transaction.atomic
def accept_request(*, user: User, request_id: str) -> ContactRequest:
    """Accept a request; once more changes nothing. Raises ContactRequestNotFoundError, ContactRequestAnsweredError."""
    row = locked_request(user=user, request_id=request_id)
    if row.status == ContactRequestStatus.ACCEPTED:
        return row
    if row.status != ContactRequestStatus.PENDING:
        raise ContactRequestAnsweredError
    return _accept(row)


@transaction.atomic
def decline_request(*, user: User, request_id: str) -> ContactRequest:
    """Decline a request; once more changes nothing. Raises ContactRequestNotFoundError, ContactRequestAnsweredError."""
    row = locked_request(user=user, request_id=request_id)
    if row.status == ContactRequestStatus.DECLINED:
        return row
    if row.status != ContactRequestStatus.PENDING:
        raise ContactRequestAnsweredError
    _settle(row, ContactRequestStatus.DECLINED)
    _tell_both(row.from_user_id, row.to_user_id, is_contact=False)
    return row


@transaction.atomic
def withdraw_request(*, user: User, request_id: str) -> None:
    """Take one's own request back. Raises ContactRequestNotFoundError, also where it was answered."""
    row = ContactRequest.objects.filter(pk=request_id, from_user=user).first()
    if row is None:
        raise ContactRequestNotFoundError
    lock_pair(row.from_user_id, row.to_user_id)
    taken_back = dict(ContactRequest.objects.filter(pk=row.pk, status__in=_WAITING).values_list("pk", "status"))
    if not taken_back:
        raise ContactRequestNotFoundError
    ContactRequest.objects.filter(pk=row.pk).delete()
    told = [user.pk] if taken_back[row.pk] == ContactRequestStatus.BLOCKED else [user.pk, row.to_user_id]
    for user_id in told:
        other_id = row.to_user_id if user_id == user.pk else user.pk
        publish_on_commit(events.contact_updated(user_id=user_id, other_id=other_id, is_contact=False))


@transaction.atomic
def end_contact(*, user: User, user_id: str) -> None:
    """End a contact. Rights in a DM hang on it: interfaces call `conversations.services.end_contact`.

    Raises: ContactNotFoundError.
    """
    lock_pair(user.pk, user_id)
    if not drop_contact(user.pk, user_id):
        raise ContactNotFoundError
    _tell_both(user.pk, user_id, is_contact=False)
    audit.record(actor_id=user.pk, action="contact.ended", target=User(pk=user_id))


def locked_request(*, user: User, request_id: str) -> ContactRequest:
    """Return a request to somebody, under the pair's lock. Raises ContactRequestNotFoundError.

    One that was stored as BLOCKED when it came was never seen by them, and is not there; nor is one that its sender
    ended by a block.
    """
    found = ContactRequest.objects.filter(pk=request_id, to_user=user).first()
    if found is None:
        raise ContactRequestNotFoundError
    lock_pair(found.from_user_id, found.to_user_id)
    row = ContactRequest.objects.filter(pk=request_id).first()
    if row is None:
        raise ContactRequestNotFoundError
    if row.status == ContactRequestStatus.BLOCKED and not (row.responded_at and has_blocked(user.pk, row.from_user_id)):
        raise ContactRequestNotFoundError
    return row


def _require_open(sender_id: str, other_id: str) -> None:
    """Refuse a request where one waits already, where the two are contacts, and to whom the sender blocks."""
    statuses = requests_between(sender_id, other_id).values_list("status", "from_user_id")
    if any(status == ContactRequestStatus.ACCEPTED for status, _ in statuses):
        raise AlreadyContactsError
    if has_blocked(sender_id, other_id):
        raise NotAllowedError("You have blocked this person. Unblock them first.")
    if any(status in _WAITING and from_id == sender_id for status, from_id in statuses):
        raise ContactRequestPendingError


def _accept(row: ContactRequest) -> ContactRequest:
    _settle(row, ContactRequestStatus.ACCEPTED)
    _tell_both(row.from_user_id, row.to_user_id, is_contact=True)
    audit.record(actor_id=row.to_user_id, action="contact.accepted", target=row, user_id=row.from_user_id)
    return row


def _settle(row: ContactRequest, status: ContactRequestStatus) -> None:
    ContactRequest.objects.filter(pk=row.pk).update(status=status, responded_at=Now())
    row.refresh_from_db()


def _tell_both(one_id: str, other_id: str, *, is_contact: bool) -> None:
    publish_on_commit(
        events.contact_updated(user_id=one_id, other_id=other_id, is_contact=is_contact),
        events.contact_updated(user_id=other_id, other_id=one_id, is_contact=is_contact),
        events.standing_changed(one_id, other_id),
    )


def _checked_message(message: str) -> str:
    text = clean_text(message)
    if len(text) > CONTACT_MESSAGE_MAX_LENGTH:
        raise InvalidError.of("message", f"Give at most {CONTACT_MESSAGE_MAX_LENGTH} characters.")
    return text
