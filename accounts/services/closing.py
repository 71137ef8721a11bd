"""What is a person's own goes with their account: their half of closing it.

Memberships are conversations', so interfaces call `conversations.services.close_account`, which does the whole.
"""

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.db.models.functions import Now

from accounts import events
from accounts.avatars import avatar_keys
from accounts.discarding import discard_objects
from accounts.enums import ContactRequestStatus, NameKind
from accounts.mails import send_mail_later
from accounts.models import (
    AuthenticatorApp,
    BlockedUser,
    ContactRequest,
    ExportJob,
    OutgoingMail,
    Passkey,
    PendingEmail,
    PushSubscription,
    RecoveryCode,
    User,
)
from accounts.names import reserve_name
from accounts.privacy import default_privacy_settings
from accounts.representations import CLOSED_NAME
from accounts.services.sessions import end_all_sessions
from chat_project.core import audit
from chat_project.core.errors import NotAuthenticatedError
from chat_project.core.realtime.publish import publish_on_commit

_OWN_ROWS = (AuthenticatorApp, RecoveryCode, Passkey, PendingEmail, OutgoingMail, PushSubscription)


def begin_closing(*, user_id: str) -> User:
    """Lock an account, and take from it what others see, in the caller's transaction: from now on it is nobody's.

    Raises NotAuthenticatedError where it is closed already. `finish_closing` must follow in the same transaction.
    """
    account = User.objects.select_for_update(of=("self",), no_key=True).filter(pk=user_id, is_active=True).first()
    if account is None:
        raise NotAuthenticatedError
    User.objects.filter(pk=user_id).update(is_active=False, display_name=CLOSED_NAME, bio="", avatar_key=None)
    return account


def finish_closing(account: User, *, actor_id: str | None) -> None:
    """End sessions, contacts and blocks, and take away all personal data. `account` is what `begin_closing` returned.

    Names and addresses are unique keys: to change them locks the row against all that refers to it, and whoever holds a
    conversation's lock may be waiting for that. So it comes last, when no other lock is still to be had.
    """
    end_all_sessions(user_id=account.pk, reason="account_closed", actor_id=actor_id)
    _part_from_all(account.pk)
    _discard_files(account)
    for model in _OWN_ROWS:
        model.objects.filter(user=account).delete()
    account.groups.clear()
    account.user_permissions.clear()
    if account.username:
        reserve_name(account.username, kind=NameKind.USERNAME, holder_id=None)
    if account.email:
        send_mail_later(kind="account_closed", address=account.email, context={"username": account.username})
    User.objects.filter(pk=account.pk).update(
        username=None,
        email=None,
        phone=None,
        password=make_password(None),
        privacy_settings=default_privacy_settings(),
        is_verified=False,
        is_suspended=False,
        suspended_until=None,
        suspension_reason="",
        is_staff=False,
        is_superuser=False,
        last_seen_at=None,
        auth_version=account.auth_version + 1,
        updated_at=Now(),
    )
    audit.record(actor_id=actor_id, action="account.closed", target=account)
    publish_on_commit(events.standing_changed(account.pk))


def _part_from_all(user_id: str) -> None:
    requests = ContactRequest.objects.filter(Q(from_user_id=user_id) | Q(to_user_id=user_id))
    # What waits with others vanishes from their lists; who was refused silently hears nothing.
    known = requests.filter(status__in=(ContactRequestStatus.ACCEPTED, ContactRequestStatus.PENDING))
    others = _others(known.values_list("from_user_id", "to_user_id"), user_id)
    requests.delete()
    BlockedUser.objects.filter(Q(blocker_id=user_id) | Q(blocked_id=user_id)).delete()
    publish_on_commit(*(events.contact_updated(user_id=other, other_id=user_id, is_contact=False) for other in others))


def _others(pairs: Iterable[tuple[str, str]], user_id: str) -> list[str]:
    return sorted({each for pair in pairs for each in pair} - {user_id})


def _discard_files(account: User) -> None:
    keys = [key for key in ExportJob.objects.filter(user=account).values_list("object_key", flat=True) if key]
    if account.avatar_key:
        keys += avatar_keys(account.avatar_key)
    ExportJob.objects.filter(user=account).delete()
    discard_objects(*keys)
