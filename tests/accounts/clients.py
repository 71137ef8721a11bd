"""Callers of the API and of the pages, in this process."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from accounts.devices import Device
from accounts.models import User
from accounts.services.sign_in import SignedIn, issue_tokens
from tests.factories import PASSWORD

ORIGIN = "http://testserver"


def signed_in(user: User, name: str = "Phone") -> SignedIn:
    """Return a session of a person's, with its tokens."""
    return issue_tokens(user=user, device=Device(name=name, platform="Linux"))


class Api:
    """REST calls; `access` is the bearer's token, `answer` the last response."""

    def __init__(self, access: str | None = None, **environ: Any) -> None:
        self.client = Client(**environ)
        self.access = access

    @classmethod
    def of(cls, user: User) -> "Api":
        """Return the API as a person who is signed in calls it."""
        return cls(signed_in(user).tokens.access)

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.call("DELETE", path, **headers)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """Return the response to a call; a text as body goes out as it is."""
        if self.access is not None:
            headers["Authorization"] = f"Bearer {self.access}"
        data = "" if body is None else body if isinstance(body, (str, bytes)) else json.dumps(body)
        return self.client.generic(
            method, f"/api/v1/{path}", data=data, content_type="application/json", headers=headers
        )


class Browser(Client):
    """Django's client, as strict as a browser's requests are treated: CSRF is checked."""

    def __init__(self, **environ: Any) -> None:
        super().__init__(enforce_csrf_checks=True, **environ)

    def sign_in(self, user: User, password: str = PASSWORD, **fields: str) -> HttpResponse:
        """Fill in the sign-in page."""
        return self.fill_in("/login/", login=user.username, password=password, **fields)

    def fill_in(self, path: str, **fields: str) -> HttpResponse:
        """Open a page with a form, and send the form."""
        self.get("/login/")
        return self.post(path, {**fields, "csrfmiddlewaretoken": self.csrf_token})

    @property
    def csrf_token(self) -> str:
        return self.cookies[settings.CSRF_COOKIE_NAME].value
