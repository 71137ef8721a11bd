"""The ranks of staff."""

from accounts.models import User
from moderation.policies import Rank, rank_of


def get_rank(user_id: str | None) -> Rank:
    """Return the rank of an account; nobody's where there is none. One or two statements."""
    row = User.objects.filter(pk=user_id, is_active=True).values("is_staff", "is_superuser").first()
    if row is None or not row["is_staff"]:
        return Rank.NOBODY
    groups = User.objects.filter(pk=user_id, groups__isnull=False).values_list("groups__name", flat=True)
    return rank_of(is_staff=True, is_superuser=row["is_superuser"], groups=list(groups))
