"""Who may open a socket: by bearer header, by subprotocol, or by the cookie of our own page."""

from dataclasses import dataclass
from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from accounts.services.authentication import Identity, authenticate_access, authenticate_browser
from chat_project.core import audit
from chat_project.core.addresses import client_address, network_of
from chat_project.core.errors import ApplicationError
from chat_project.core.limits import hit

SUBPROTOCOL = "bearer"
HANDSHAKES_A_MINUTE = 200


class HandshakeRefusedError(Exception):
    """The socket is not opened; the client gets 403."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """Who comes, and how."""

    identity: Identity
    subprotocol: str | None
    wants_html: bool
    origin: audit.Origin


async def shake_hands(scope: dict[str, Any]) -> Handshake:
    """Return who opens a socket. Raises HandshakeRefusedError.

    A bearer token decides alone, whatever cookie comes with it; the cookie is taken from our own origin only.
    """
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    _require_host(headers)
    token = _bearer(headers, scope["subprotocols"])
    query = parse_qs(scope["query_string"].decode("latin-1"))
    address = _address(scope, headers)
    try:
        if token is None:
            _require_origin(scope, headers)
        identity = await database_sync_to_async(_identity, thread_sensitive=False)(
            token, headers.get("cookie", ""), address
        )
    except ApplicationError as error:
        raise HandshakeRefusedError(error.code) from None
    subprotocol = SUBPROTOCOL if SUBPROTOCOL in scope["subprotocols"] else None
    origin = audit.Origin.of(ip_address=address or None, user_agent=headers.get("user-agent", ""))
    return Handshake(identity, subprotocol, wants_html=query.get("html") == ["1"], origin=origin)


def _identity(token: str | None, cookie: str, address: str) -> Identity:
    hit(f"handshakes:{network_of(address)}", limit=HANDSHAKES_A_MINUTE, seconds=60)
    identity = _of_cookie(cookie) if token is None else authenticate_access(token)
    if identity is None:
        raise HandshakeRefusedError("nobody is signed in")
    return identity


def _of_cookie(cookie: str) -> Identity | None:
    morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return None if morsel is None else authenticate_browser(store(morsel.value))


def _require_host(headers: dict[str, str]) -> None:
    domain, _ = split_domain_port(headers.get("host", ""))
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        raise HandshakeRefusedError("unknown host")


def _require_origin(scope: dict[str, Any], headers: dict[str, str]) -> None:
    """Take the page's own origin only: scheme, host and port, exactly."""
    origin = headers.get("origin", "")
    scheme = "https" if settings.HTTPS or scope.get("scheme") == "wss" else "http"
    if origin not in (settings.SITE_URL, f"{scheme}://{headers.get('host', '')}") or not urlsplit(origin).netloc:
        raise HandshakeRefusedError("foreign origin")


def _bearer(headers: dict[str, str], subprotocols: list[str]) -> str | None:
    if "authorization" in headers:
        scheme, _, token = headers["authorization"].partition(" ")
        if scheme.lower() != "bearer":
            raise HandshakeRefusedError("not a bearer token")
        return token.strip()
    if SUBPROTOCOL in subprotocols:
        others = [name for name in subprotocols if name != SUBPROTOCOL]
        return others[0] if others else ""
    return None


def _address(scope: dict[str, Any], headers: dict[str, str]) -> str:
    peer = scope.get("client")
    return client_address(peer=peer[0] if peer else None, forwarded_for=headers.get("x-forwarded-for", "")) or ""
