"""Signing a client in for REST and sockets: by tokens."""

from dataclasses import dataclass

from accounts.devices import Device
from accounts.models import User, UserSession
from accounts.services.credentials import verify_credentials
from accounts.services.rotation import TokenPair, pair_of
from accounts.services.sessions import start_session


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody, the session of their device, and its tokens."""

    user: User
    session: UserSession
    tokens: TokenPair


def sign_in(*, login: str, password: str, device: Device) -> SignedIn:
    """Sign a device in by username, e-mail address or phone number.

    Raises: InvalidCredentialsError, AccountSuspendedError, TooManyRequestsError.
    """
    return issue_tokens(user=verify_credentials(login=login, password=password), device=device)


def issue_tokens(*, user: User, device: Device) -> SignedIn:
    """Begin a session of tokens for somebody who was just verified. Raises InvalidCredentialsError."""
    session = start_session(user=user, device=device)
    return SignedIn(user, session, pair_of(session=session, auth_version=user.auth_version))
