"""Time in milliseconds since 1970, as the crowd's arithmetic has it."""

from datetime import UTC, datetime, timedelta

HOUR = 3_600_000
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    """Return a moment as milliseconds."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def stamp(milliseconds: int) -> str:
    """Return a moment as a timestamptz column takes it."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()
