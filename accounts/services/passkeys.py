"""Passkeys, by WebAuthn: a second factor beside a password, and a way in without one."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from webauthn.helpers import base64url_to_bytes, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.challenges import LIFE_SECONDS, Challenge, ChallengeKind, new_challenge, read_challenge
from accounts.errors import PasskeyNotFoundError
from accounts.models import Passkey, User
from accounts.models.second_factors import PASSKEY_NAME_MAX_LENGTH
from accounts.names import clean_name
from accounts.selectors.second_factors import list_passkeys
from accounts.services.credentials import confirm_password
from accounts.services.second_factors import (
    codes_of_first_factor,
    lock_account,
    tell_of_change,
    void_codes_without_factor,
)
from accounts.services.spending import spend
from chat_project.core.errors import ConflictError, InvalidError

MAX_PASSKEYS = 20

# What the library raises for answers that are no answers: its own errors, and what parsing lets through.
_REFUSED = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, OverflowError)
_TRANSPORTS = frozenset({"usb", "nfc", "ble", "internal", "hybrid", "cable", "smart-card"})


@dataclass(frozen=True, slots=True)
class Question:
    """What a browser's passkeys are asked: the options for `navigator.credentials`, and the token to come back with."""

    token: str
    options: dict[str, Any]


def begin_passkey(*, user: User, password: str) -> Question:
    """Return what to make a new passkey with.

    Raises: InvalidError for a wrong password, ConflictError where there are too many, TooManyRequestsError.
    """
    confirm_password(user=user, password=password)
    existing = list_passkeys(user_id=user.pk)
    _require_room(len(existing))
    challenge, token = new_challenge(ChallengeKind.NEW_PASSKEY, user_id=user.pk, auth_version=user.auth_version)
    options = webauthn.generate_registration_options(
        rp_id=_site(),
        rp_name=settings.SITE_NAME,
        user_id=user.pk.encode(),
        user_name=user.username or user.pk,
        user_display_name=user.display_name,
        challenge=challenge.question,
        timeout=LIFE_SECONDS * 1000,
        exclude_credentials=_descriptors(existing),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return Question(token, json.loads(options_to_json(options)))


def add_passkey(*, user: User, token: str, name: str, credential: dict[str, Any]) -> tuple[Passkey, list[str] | None]:
    """Keep the passkey that a browser made for `begin_passkey`'s question.

    Returns it, with recovery codes where it is the account's first factor, to be shown this once.

    Raises: InvalidError, which names `token`, `name` or `credential`; ConflictError where there are too many.
    """
    challenge = read_challenge(token, ChallengeKind.NEW_PASSKEY)
    if challenge is None or (challenge.user_id, challenge.auth_version) != (user.pk, user.auth_version):
        raise _outdated()
    checked_name = _checked_name(name)
    passkey = _made(challenge, credential)
    with transaction.atomic():
        lock_account(user.pk)
        _require_room(Passkey.objects.filter(user_id=user.pk).count())
        if not spend(challenge):
            raise _outdated()
        passkey.user_id, passkey.name = user.pk, checked_name
        try:
            with transaction.atomic():
                passkey.save(force_insert=True)
        except IntegrityError:
            raise InvalidError.of("credential", "This passkey is in use already.") from None
        tell_of_change(user_id=user.pk, action="passkey.added", passkey_id=passkey.id)
        return passkey, codes_of_first_factor(user.pk)


def rename_passkey(*, user: User, passkey_id: str, name: str) -> Passkey:
    """Call a passkey something else. Raises PasskeyNotFoundError, InvalidError."""
    passkey = Passkey.objects.filter(id=passkey_id, user_id=user.pk).first()
    if passkey is None:
        raise PasskeyNotFoundError
    passkey.name = _checked_name(name)
    passkey.save(update_fields=["name"])
    return passkey


def remove_passkey(*, user: User, passkey_id: str, password: str) -> None:
    """Remove a passkey; the recovery codes go with the last factor.

    Raises: InvalidError for a wrong password, PasskeyNotFoundError, TooManyRequestsError.
    """
    confirm_password(user=user, password=password)
    with transaction.atomic():
        lock_account(user.pk)
        if not Passkey.objects.filter(id=passkey_id, user_id=user.pk).delete()[0]:
            raise PasskeyNotFoundError
        void_codes_without_factor(user.pk)
        tell_of_change(user_id=user.pk, action="passkey.removed", passkey_id=passkey_id)


def question_of(challenge: Challenge, *, passkeys: list[Passkey] | None = None) -> dict[str, Any]:
    """Return the options for `navigator.credentials.get`.

    Of somebody's `passkeys` any will do; without them any that a browser holds, if its owner proves to be there.
    """
    verification = UserVerificationRequirement.REQUIRED if passkeys is None else UserVerificationRequirement.PREFERRED
    options = webauthn.generate_authentication_options(
        rp_id=_site(),
        challenge=challenge.question,
        timeout=LIFE_SECONDS * 1000,
        allow_credentials=_descriptors(passkeys or []),
        user_verification=verification,
    )
    return dict(json.loads(options_to_json(options)))


def take_answer(*, challenge: Challenge, credential: dict[str, Any]) -> Passkey | None:
    """Return the passkey that answered a challenge's question, after counting its use; None for any other answer.

    A challenge for somebody wants one of theirs; one for anybody wants its owner verified by the device as well, since
    the passkey then stands for the password too.
    """
    passkey = _find(credential, user_id=challenge.user_id)
    if passkey is None:
        return None
    try:
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge.question,
            expected_rp_id=_site(),
            expected_origin=_origin(),
            credential_public_key=bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=not challenge.user_id,
        )
    except _REFUSED:
        return None
    # Of two answers at once under one count, one is a copy's.
    as_it_was = Passkey.objects.filter(id=passkey.id, sign_count=passkey.sign_count)
    counted = as_it_was.update(
        sign_count=verified.new_sign_count,
        is_backed_up=verified.credential_backed_up,
        last_used_at=timezone.now(),
    )
    return passkey if counted else None


