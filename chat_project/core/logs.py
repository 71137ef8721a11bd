"""How a line of the log looks, and what must not stand in one."""

import logging
import re
from datetime import UTC, datetime

import orjson

from chat_project.core import audit

# The codes of invites, and the tokens in the links of mails.
_SECRET = re.compile(r"\b(invites|join|verify|reset)/[^/\s?]+")
# What PostgreSQL adds to a message quotes the values of a row, or the statement.
_DETAIL = re.compile(r"^(?:DETAIL|CONTEXT|LINE \d+):.*\n?(?:^[ \t]*\^\n?)?", re.MULTILINE)


# Under this name a request carries its id; no header of a client can have it.
REQUEST_ID = "chat.request_id"


class AddressSecretsHidden(logging.Filter):
    """Hides what of an address is a secret: Django logs the address of whatever is refused."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record's texts; let every record pass."""
        if isinstance(record.args, tuple):
            record.args = tuple(_hidden(value) for value in record.args)
        record.msg = _hidden(record.msg)
        return True


class OriginNoted(logging.Filter):
    """Gives each record the id of the request, socket or task in whose course it was written."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Set `request_id`, empty where there is none; let every record pass."""
        request = getattr(record, "request", None)
        record.request_id = audit.origin.get().request_id or getattr(request, "META", {}).get(REQUEST_ID, "")
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`, `request_id`, and `exception` where there is one.

    Whatever a caller gave as `extra` is left out: Django gives the whole request.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", ""),
            "process": record.process,
        }
        if record.exc_info:
            line["exception"] = _DETAIL.sub("", self.formatException(record.exc_info))
        return orjson.dumps(line, default=str).decode()


class LineFormatter(logging.Formatter):
    """A line for eyes, with the request's id where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and the traceback below it."""
        line = _DETAIL.sub("", super().format(record))
        request_id = getattr(record, "request_id", "")
        return f"{line} [{request_id}]" if request_id else line


def _hidden(value: object) -> object:
    return _SECRET.sub(_shown, value) if isinstance(value, str) else value


def _shown(found: re.Match[str]) -> str:
    return f"{found[1]}/…"
