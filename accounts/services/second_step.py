"""The second step of a sign-in: what an account asks for beside the password, and who has it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.challenges import LIFE_SECONDS, Challenge, ChallengeKind, new_challenge, read_challenge
from accounts.errors import InvalidTokenError, SecondFactorRequiredError, SecondFactorWrongError
from accounts.models import User
from accounts.selectors.second_factors import SecondFactors, get_second_factors
from accounts.selectors.sessions import in_good_standing
from accounts.services.authenticator_apps import take_code
from accounts.services.passkeys import question_of, take_answer
from accounts.services.second_factors import take_recovery_code
from accounts.services.spending import spend
from chat_project.core import audit
from chat_project.core.limits import hit, take_back

TRIES_A_TOKEN = 5
TRIES_AN_ACCOUNT = 10
WINDOW_SECONDS = 15 * 60
# Six digits, of which three are right at any time: so many a day are no way in within years.
TRIES_A_DAY = 30
DAY_SECONDS = 86_400
RECORDED_FAILURES = (1, 10)


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody shows as their second factor: one of the three."""

    code: str | None = None
    recovery_code: str | None = None
    credential: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A second step that waits to be taken: whose, with which factors, and what their passkeys are asked."""

    user: User
    factors: SecondFactors
    passkey_options: dict[str, Any] | None


def require_one_factor(user: User) -> None:
    """Let somebody whose password was just verified pass, unless their account asks for more.

    Raises: SecondFactorRequiredError with the token that goes with the second factor.
    """
    factors = get_second_factors(user_id=user.pk)
    if not factors.is_on:
        return
    challenge, token = new_challenge(ChallengeKind.SECOND_FACTOR, user_id=user.pk, auth_version=user.auth_version)
    raise SecondFactorRequiredError(
        token=token,
        expires_in=LIFE_SECONDS,
        methods=factors.methods,
        passkey_options=question_of(challenge, passkeys=factors.passkeys) if factors.passkeys else None,
    )


def get_step(*, token: str) -> Step:
    """Return the step that a token of `require_one_factor` waits for. Raises InvalidTokenError."""
    challenge, user = _read(token)
    factors = get_second_factors(user_id=user.pk)
    options = question_of(challenge, passkeys=factors.passkeys) if factors.passkeys else None
    return Step(user, factors, options)


def pass_second_factor(*, token: str, proof: Proof) -> User:
    """Return the person of a token, who has shown the second factor too. The token and the proof are used up.

    Tries count before they are judged. While somebody guesses, sessions that exist go on.

    Raises: InvalidTokenError, SecondFactorWrongError, TooManyRequestsError.
    """
    challenge, user = _read(token)
    with _tries_counted(challenge), transaction.atomic():
        if not _is_right(challenge, proof):
            raise SecondFactorWrongError
        if not spend(challenge):
            raise InvalidTokenError
    return user


def _read(token: str) -> tuple[Challenge, User]:
    challenge = read_challenge(token, ChallengeKind.SECOND_FACTOR)
    if challenge is None:
        raise InvalidTokenError
    accounts = User.objects.filter(in_good_standing(), id=challenge.user_id, auth_version=challenge.auth_version)
    user = accounts.first()
    if user is None:
        raise InvalidTokenError
    return challenge, user


@contextmanager
def _tries_counted(challenge: Challenge) -> Iterator[None]:
    """Count a try, and take it back where it succeeds; a wrong one is recorded now and then."""
    account_key, day_key = (f"second-factor:{span}:{challenge.user_id}" for span in ("window", "day"))
    hit(f"second-factor:token:{challenge.nonce}", limit=TRIES_A_TOKEN, seconds=LIFE_SECONDS)
    tries = hit(account_key, limit=TRIES_AN_ACCOUNT, seconds=WINDOW_SECONDS).count
    hit(day_key, limit=TRIES_A_DAY, seconds=DAY_SECONDS)
    try:
        yield
    except SecondFactorWrongError:
        if tries in RECORDED_FAILURES:
            user = User(pk=challenge.user_id)
            audit.record(actor_id=None, action="second_factor.failed", target=user, count=tries)
        raise
    take_back(account_key, day_key)


def _is_right(challenge: Challenge, proof: Proof) -> bool:
    user_id = challenge.user_id
    if proof.code is not None:
        return take_code(user_id=user_id, text=proof.code)
    if proof.recovery_code is not None:
        return take_recovery_code(user_id=user_id, text=proof.recovery_code)
    return take_answer(challenge=challenge, credential=dict(proof.credential or {})) is not None
