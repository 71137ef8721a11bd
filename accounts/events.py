"""What sockets are told of people."""

from accounts import representations
from accounts.models import ContactRequest, User
from accounts.selectors.people import get_people
from chat_project.core.realtime.events import PeopleChanged, PersonEvent, PersonUpdated


def contact_request(*, viewer: User, row: ContactRequest) -> PersonEvent:
    """Tell one of the two of a request, as they may see it."""
    people = get_people(viewer=viewer, user_ids=(row.from_user_id, row.to_user_id))
    return PersonEvent(
        user_id=viewer.pk,
        event="contact.request",
        data=representations.contact_request(row, people, viewer_id=viewer.pk),
    )


def contact_updated(*, user_id: str, other_id: str, is_contact: bool) -> PersonEvent:
    """Tell somebody whether a person is a contact of theirs now, and that no request of the two waits any more."""
    return PersonEvent(user_id=user_id, event="contact.updated", data={"user_id": other_id, "is_contact": is_contact})


def standing_changed(*user_ids: str) -> PeopleChanged:
    """Have it judged anew who sees when these people are online: their privacy, blocks or contacts changed."""
    return PeopleChanged(user_ids=user_ids, standing=True)


def user_updated(user: User) -> PersonUpdated:
    """Tell all who share a conversation with somebody how that person is called and looks now.

    To be published whenever the username, display name or picture changed, or the account was closed.
    """
    return PersonUpdated(user_id=user.pk, data=representations.author(user))
