"""A client of the API in this process, and browsers."""

import pytest

from tests.accounts.clients import Api, Browser


@pytest.fixture
def api():
    """The API, called by nobody yet."""
    return Api()


@pytest.fixture
def browser():
    """A browser in which nobody is signed in."""
    return Browser()
