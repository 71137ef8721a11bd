"""What must not stand in a log, taken out before a line is written."""

import logging
import re

# The codes of invites, and the tokens in the links of mails.
_SECRET = re.compile(r"\b(invites|join|verify|reset)/[^/\s?]+")


class AddressSecretsHidden(logging.Filter):
    """Hides what of an address is a secret: Django logs the address of whatever is refused."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record's texts; let every record pass."""
        if isinstance(record.args, tuple):
            record.args = tuple(_hidden(value) for value in record.args)
        record.msg = _hidden(record.msg)
        return True


def _hidden(value: object) -> object:
    return _SECRET.sub(_shown, value) if isinstance(value, str) else value


def _shown(found: re.Match[str]) -> str:
    return f"{found[1]}/…"
