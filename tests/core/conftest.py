"""The browser and the server of the pages' tests, for the page about the API."""

from tests.web.conftest import _collected, browser, chat

__all__ = ["_collected", "browser", "chat"]
