"""Secrets that stand in the database: encrypted under keys derived from SECRET_KEY, so that a copy of it tells none."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from chat_project.core.signing import derived_keys


class UnsealableError(Exception):
    """The text was sealed under a key that this server does not hold, or it is none."""


def seal(data: bytes, *, purpose: str) -> bytes:
    """Return `data` encrypted and authenticated under the current key, for one purpose alone."""
    return _sealer(purpose).encrypt(data)


def unseal(sealed: bytes, *, purpose: str) -> bytes:
    """Return what was sealed, under the current key or one of SECRET_KEY_FALLBACKS. Raises UnsealableError."""
    try:
        return _sealer(purpose).decrypt(sealed)
    except InvalidToken:
        raise UnsealableError from None


def _sealer(purpose: str) -> MultiFernet:
    keys = derived_keys(purpose=purpose)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
