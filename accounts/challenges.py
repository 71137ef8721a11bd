"""The texts that hold two steps of one thing together: a password and its second factor, a question to a passkey and
its answer. Opaque to clients, good for minutes, and for one success.

A challenge is `<kind>.<key id>.<user>.<auth version>.<expiry>.<nonce>.<MAC>`. Each kind has a derived key of its own,
so that none passes for another. Nothing is stored until it is spent.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.utils import timezone

from chat_project.core import signing

LIFE_SECONDS = 300

_FORM = re.compile(
    r"([spn]1)\.([0-9a-f]{6})\.(c[0-9a-z]{24}|-)\.([0-9]{1,10})\.([0-9]{1,12})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})"
)
_NOBODY = "-"


class ChallengeKind(StrEnum):
    """What a challenge is good for."""

    SECOND_FACTOR = "s1"
    PASSKEY_SIGN_IN = "p1"
    NEW_PASSKEY = "n1"


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a challenge says. `user_id` is empty where it is for anybody; `nonce` tells it from all others."""

    kind: ChallengeKind
    user_id: str
    auth_version: int
    expires_at: datetime
    nonce: str

    @property
    def question(self) -> bytes:
        """What a passkey is asked to sign: nothing that a client could choose."""
        return hashlib.sha256(f"{self.kind}.{self.nonce}".encode()).digest()

    @property
    def digest(self) -> bytes:
        """What is kept of a challenge that is spent."""
        return hashlib.sha256(f"spent.{self.kind}.{self.nonce}".encode()).digest()


def new_challenge(kind: ChallengeKind, *, user_id: str = "", auth_version: int = 0) -> tuple[Challenge, str]:
    """Return a new challenge, and the token that says it."""
    expires_at = int(timezone.now().timestamp()) + LIFE_SECONDS
    nonce = signing.encode_bytes(secrets.token_bytes(16))
    key_id = signing.current_key_id()
    body = f"{kind}.{key_id}.{user_id or _NOBODY}.{auth_version}.{expires_at}.{nonce}"
    token = f"{body}.{signing.mac(purpose=_purpose(kind), message=body.encode(), key_id=key_id)}"
    return Challenge(kind, user_id, auth_version, datetime.fromtimestamp(expires_at, UTC), nonce), token


def read_challenge(token: str, kind: ChallengeKind) -> Challenge | None:
    """Return what a genuine challenge of this kind says, unless it has expired; None for any other text."""
    found = _FORM.fullmatch(token)
    if found is None or found[1] != kind:
        return None
    _, key_id, user_id, auth_version, expires_at, nonce, signature = found.groups()
    body = token.rpartition(".")[0].encode()
    if not signing.verifies(purpose=_purpose(kind), message=body, key_id=key_id, signature=signature):
        return None
    if int(expires_at) <= timezone.now().timestamp():
        return None
    expiry = datetime.fromtimestamp(int(expires_at), UTC)
    return Challenge(kind, user_id.replace(_NOBODY, ""), int(auth_version), expiry, nonce)


def _purpose(kind: ChallengeKind) -> str:
    return f"challenge:{kind}"
