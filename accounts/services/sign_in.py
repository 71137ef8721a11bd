"""Signing a client in for REST and sockets: by tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.challenges import ChallengeKind, new_challenge, read_challenge
from accounts.devices import Device
from accounts.errors import AccountSuspendedError, InvalidCredentialsError, InvalidTokenError
from accounts.models import User, UserSession
from accounts.services.credentials import is_suspended, verify_credentials
from accounts.services.passkeys import Question, question_of, take_answer
from accounts.services.rotation import TokenPair, pair_of
from accounts.services.second_step import Proof, pass_second_factor, require_one_factor
from accounts.services.sessions import start_session
from accounts.services.spending import spend
from chat_project.core import audit
from chat_project.core.addresses import network_of
from chat_project.core.limits import hit, take_back

PASSKEY_TRIES_AN_ADDRESS = 100
WINDOW_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody, the session of their device, and its tokens."""

    user: User
    session: UserSession
    tokens: TokenPair


def sign_in(*, login: str, password: str, device: Device) -> SignedIn:
    """Sign a device in by username, e-mail address or phone number.

    Raises: InvalidCredentialsError, SecondFactorRequiredError, AccountSuspendedError, TooManyRequestsError.
    """
    user = verify_credentials(login=login, password=password)
    require_one_factor(user)
    return issue_tokens(user=user, device=device)


def finish_sign_in(*, token: str, proof: Proof, device: Device) -> SignedIn:
    """Sign a device in whose owner's password was right, by the second factor.

    Raises: InvalidTokenError, SecondFactorWrongError, InvalidCredentialsError, TooManyRequestsError.
    """
    return issue_tokens(user=pass_second_factor(token=token, proof=proof), device=device)


def begin_passkey_sign_in() -> Question:
    """Return what to ask any passkey that a browser holds for this site."""
    challenge, token = new_challenge(ChallengeKind.PASSKEY_SIGN_IN)
    return Question(token, question_of(challenge))


def verify_passkey(*, token: str, credential: Mapping[str, Any]) -> User:
    """Return the person of a passkey that answered `begin_passkey_sign_in`'s question. The token is used up.

    The device must have verified its owner, so the passkey stands for the password and the second factor.

    Raises: InvalidTokenError, InvalidCredentialsError, AccountSuspendedError, TooManyRequestsError.
    """
    key = f"passkey-sign-in:{network_of(audit.origin.get().ip_address)}"
    hit(key, limit=PASSKEY_TRIES_AN_ADDRESS, seconds=WINDOW_SECONDS)
    challenge = read_challenge(token, ChallengeKind.PASSKEY_SIGN_IN)
    if challenge is None:
        raise InvalidTokenError
    with transaction.atomic():
        passkey = take_answer(challenge=challenge, credential=dict(credential))
        user = User.objects.filter(id=passkey.user_id, is_active=True).first() if passkey else None
        if user is None:
            raise InvalidCredentialsError("This passkey is not known here.")
        if not spend(challenge):
            raise InvalidTokenError
    take_back(key)
    if is_suspended(user):
        raise AccountSuspendedError
    return user


def sign_in_by_passkey(*, token: str, credential: Mapping[str, Any], device: Device) -> SignedIn:
    """Sign a device in by a passkey alone.

    Raises: InvalidTokenError, InvalidCredentialsError, AccountSuspendedError, TooManyRequestsError.
    """
    return issue_tokens(user=verify_passkey(token=token, credential=credential), device=device)


def issue_tokens(*, user: User, device: Device) -> SignedIn:
    """Begin a session of tokens for somebody who was just verified. Raises InvalidCredentialsError."""
    session = start_session(user=user, device=device)
    return SignedIn(user, session, pair_of(session=session, auth_version=user.auth_version))
