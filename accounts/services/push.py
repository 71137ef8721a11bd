"""Web Push of the devices that are signed in: where they get it, what it may show, and what became of it."""

from collections.abc import Collection
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import PushSubscription
from accounts.models.push import AUTH_SECRET_BYTES, ENDPOINT_MAX_LENGTH
from accounts.services.authentication import Identity
from chat_project.core.errors import ConflictError, InvalidError
from chat_project.core.limits import hit
from chat_project.core.push.encryption import is_public_key
from chat_project.core.push.endpoints import EndpointRefusedError, read_endpoint
from chat_project.core.signing import decode_bytes

SUBSCRIPTIONS_PER_HOUR = 30
# So long a subscription is tried at which nothing arrives.
GIVEN_UP_AFTER = timedelta(days=7)


def subscribe(*, identity: Identity, endpoint: str, p256dh: str, auth: str, shows_text: bool) -> None:
    """Have pushes go to a device that is signed in; what it had before, and who had the endpoint before, is replaced.

    The keys are in base64url, as browsers give them.

    Raises: InvalidError, TooManyRequestsError; ConflictError where two devices gave the same endpoint at once.
    """
    hit(f"push:{identity.user_id}", limit=SUBSCRIPTIONS_PER_HOUR, seconds=3600)
    values = {
        "user_id": identity.user_id,
        "endpoint": _checked_endpoint(endpoint),
        "p256dh": _checked_key(p256dh),
        "auth": _checked_auth(auth),
        "shows_text": shows_text,
        "failing_since": None,
    }
    try:
        with transaction.atomic():
            PushSubscription.objects.filter(endpoint=endpoint).exclude(session_id=identity.session_id).delete()
            PushSubscription.objects.update_or_create(session_id=identity.session_id, defaults=values)
    except IntegrityError:
        raise ConflictError from None


def unsubscribe(*, identity: Identity) -> None:
    """Send nothing more to a device."""
    PushSubscription.objects.filter(session_id=identity.session_id).delete()


def choose_text(*, identity: Identity, shows_text: bool) -> None:
    """Choose whether pushes to a device say who wrote, and what."""
    PushSubscription.objects.filter(session_id=identity.session_id).update(shows_text=shows_text)


def note_answers(*, arrived: Collection[str], failed: Collection[str], gone: Collection[str]) -> None:
    """Write down what became of pushes: by the ids of their sessions, and what is gone by its endpoint.

    What is gone is forgotten at once, unless its device has subscribed anew since then.
    """
    if gone:
        PushSubscription.objects.filter(endpoint__in=gone).delete()
    if arrived:
        PushSubscription.objects.filter(session_id__in=arrived, failing_since__isnull=False).update(failing_since=None)
    if failed:
        PushSubscription.objects.filter(session_id__in=failed, failing_since=None).update(failing_since=timezone.now())


def cleanup_subscriptions() -> int:
    """Forget subscriptions where nothing arrived for a week, and those of expired sessions. Returns how many."""
    now = timezone.now()
    dead = PushSubscription.objects.filter(failing_since__lt=now - GIVEN_UP_AFTER).delete()[0]
    return dead + PushSubscription.objects.filter(session__expires_at__lt=now).delete()[0]


def _checked_endpoint(endpoint: str) -> str:
    if len(endpoint) > ENDPOINT_MAX_LENGTH:
        raise InvalidError.of("endpoint", f"Give at most {ENDPOINT_MAX_LENGTH} characters.")
    try:
        read_endpoint(endpoint)
    except EndpointRefusedError:
        raise InvalidError.of("endpoint", "This is no push service that this server sends to.") from None
    return endpoint


def _checked_key(text: str) -> bytes:
    key = _decoded("p256dh", text)
    if not is_public_key(key):
        raise InvalidError.of("p256dh", "This is no public key of P-256.")
    return key


def _checked_auth(text: str) -> bytes:
    secret = _decoded("auth", text)
    if len(secret) != AUTH_SECRET_BYTES:
        raise InvalidError.of("auth", f"Give {AUTH_SECRET_BYTES} bytes.")
    return secret


def _decoded(field: str, text: str) -> bytes:
    try:
        return decode_bytes(text.rstrip("="))
    except ValueError:
        raise InvalidError.of(field, "This is no base64url.") from None