def _made(challenge: Challenge, credential: dict[str, Any]) -> Passkey:
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge.question,
            expected_rp_id=_site(),
            expected_origin=_origin(),
        )
    except _REFUSED:
        raise InvalidError.of("credential", "This is not what was asked of the passkey.") from None
    return Passkey(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=" ".join(_transports(credential)),
        is_backed_up=verified.credential_backed_up,
        created_at=timezone.now(),
    )


def _outdated() -> InvalidError:
    return InvalidError.of("token", "This took too long, or was used already. Begin anew.", code="invalid_token")


def _find(credential: dict[str, Any], *, user_id: str) -> Passkey | None:
    try:
        credential_id = base64url_to_bytes(credential["id"])
    except _REFUSED:
        return None
    found = Passkey.objects.filter(credential_id=credential_id)
    return (found.filter(user_id=user_id) if user_id else found).first()


def _transports(credential: dict[str, Any]) -> list[str]:
    said = credential["response"].get("transports")
    return (
        sorted(_TRANSPORTS.intersection(each for each in said if isinstance(each, str)))
        if isinstance(said, list)
        else []
    )


def _descriptors(passkeys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=bytes(each.credential_id)) for each in passkeys]


def _checked_name(text: str) -> str:
    name = clean_name(text)
    if not name or len(name) > PASSKEY_NAME_MAX_LENGTH:
        raise InvalidError.of("name", f"Give 1 to {PASSKEY_NAME_MAX_LENGTH} characters.")
    return name


def _require_room(count: int) -> None:
    if count >= MAX_PASSKEYS:
        raise ConflictError(f"An account has at most {MAX_PASSKEYS} passkeys.", code="too_many_passkeys")


def _site() -> str:
    return urlsplit(settings.SITE_URL).hostname or ""


def _origin() -> str:
    parts = urlsplit(settings.SITE_URL)
    return f"{parts.scheme}://{parts.netloc}"
