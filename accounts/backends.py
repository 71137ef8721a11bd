"""Django's side of signing in: the admin's permissions, and `authenticate()` for who calls it."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from accounts.models import User
from accounts.selectors.sessions import in_good_standing
from accounts.services.credentials import verify_credentials
from accounts.services.second_step import require_one_factor
from chat_project.core.errors import ApplicationError


class LoginBackend(ModelBackend):
    """Signs in by username, e-mail or phone, under the same limits as every other way in."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        try:
            user = verify_credentials(login=username, password=password)
            # Who has a second factor signs in on our own page, or by the API.
            require_one_factor(user)
        except ApplicationError:
            return None
        return user

    def get_user(self, user_id: str) -> User | None:
        return User.objects.filter(in_good_standing(), id=user_id).first()

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(user.is_active)
