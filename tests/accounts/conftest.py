"""A client of the API in this process, and browsers."""

import pytest

from accounts.hashers import ChatArgon2Hasher
from tests.accounts.clients import Api, Browser


@pytest.fixture
def api():
    """The API, called by nobody yet."""
    return Api()


@pytest.fixture
def browser():
    """A browser in which nobody is signed in."""
    return Browser()


@pytest.fixture
def hashes(monkeypatch):
    """The passwords that were hashed, in order."""
    seen = []
    encode, verify = ChatArgon2Hasher.encode, ChatArgon2Hasher.verify
    monkeypatch.setattr(ChatArgon2Hasher, "encode", lambda self, p, salt: seen.append(p) or encode(self, p, salt))
    monkeypatch.setattr(ChatArgon2Hasher, "verify", lambda self, p, kept: seen.append(p) or verify(self, p, kept))
    return seen
