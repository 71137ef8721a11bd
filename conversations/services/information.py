"""What a conversation says of itself, its rest, and its end."""

from collections.abc import Mapping
from typing import Any, cast

from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.avatars import avatar_keys
from accounts.discarding import discard_objects
from accounts.enums import NameKind
from accounts.models import User
from accounts.names import reserve_name
from accounts.services.checks import checked
from chat_project.core import audit
from chat_project.core.realtime.publish import publish_on_commit
from conversations import events, policies
from conversations.conversation_settings import checked_settings, complete_settings
from conversations.enums import Role
from conversations.models import Conversation, ConversationMember
from conversations.policies import Capability
from conversations.selectors.memberships import Membership, get_membership
from conversations.services.announcements import announce, tell_updated
from conversations.services.checks import checked_description, checked_handle, checked_title, taken_handle_refused
from conversations.services.roster import locked, revoke_lost_invites

_DISCARD_FILES = """
    INSERT INTO discarded_objects (key)
    SELECT DISTINCT key FROM attachments, unnest(ARRAY[object_key, thumbnail_key, preview_key]) AS key
    WHERE conversation_id = %s AND key IS NOT NULL
    ON CONFLICT DO NOTHING
"""


@transaction.atomic
def update_conversation(*, actor: User, conversation_id: str, changes: Mapping[str, Any]) -> None:
    """Change some of `title`, `description`, `handle` and `settings`; settings merge key by key.

    `adjustments` change single words of the default permissions, where `settings` would give them anew. A handle given
    up stays closed to others for 90 days.

    Raises ConversationNotFoundError, NotAllowedError, ConversationArchivedError, InvalidError, which names the fields.
    """
    conversation = locked(conversation_id)
    membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
    policies.require(membership, Capability.CHANGE_INFO)
    checks = {
        "title": lambda: checked_title(changes["title"]),
        "description": lambda: checked_description(changes["description"]),
        "handle": lambda: checked_handle(changes["handle"], holder_id=conversation_id),
        "settings": lambda: {**conversation.settings, **checked_settings(_settings(conversation, changes))},
    }
    given = {*changes, "settings"} if "adjustments" in changes else set(changes)
    values = checked(**{field: check for field, check in checks.items() if field in given})
    changed = {field: value for field, value in values.items() if value != getattr(conversation, field)}
    if not changed:
        return
    if "settings" in changed:
        _require_may_set_defaults(membership, changed["settings"])
    if "handle" in changed and conversation.handle is not None:
        reserve_name(conversation.handle, kind=NameKind.HANDLE, holder_id=conversation.pk)
    with taken_handle_refused():
        Conversation.objects.filter(pk=conversation_id).update(**changed, updated_at=Now())
    conversation.refresh_from_db()
    audit.record(actor_id=actor.pk, action="conversation.updated", target=conversation, fields=sorted(changed))
    tell_updated(conversation, rights_changed="settings" in changed)
    if "settings" in changed:
        revoke_lost_invites(conversation)
    if "title" in changed:
        announce(conversation, actor_id=actor.pk, event="conversation.title_changed", title=conversation.title)


def _settings(conversation: Conversation, changes: Mapping[str, Any]) -> dict[str, Any]:
    settings = dict(changes.get("settings", {}))
    if "adjustments" in changes:
        defaults = complete_settings(conversation.settings)["default_permissions"]
        settings["default_permissions"] = {**cast("dict[str, bool]", defaults), **changes["adjustments"]}
    return settings


@transaction.atomic
def set_archived(*, actor: User, conversation_id: str, archived: bool) -> None:
    """Lay a conversation to rest for all, or wake it; where it is so already nothing changes.

    Raises ConversationNotFoundError, NotAllowedError.
    """
    conversation = locked(conversation_id)
    membership = get_membership(viewer_id=actor.pk, conversation_id=conversation_id)
    policies.require_right(membership, Capability.ARCHIVE)
    if (conversation.archived_at is not None) == archived:
        return
    Conversation.objects.filter(pk=conversation_id).update(archived_at=Now() if archived else None, updated_at=Now())
    conversation.refresh_from_db()
    action = "conversation.archived" if archived else "conversation.unarchived"
    audit.record(actor_id=actor.pk, action=action, target=conversation)
    tell_updated(conversation, rights_changed=True)


@transaction.atomic
def delete_conversation(*, owner: User, conversation_id: str) -> None:
    """Delete a conversation with all that is in it, for everybody.

    Its handle stays closed to all for 90 days; its files are deleted by the sweep of what nobody names.

    Raises ConversationNotFoundError, NotAllowedError.
    """
    conversation = locked(conversation_id)
    membership = get_membership(viewer_id=owner.pk, conversation_id=conversation_id)
    policies.require_right(membership, Capability.DELETE_CONVERSATION)
    members = tuple(
        ConversationMember.objects.filter(conversation=conversation, is_active=True).values_list("user_id", flat=True)
    )
    audit.record(actor_id=owner.pk, action="conversation.deleted", target=conversation, members=len(members))
    if conversation.handle is not None:
        reserve_name(conversation.handle, kind=NameKind.HANDLE, holder_id=None)
    if conversation.avatar_key:
        discard_objects(*avatar_keys(conversation.avatar_key))
    _discard_files(conversation_id)
    Conversation.objects.filter(pk=conversation_id).delete()
    conversation.members_version += 1
    publish_on_commit(
        events.membership_changed(conversation, members),
        *(
            events.conversation_removed(user_id=user_id, conversation_id=conversation_id, reason="deleted")
            for user_id in members
        ),
    )


def _require_may_set_defaults(membership: Membership, settings: Mapping[str, Any]) -> None:
    """Refuse defaults that give MEMBERs what the actor lacks; they act on MEMBERs, so the actor stands above these."""
    before, after = (complete_settings(each)["default_permissions"] for each in (membership.settings, settings))
    if before == after:
        return
    policies.require_above(membership, Role.MEMBER)
    policies.require_may_grant(
        membership, _rights_by_default(membership, after) - _rights_by_default(membership, before)
    )


def _rights_by_default(membership: Membership, defaults: Mapping[str, bool]) -> frozenset[Capability]:
    rights = policies.rights_of(
        type=membership.type, role=Role.MEMBER, settings={"default_permissions": defaults}, permissions={}
    )
    # Reactions may be off for all, whoever has the right: that is another setting.
    return rights - {Capability.REACT}


def _discard_files(conversation_id: str) -> None:
    """Write down the objects of all files, in one statement, however many they are."""
    with connection.cursor() as cursor:
        cursor.execute(_DISCARD_FILES, [conversation_id])
