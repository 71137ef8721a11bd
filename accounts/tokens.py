"""The texts that sign a client in: opaque to it, made and read here alone.

An access token is `a1.<key id>.<session>.<user>.<auth version>.<expiry>.<MAC>`, a refresh token
`r1.<key id>.<session>.<rotation>.<MAC>`. The kind and its version stand in front and under the MAC, and each kind has
a derived key of its own, so that neither passes for the other, nor for any other thing that this server signs.
"""

import re
from dataclasses import dataclass

from chat_project.core import signing

_ACCESS = re.compile(
    r"a1\.([0-9a-f]{6})\.(c[0-9a-z]{24})\.(c[0-9a-z]{24})\.([0-9]{1,10})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})"
)
_REFRESH = re.compile(r"r1\.([0-9a-f]{6})\.(c[0-9a-z]{24})\.([1-9][0-9]{0,9})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a genuine access token says. `expires_at` is in seconds since 1970."""

    session_id: str
    user_id: str
    auth_version: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class RefreshClaims:
    """What a text in the form of a refresh token says; genuine once `is_genuine` has said so."""

    session_id: str
    rotation: int
    key_id: str
    signature: str

    def is_genuine(self, *, secret: bytes) -> bool:
        """Tell whether this server made the token for the session that holds `secret`."""
        message = _refresh_body(self.key_id, self.session_id, self.rotation).encode() + b"." + secret
        return signing.verifies(purpose="refresh-token", message=message, key_id=self.key_id, signature=self.signature)


def write_access(claims: AccessClaims) -> str:
    """Return the access token that says `claims`."""
    key_id = signing.current_key_id()
    body = f"a1.{key_id}.{claims.session_id}.{claims.user_id}.{claims.auth_version}.{claims.expires_at}"
    return f"{body}.{signing.mac(purpose='access-token', message=body.encode(), key_id=key_id)}"


def read_access(token: str) -> AccessClaims | None:
    """Return what a genuine access token says, expired or not; None for any other text."""
    found = _ACCESS.fullmatch(token)
    if found is None:
        return None
    key_id, session_id, user_id, auth_version, expires_at, signature = found.groups()
    body = token.rpartition(".")[0].encode()
    if not signing.verifies(purpose="access-token", message=body, key_id=key_id, signature=signature):
        return None
    return AccessClaims(session_id, user_id, int(auth_version), int(expires_at))


def write_refresh(*, session_id: str, rotation: int, secret: bytes) -> str:
    """Return the refresh token of a session's rotation; under one key it is always the same text."""
    key_id = signing.current_key_id()
    body = _refresh_body(key_id, session_id, rotation)
    signature = signing.mac(purpose="refresh-token", message=body.encode() + b"." + secret, key_id=key_id)
    return f"{body}.{signature}"


def read_refresh(token: str) -> RefreshClaims | None:
    """Return what a text in the form of a refresh token says; None for any other text. Proves nothing yet."""
    found = _REFRESH.fullmatch(token)
    if found is None:
        return None
    key_id, session_id, rotation, signature = found.groups()
    return RefreshClaims(session_id, int(rotation), key_id, signature)


def _refresh_body(key_id: str, session_id: str, rotation: int) -> str:
    return f"r1.{key_id}.{session_id}.{rotation}"
