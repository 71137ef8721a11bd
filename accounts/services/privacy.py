"""Who may see what of somebody, as that person wants it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts import events
from accounts.models import User
from accounts.privacy import default_privacy_settings, merged_settings, privacy_errors
from chat_project.core import audit
from chat_project.core.errors import InvalidError
from chat_project.core.realtime.publish import publish_on_commit


@transaction.atomic
def update_privacy(*, user: User, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change some keys of a person's privacy settings; return all as they now stand.

    Of the exceptions, a list that is given replaces that list, and the others stay. It holds at once, for sockets too.

    Raises: InvalidError, which names the keys by their paths.
    """
    errors = privacy_errors(changes)
    if errors:
        raise InvalidError(errors=errors)
    me = User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)
    former = {**default_privacy_settings(), **me.privacy_settings}
    settings = merged_settings(former, changes, owner_id=me.pk)
    _require_known(former, settings)
    changed = sorted(key for key, value in settings.items() if value != former.get(key))
    if not changed:
        return settings
    me.privacy_settings = settings
    me.save(update_fields=["privacy_settings", "updated_at"])
    audit.record(actor_id=me.pk, action="privacy.changed", target=me, keys=changed)
    publish_on_commit(events.standing_changed(me.pk))
    return settings


def _require_known(former: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Refuse new exceptions for nobody; those who went since they were named stay."""
    added = {path: ids - _listed(former).get(path, set()) for path, ids in _listed(settings).items()}
    wanted = set().union(*added.values())
    unknown = wanted - set(User.objects.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    errors = {path: ["There is no such person."] for path, ids in added.items() if ids & unknown}
    if errors:
        raise InvalidError(errors=errors)


def _listed(settings: Mapping[str, Any]) -> dict[str, set[str]]:
    return {
        f"exceptions.{key}.{name}": set(ids)
        for key, lists in settings["exceptions"].items()
        for name, ids in lists.items()
    }
