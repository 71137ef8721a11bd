"""The devices that get Web Push."""

from django.db.models import QuerySet

from accounts.models import PushSubscription
from accounts.selectors.sessions import live_sessions


def live_subscriptions() -> QuerySet[PushSubscription]:
    """Return the subscriptions of sessions by which somebody may act now."""
    return PushSubscription.objects.filter(session__in=live_sessions())


def is_subscribed(session_id: str) -> bool:
    """Tell whether a session's device gets Web Push."""
    return PushSubscription.objects.filter(session_id=session_id).exists()
