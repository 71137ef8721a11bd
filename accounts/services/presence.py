"""Who is online, and when people were last seen: noted by the processes that hold their sockets."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.presence import mark_offline, mark_online

# A row is written no more often; and while its person stays online it need not be so exact.
SEEN_EVERY = timedelta(minutes=1)
SEEN_EVERY_ONLINE = timedelta(minutes=5)


def note_online(user_ids: Collection[str]) -> list[str]:
    """Note that people still have sockets in this process, every 30 s; return who had none anywhere before."""
    came = mark_online(user_ids)
    note_seen(user_ids, every=SEEN_EVERY_ONLINE)
    return came


def note_offline(user_id: str) -> bool:
    """Note that somebody has no more sockets in this process; tell whether they have none anywhere."""
    gone = bool(mark_offline([user_id]))
    if gone:
        note_seen([user_id])
    return gone


@transaction.atomic
def note_seen(user_ids: Collection[str], *, every: timedelta = SEEN_EVERY) -> None:
    """Write down that people are here now, unless that was written less than `every` ago."""
    now = timezone.now()
    # Two processes may hold the same people: each passes over the rows that the other is about to write.
    due = (
        User.objects.select_for_update(skip_locked=True, no_key=True)
        .exclude(last_seen_at__gt=now - every)
        .filter(pk__in=user_ids)
        .values("pk")
    )
    User.objects.filter(pk__in=due).update(last_seen_at=now)
