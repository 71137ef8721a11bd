"""Conversations and members as the contract shows them. No queries: everything was read before."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from django.conf import settings
from django.utils import timezone

from accounts.avatars import avatar_version
from accounts.representations import person
from accounts.selectors.people import Person
from chat_project.core.api.renderers import rfc3339
from conversations.conversation_settings import complete_settings
from conversations.models import Conversation, ConversationInvite, ConversationMember, JoinRequest
from conversations.policies import is_banned_now, permissions_now
from conversations.selectors.invites import InvitePreview

# What stands in the database for "forever": psycopg can't read PostgreSQL's infinity.
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
FOREVER_WORD = "forever"


class Shared(Protocol):
    """What `shared` must know of a conversation."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def handle(self) -> str | None: ...
    @property
    def avatar_key(self) -> str | None: ...
    @property
    def owner_id(self) -> str | None: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...
    @property
    def member_count(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def archived_at(self) -> datetime | None: ...


def shared(row: Shared) -> dict[str, Any]:
    """Return what all members share of a conversation."""
    return {
        "id": row.id,
        "type": row.type,
        "title": row.title,
        "description": row.description,
        "handle": row.handle,
        "avatar_url": avatar_url(row),
        "owner_id": row.owner_id,
        "settings": complete_settings(row.settings),
        "member_count": row.member_count,
        "version": row.version,
        "archived_at": _time(row.archived_at),
    }


def avatar_url(row: Shared) -> str | None:
    """Return where a conversation's picture is; None where it has none."""
    if row.avatar_key is None:
        return None
    return f"/api/v1/conversations/{row.id}/avatar?v={avatar_version(row.avatar_key)}"


def member(row: ConversationMember, who: Person, *, shows_reading: bool, shows_inviter: bool = True) -> dict[str, Any]:
    """Return a Member; the switches say whether the viewer may know how far this person has read, and by whom they
    came.
    """
    return {
        "user": person(who),
        "role": row.role,
        "permissions": permissions_now(row.permissions, row.restricted_until),
        "restricted_until": until(_if_ahead(row.restricted_until)),
        "joined_at": rfc3339(row.joined_at),
        "invited_by": row.invited_by_id if shows_inviter else None,
        "is_banned": is_banned_now(row.is_banned, row.banned_until),
        "banned_until": until(_if_ahead(row.banned_until)),
        "last_read_seq": row.last_read_seq if shows_reading else None,
    }


def invite(row: ConversationInvite) -> dict[str, Any]:
    """Return an Invite, for who may make some."""
    return {
        "code": row.code,
        "url": f"{settings.SITE_URL}/join/{row.code}",
        "expires_at": _time(row.expires_at),
        "max_uses": row.max_uses,
        "use_count": row.use_count,
        "requires_approval": row.requires_approval,
        "revoked_at": _time(row.revoked_at),
    }


def invite_preview(preview: InvitePreview) -> dict[str, Any]:
    """Return what an invite shows to whoever holds it."""
    row = preview.conversation
    picture = avatar_url(row)
    return {
        "code": preview.code,
        "type": row.type,
        "title": row.title,
        "description": row.description,
        # Whoever is no member yet sees it by the invite.
        "avatar_url": picture and f"{picture}&invite={preview.code}",
        "member_count": row.member_count,
        "requires_approval": preview.requires_approval,
        "is_member": preview.is_member,
    }


def public_conversation(row: Conversation, *, is_member: bool) -> dict[str, Any]:
    """Return what anybody may know of a conversation that has a handle."""
    return {
        "id": row.id,
        "type": row.type,
        "title": row.title,
        "description": row.description,
        "handle": row.handle,
        "avatar_url": avatar_url(row),
        "member_count": row.member_count,
        "is_member": is_member,
    }


def join_request(row: JoinRequest, who: Person) -> dict[str, Any]:
    """Return who asks to join, and since when."""
    return {"user": person(who), "created_at": rfc3339(row.created_at)}


def until(moment: datetime | None) -> str | None:
    """Return an end as the contract writes it: a time, "forever", or null."""
    if moment is None:
        return None
    return FOREVER_WORD if moment >= FOREVER else rfc3339(moment)


def _if_ahead(moment: datetime | None) -> datetime | None:
    return moment if moment is not None and moment > timezone.now() else None


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
