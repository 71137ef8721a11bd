"""A copy that is being worked on says so, in the way of whoever asks."""

import pytest
from django.test import Client


@pytest.fixture
def closed(settings):
    settings.MAINTENANCE = True
    return Client()


def test_pages_say_when_to_come_again_in_the_same_design(closed):
    answer = closed.get("/c/c000000000000000000000000")
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert "Back soon" in answer.content.decode()
    assert 'href="/c/c000000000000000000000000"' in answer.content.decode()


def test_the_api_answers_with_a_problem(closed):
    answer = closed.get("/api/v1/users/me")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["code"] == "unavailable"


def test_who_watches_the_copy_goes_on_being_answered(closed):
    assert closed.get("/healthz").status_code == 200
