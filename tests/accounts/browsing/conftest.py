"""The browsers of the tests of the page, in the place of Django's client."""

from tests.web.conftest import _collected, browser, chat, pytest_runtest_makereport, sign_in

__all__ = ["_collected", "browser", "chat", "pytest_runtest_makereport", "sign_in"]
