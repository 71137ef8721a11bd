"""Codes of authenticator apps: TOTP by RFC 6238, six digits each half minute."""

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import segno
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from pyotp.exceptions import OTPVerificationError

from accounts.models import AuthenticatorApp, User
from accounts.services.credentials import confirm_password
from accounts.services.second_factors import (
    codes_of_first_factor,
    lock_account,
    tell_of_change,
    void_codes_without_factor,
)
from chat_project.core.errors import ConflictError, InvalidError, NotFoundError
from chat_project.core.limits import hit
from chat_project.core.sealing import UnsealableError, seal, unseal

# A phone's clock may be a step off.
STEPS_OFF = 1
TRIAL = timedelta(minutes=15)
TRIES_A_TRIAL = 10

_PURPOSE = "authenticator-app"
_CODE = re.compile(r"[0-9]{6}")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewApp:
    """What an app is set up with: the secret, and the address that holds it, as a text and as a QR code's SVG."""

    secret: str
    uri: str

    def qr_code(self) -> str:
        """Return the QR code as a `data:` address."""
        return segno.make(self.uri, error="m", micro=False).svg_data_uri(scale=5, border=4, light="#fff")


def begin_app(*, user: User, password: str) -> NewApp:
    """Make a secret for an authenticator app, which counts once `confirm_app` got a code; an older app does till then.

    Raises: InvalidError for a wrong password, TooManyRequestsError.
    """
    confirm_password(user=user, password=password)
    secret = pyotp.random_base32()
    values = {"sealed_secret": _sealed(secret), "created_at": timezone.now(), "last_step": 0}
    AuthenticatorApp.objects.update_or_create(user_id=user.pk, is_confirmed=False, defaults=values)
    return _new_app(user, secret)


def get_trial(*, user: User) -> NewApp | None:
    """Return the app that somebody is setting up, to be shown once more."""
    trial = _trials(user.pk).first()
    secret = _unsealed(trial) if trial else None
    return _new_app(user, secret) if secret else None


def confirm_app(*, user: User, code: str) -> list[str] | None:
    """Take the app on trial into use, in the place of an older one, if `code` is of it.

    Returns recovery codes where it is the account's first factor, to be shown this once.

    Raises: InvalidError, ConflictError where none is on trial, TooManyRequestsError.
    """
    hit(f"authenticator-trial:{user.pk}", limit=TRIES_A_TRIAL, seconds=TRIAL.total_seconds())
    with transaction.atomic():
        lock_account(user.pk)
        # Under its lock: begun anew meanwhile, it would be confirmed by a code of another secret.
        trial = _trials(user.pk).select_for_update(of=("self",), no_key=True).first()
        if trial is None:
            raise ConflictError("No app is being set up. Begin anew.", code="no_app_on_trial")
        step = _step_of(trial, code, timezone.now())
        if step is None:
            raise InvalidError.of("code", "This is not the app's code.", code="code_wrong")
        AuthenticatorApp.objects.filter(user_id=user.pk, is_confirmed=True).delete()
        AuthenticatorApp.objects.filter(user_id=user.pk).update(
            is_confirmed=True, last_step=step, created_at=timezone.now()
        )
        tell_of_change(user_id=user.pk, action="authenticator_app.added")
        return codes_of_first_factor(user.pk)


def remove_app(*, user: User, password: str) -> None:
    """Remove the authenticator app; the recovery codes go with the last factor.

    Raises: InvalidError for a wrong password, NotFoundError where there is none, TooManyRequestsError.
    """
    confirm_password(user=user, password=password)
    with transaction.atomic():
        lock_account(user.pk)
        if not AuthenticatorApp.objects.filter(user_id=user.pk, is_confirmed=True).delete()[0]:
            raise NotFoundError("There is no authenticator app.")
        void_codes_without_factor(user.pk)
        tell_of_change(user_id=user.pk, action="authenticator_app.removed")


def take_code(*, user_id: str, text: str, at: datetime | None = None) -> bool:
    """Tell whether a code is the account's app's at that time, and use its time step up: no step counts twice."""
    app = AuthenticatorApp.objects.filter(user_id=user_id, is_confirmed=True).first()
    step = _step_of(app, text, at or timezone.now()) if app else None
    if app is None or step is None:
        return False
    unused = AuthenticatorApp.objects.filter(
        user_id=user_id, is_confirmed=True, last_step__lt=step, sealed_secret=app.sealed_secret
    )
    # Sealed anew, so that the keys before SECRET_KEY can go one day.
    return bool(unused.update(last_step=step, sealed_secret=_sealed(_unsealed(app) or "")))


def _trials(user_id: str) -> QuerySet[AuthenticatorApp]:
    since = timezone.now() - TRIAL
    return AuthenticatorApp.objects.filter(user_id=user_id, is_confirmed=False, created_at__gt=since)


def _new_app(user: User, secret: str) -> NewApp:
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.username or user.pk, issuer_name=settings.SITE_NAME)
    return NewApp(secret, uri)


def _step_of(app: AuthenticatorApp, text: str, at: datetime) -> int | None:
    """Return the time step that a code belongs to; None where it is none of the app's, or of a step that was taken."""
    code = "".join(text.split())
    secret = _unsealed(app)
    if secret is None or not _CODE.fullmatch(code):
        return None
    try:
        step = pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=at, valid_window=STEPS_OFF)
    except OTPVerificationError:
        return None
    return step if step > app.last_step else None


def _sealed(secret: str) -> bytes:
    return seal(secret.encode(), purpose=_PURPOSE)


def _unsealed(app: AuthenticatorApp) -> str | None:
    try:
        return unseal(bytes(app.sealed_secret), purpose=_PURPOSE).decode()
    except UnsealableError:
        logger.error("an authenticator app's secret is sealed under a key that is gone: its codes can't be checked")
        return None
