"""People's pictures: taken in, exchanged, taken away."""

from typing import IO

from django.db import transaction

from accounts import events
from accounts.avatars import avatar_keys, make_avatar, new_avatar_key, store_avatar
from accounts.discarding import announce_objects, discard_objects, keep_objects
from accounts.models import User
from chat_project.core import audit
from chat_project.core.errors import NotAuthenticatedError, PayloadTooLargeError
from chat_project.core.limits import hit
from chat_project.core.realtime.publish import publish_on_commit

AVATAR_MAX_BYTES = 10 * 1024 * 1024
CHANGES_AN_HOUR = 30


def change_avatar(*, user: User, file: IO[bytes], size: int) -> User:
    """Make an uploaded picture somebody's avatar; return the person as they now stand.

    Of whatever was uploaded, two squares are kept. The picture before it is deleted after the commit.

    Raises: PayloadTooLargeError, InvalidError of `file`, TooManyRequestsError, UnavailableError.
    """
    if size > AVATAR_MAX_BYTES:
        raise PayloadTooLargeError(f"Give a picture of at most {AVATAR_MAX_BYTES // 1024 // 1024} MiB.")
    hit(f"avatar:{user.pk}", limit=CHANGES_AN_HOUR, seconds=3600)
    large, small = make_avatar(file)
    key = new_avatar_key()
    announce_objects(*avatar_keys(key))
    store_avatar(large, small=small, key=key)
    return _exchange(user, key)


def remove_avatar(*, user: User) -> User:
    """Take somebody's picture away; where there is none, nothing changes. Returns the person as they now stand."""
    return _exchange(user, None)


@transaction.atomic
def _exchange(user: User, key: str | None) -> User:
    me = User.objects.select_for_update(of=("self",), no_key=True).filter(pk=user.pk, is_active=True).first()
    if me is None:
        raise NotAuthenticatedError
    former = me.avatar_key
    if former == key:
        return me
    me.avatar_key = key
    me.save(update_fields=["avatar_key", "updated_at"])
    if key is not None:
        keep_objects(*avatar_keys(key))
    if former is not None:
        discard_objects(*avatar_keys(former))
    audit.record(actor_id=me.pk, action="avatar.changed" if key else "avatar.removed", target=me)
    publish_on_commit(events.user_updated(me))
    return me
