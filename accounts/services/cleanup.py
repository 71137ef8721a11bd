"""What time has made useless."""

from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.discarding import delete_discarded
from accounts.models import AuthenticatorApp, DiscardedObject, ReservedName, SpentToken, UserSession
from accounts.services.authenticator_apps import TRIAL

BATCH = 1000
# Far longer than anybody takes from storing an object to naming it.
DISCARDED_FOR = timedelta(hours=6)


def cleanup_sessions() -> int:
    """Delete sessions that expired SESSION_RETENTION_DAYS ago, and browsers' expired Django sessions.

    Till then a dead refresh token is still recognised, and an ended session can be asked about. Safe to run twice at
    once. Returns the number of sessions that were deleted.
    """
    deleted = 0
    while ids := list(_old_sessions().values_list("id", flat=True)[:BATCH]):
        deleted += UserSession.objects.filter(id__in=ids).delete()[0]
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return deleted


def count_old_sessions() -> int:
    """Return how many sessions `cleanup_sessions` would delete."""
    return _old_sessions().count()


def cleanup_sign_ins() -> int:
    """Delete what sign-ins left: spent tokens that would have expired, and apps that nobody finished setting up.

    Returns the number of tokens.
    """
    now = timezone.now()
    AuthenticatorApp.objects.filter(is_confirmed=False, created_at__lt=now - TRIAL).delete()
    return SpentToken.objects.filter(expires_at__lt=now).delete()[0]


def cleanup_names() -> int:
    """Open the names whose reservation has ended. Returns their number."""
    return ReservedName.objects.filter(reserved_until__lt=timezone.now()).delete()[0]


def cleanup_objects() -> int:
    """Delete objects that nobody names: what a crash left, and what the storage refused to delete. Returns how many."""
    old = DiscardedObject.objects.filter(discarded_at__lt=timezone.now() - DISCARDED_FOR).order_by("discarded_at")
    return delete_discarded(*old.values_list("key", flat=True)[:BATCH])


def _old_sessions() -> QuerySet[UserSession]:
    horizon = timezone.now() - timedelta(days=settings.SESSION_RETENTION_DAYS)
    return UserSession.objects.filter(expires_at__lt=horizon)
