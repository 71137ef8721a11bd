"""Who is staff. Nobody is made staff by a page: an operator does it by a command."""

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.services.sessions import end_all_sessions
from chat_project.core import audit
from moderation.policies import ADMINISTRATORS, MODERATORS

GROUPS = {"moderator": MODERATORS, "administrator": ADMINISTRATORS}
NO_GROUP = "none"


@transaction.atomic
def set_staff_group(*, user_id: str, group: str) -> None:
    """Make somebody a moderator or an administrator, or no staff any more; their sessions end."""
    user = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)
    user.groups.set(Group.objects.filter(name=GROUPS[group]) if group in GROUPS else [])
    User.objects.filter(pk=user_id).update(
        is_staff=group in GROUPS,
        is_superuser=False,
        auth_version=F("auth_version") + 1,
        updated_at=timezone.now(),
    )
    end_all_sessions(user_id=user_id, reason="rights_changed")
    audit.record(actor_id=None, action="staff.changed", target=user, group=group)
