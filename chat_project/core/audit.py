"""The audit log, as every app writes it. The table is moderation's; it is found by name, so nothing depends upwards."""

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.apps import apps
from django.db import models

from chat_project.core.audit_actions import ACTIONS

USER_AGENT_LENGTH = 512

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Origin:
    """Where a call came from; interfaces set it, audit rows keep it."""

    ip_address: str | None = None
    user_agent: str = ""
    request_id: str = ""

    @classmethod
    def of(cls, *, ip_address: str | None, user_agent: str) -> "Origin":
        """Return the origin of a new request of a client, under an id of its own."""
        return cls(ip_address, _CONTROLS.sub("", user_agent)[:USER_AGENT_LENGTH], secrets.token_hex(16))

    def again(self) -> "Origin":
        """Return the origin of the same client's next request."""
        return replace(self, request_id=secrets.token_hex(16))


_NOWHERE = Origin()

origin: ContextVar[Origin] = ContextVar("audit_origin", default=_NOWHERE)


def record(*, actor_id: str | None, action: str, target: models.Model | None = None, **details: Any) -> None:
    """Append a row in the caller's transaction: no action without its row.

    `action` is dotted and past (`member.banned`), and stands in `audit_actions` with the details that it may hold:
    never names, content, addresses of mail, or anything that somebody typed.

    Raises: ValueError for an action or a detail that is not listed.
    """
    if unlisted := details.keys() - ACTIONS.get(action, details.keys()) or {action} - ACTIONS.keys():
        raise ValueError(f"audit_actions does not list {sorted(unlisted)} of {action}")
    came_from = origin.get()
    apps.get_model("moderation", "AuditLog")._default_manager.create(
        actor_id=actor_id,
        action=action,
        resource_type=str(target._meta.model_name) if target is not None else "",
        resource_id=_key_of(target) if target is not None else "",
        details=details,
        ip_address=came_from.ip_address,
        user_agent=came_from.user_agent[:USER_AGENT_LENGTH],
        request_id=came_from.request_id,
    )


def _key_of(target: models.Model) -> str:
    return ":".join(target.pk) if isinstance(target.pk, tuple) else str(target.pk)
