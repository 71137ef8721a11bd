"""Whose picture somebody may look at."""

from accounts import policies
from accounts.errors import PersonNotFoundError
from accounts.models import User
from accounts.selectors.people import get_people


def get_avatar_key(*, viewer: User, user_id: str) -> str:
    """Return the key of a person's picture.

    Raises PersonNotFoundError, one and the same for nobody, no picture, and one that is not for the viewer.
    """
    person = get_people(viewer=viewer, user_ids=[user_id]).get(user_id)
    if person is None or not person.user.is_active or person.blocked_me or not person.user.avatar_key:
        raise PersonNotFoundError
    allowed = policies.allows(
        person.user.privacy_settings,
        "profile_photo",
        subject_id=user_id,
        viewer_id=viewer.pk,
        is_contact=person.is_contact,
    )
    if not allowed:
        raise PersonNotFoundError
    return person.user.avatar_key
