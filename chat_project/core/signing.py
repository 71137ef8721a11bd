"""MACs for what leaves this server and comes back: one derived key a purpose, and a key id for rotation."""

import base64
import hashlib
import hmac
from collections.abc import Iterator

from django.conf import settings


def mac(*, purpose: str, message: bytes, key_id: str | None = None) -> str:
    """Return the MAC of `message`, 43 characters of `[A-Za-z0-9_-]`, under the current key or the one named.

    Raises KeyError for a key id that this server does not hold.
    """
    key = dict(_keys())[key_id or current_key_id()]
    return encode_bytes(hmac.digest(_derived(key, purpose), message, hashlib.sha256))


def verifies(*, purpose: str, message: bytes, key_id: str, signature: str) -> bool:
    """Tell whether `signature` is the MAC of `message` under the key named."""
    if key_id not in dict(_keys()):
        return False
    expected = mac(purpose=purpose, message=message, key_id=key_id)
    # As bytes: of texts, compare_digest refuses all that is not ASCII.
    return hmac.compare_digest(expected.encode(), signature.encode(errors="replace"))


def derived_keys(*, purpose: str) -> list[bytes]:
    """Return 32 bytes of each key for one purpose, of the current key first."""
    return [_derived(key, purpose) for _, key in _keys()]


def current_key_id() -> str:
    """Return the id of the key that new MACs are made with."""
    return next(_keys())[0]


def encode_bytes(data: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_bytes(text: str) -> bytes:
    """Return what `encode_bytes` wrote. Raises ValueError on anything else."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if encode_bytes(data) != text:
        raise ValueError("not in its one form")
    return data


def _derived(key: bytes, purpose: str) -> bytes:
    return hmac.digest(key, f"chat:{purpose}".encode(), hashlib.sha256)


def _keys() -> Iterator[tuple[str, bytes]]:
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = secret.encode()
        yield hashlib.sha256(b"key id" + key).hexdigest()[:6], key
