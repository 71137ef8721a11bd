"""How a session ended decides what the browser keeps."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import UserSession
from accounts.services.sessions import end_all_sessions
from tests.accounts.clients import Browser

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/c/abc?at=1"}
BACK = "/login/?next=%2Fc%2Fabc%3Fat%3D1"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def olga(owner):
    browser = Browser()
    browser.sign_in(owner)
    return browser


def test_who_comes_back_after_the_session_expired_finds_what_waited(olga):
    UserSession.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    cache.clear()
    answer = olga.get("/list", headers=HTMX)
    assert (answer.status_code, answer["X-Session"], answer["HX-Redirect"]) == (401, "expired", BACK)
    assert "Clear-Site-Data" not in answer


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_session_that_was_ended_leaves_nothing(olga, owner, headers):
    end_all_sessions(user_id=owner.pk, reason="revoked")
    answer = olga.get("/list", headers=headers)
    assert answer["X-Session"] == "revoked"
    assert "storage" in answer["Clear-Site-Data"]
