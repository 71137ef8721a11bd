"""What must not stand in a log, taken out before a line is written."""

import logging
import re

_INVITE = re.compile(r"\b(invites|join)/[^/\s?]+")


class InviteCodesHidden(logging.Filter):
    """Hides the codes of invites in addresses: Django logs the address of whatever is refused."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record's texts; let every record pass."""
        if isinstance(record.args, tuple):
            record.args = tuple(_hidden(value) for value in record.args)
        record.msg = _hidden(record.msg)
        return True


def _hidden(value: object) -> object:
    return _INVITE.sub(r"\1/…", value) if isinstance(value, str) else value
