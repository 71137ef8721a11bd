"""Second factors for tests, set up as people do it."""

from datetime import datetime, timedelta

import pyotp
from django.utils import timezone

from accounts.models import User
from accounts.services.authenticator_apps import begin_app, confirm_app
from accounts.services.passkeys import add_passkey, begin_passkey
from tests.accounts.authenticator import Authenticator
from tests.factories import PASSWORD


class App:
    """Somebody's authenticator app. Each code that it shows is of a later half minute than the one before."""

    def __init__(self, user: User) -> None:
        self._totp = pyotp.TOTP(begin_app(user=user, password=PASSWORD).secret)
        self._at = timezone.now() - timedelta(seconds=30)
        self.recovery_codes = confirm_app(user=user, code=self.code_at(self._at)) or []

    def code(self) -> str:
        """Return a code that was not shown before. There are two of them at any time."""
        self._at += timedelta(seconds=30)
        return self.code_at(self._at)

    def code_at(self, at: datetime) -> str:
        return self._totp.at(at.timestamp())


def add_key(user: User, device: Authenticator | None = None, name: str = "Key") -> Authenticator:
    """Give somebody a passkey."""
    device = device or Authenticator()
    question = begin_passkey(user=user, password=PASSWORD)
    add_passkey(user=user, token=question.token, name=name, credential=device.create(question.options))
    return device
