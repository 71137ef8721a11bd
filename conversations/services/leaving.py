"""People who go for good: what is their own in accounts, and their places in conversations, in one transaction."""

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from accounts.services.closing import begin_closing, finish_closing
from accounts.services.credentials import confirm_password
from conversations.models import ConversationMember, JoinRequest
from conversations.services.succession import end_memberships

# Longer than any call takes that judged somebody a moment before they closed their account.
LATE_FOR = timedelta(days=1)


def close_account(*, user: User, password: str) -> None:
    """Close one's own account: nobody can sign in any more, and nothing is left that tells whose it was.

    Sessions, contacts, blocks and memberships end, and what the person owns is passed on. Their messages stand, by
    "Deleted Account". The username is closed for 90 days, the address is free.

    Raises: InvalidError of `password`, TooManyRequestsError, NotAuthenticatedError where it is closed already.
    """
    confirm_password(user=user, password=password)
    close_account_of(user_id=user.pk, actor_id=user.pk)


@transaction.atomic
def close_account_of(*, user_id: str, actor_id: str | None) -> None:
    """Close an account without asking for its password: what operators do. Raises NotAuthenticatedError."""
    account = begin_closing(user_id=user_id)
    end_memberships(user_id=user_id)
    ConversationMember.objects.filter(user_id=user_id).update(
        draft="", muted_until=None, is_pinned=False, is_archived=False, updated_at=Now()
    )
    JoinRequest.objects.filter(user_id=user_id).delete()
    finish_closing(account, actor_id=actor_id)


def end_late_memberships() -> int:
    """End the memberships of closed accounts: somebody may be added in the moment in which they close theirs.

    Returns how many people had any. Safe to run twice at once.
    """
    recently = timezone.now() - LATE_FOR
    late = ConversationMember.objects.filter(is_active=True, user__is_active=False, user__updated_at__gt=recently)
    user_ids = list(late.values_list("user_id", flat=True).distinct())
    for user_id in user_ids:
        end_memberships(user_id=user_id)
    return len(user_ids)
