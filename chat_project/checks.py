"""What `manage.py check --deploy` says beyond Django's own checks."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags


@checks.register(Tags.security, deploy=True)
def check_roles(**_: Any) -> Sequence[CheckMessage]:
    """Warn where one role of PostgreSQL migrates and serves: only a trigger then guards the audit log."""
    if settings.EMBEDDED_DATABASE or settings.MIGRATION_DATABASE_URL != settings.DATABASE_URL:
        return []
    return [
        checks.Warning(
            "The server runs as the role that owns the tables.",
            hint="Give MIGRATION_DATABASE_URL for the owner, and DATABASE_URL for a role that owns nothing.",
            id="chat.W001",
        )
    ]


@checks.register(Tags.security, deploy=True)
def check_public_address(**_: Any) -> Sequence[CheckMessage]:
    """Warn where others can reach the web without TLS."""
    if settings.HTTPS or settings.HOST in ("127.0.0.1", "::1", "localhost"):
        return []
    return [
        checks.Warning(
            "HOST is open to others, and SITE_URL is no https:// address.",
            hint="Put a proxy that ends TLS before it, and give its address as SITE_URL.",
            id="chat.W002",
        )
    ]
