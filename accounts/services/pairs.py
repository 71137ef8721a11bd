"""What stands between two people, changed under the lock of both."""

from django.db.models import Q, QuerySet

from accounts.enums import ContactRequestStatus
from accounts.models import BlockedUser, ContactRequest, User


def lock_pair(one_id: str, other_id: str) -> bool:
    """Order all that changes requests, contacts and blocks of two people, for the rest of the transaction.

    Tells whether both are there: a closing account waits for this lock, or holds it.
    """
    people = User.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=(one_id, other_id))
    open_ids = {pk for pk, is_active in people.order_by("pk").values_list("pk", "is_active") if is_active}
    return open_ids == {one_id, other_id}


def requests_between(one_id: str, other_id: str) -> QuerySet[ContactRequest]:
    """Return the requests of two people to each other, and by that whether they are contacts."""
    return ContactRequest.objects.filter(
        Q(from_user_id=one_id, to_user_id=other_id) | Q(from_user_id=other_id, to_user_id=one_id)
    )


def has_blocked(one_id: str, other_id: str) -> bool:
    """Tell whether one person blocks another."""
    return BlockedUser.objects.filter(blocker_id=one_id, blocked_id=other_id).exists()


def drop_contact(one_id: str, other_id: str) -> bool:
    """End the contact of two people; tell whether there was one."""
    rows = requests_between(one_id, other_id).filter(status=ContactRequestStatus.ACCEPTED)
    return rows.delete()[0] > 0
