"""People who go for good: what is their own in accounts, and their places in conversations, in one transaction."""

from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from accounts.services.closing import begin_closing, finish_closing
from accounts.services.credentials import confirm_password
from conversations.models import ConversationMember, JoinRequest
from conversations.services.succession import end_memberships


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
