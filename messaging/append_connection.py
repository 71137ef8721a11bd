"""A connection on which the writer appends, spoken to at libpq's own level.

psycopg's cursors, its pool and its waiting cost five times the CPU of the exchange itself (100 µs against 20), and a
message that is alone pays for them alone. Nothing is prepared on the server, so that a pooler between may give each
statement another of its connections.
"""

import asyncio
from collections.abc import Sequence

import psycopg
from psycopg import pq
from psycopg.rows import TupleRow

from messaging import timeline
from messaging.drafts import Draft
from messaging.timeline import Appended

# More than the database gives the statement itself: a server that says nothing for so long is cut off or stands still.
ANSWER_SECONDS = 15.0

_STATEMENT = timeline.APPEND.encode()


class AppendConnection:
    """One open connection in autocommit; one statement at a time."""

    def __init__(self, connection: psycopg.AsyncConnection[TupleRow]) -> None:
        self.connection = connection
        self._pgconn = connection.pgconn
        self._socket = connection.pgconn.socket
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[str] | None = None
        self._result: pq.abc.PGresult | None = None
        self.is_broken = False
        self._loop.add_reader(self._socket, self._readable)

    async def append(self, drafts: Sequence[Draft], *, wait: bool) -> list[Appended]:
        """Append drafts in one statement and transaction; they are on disk when this returns.

        With `wait` false, drafts of conversations whose lock is held come back BUSY. Raises psycopg.Error; where the
        connection broke, OperationalError, and nobody knows what became of the drafts.
        """
        self._answer = self._loop.create_future()
        parameters = [timeline.encoded(drafts).encode(), b"t" if wait else b"f"]
        try:
            self._pgconn.send_query_params(_STATEMENT, parameters)
            self._flush()
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._answer
            return timeline.decoded(drafts, answer)
        except TimeoutError:
            self.close()
            raise psycopg.OperationalError("the database did not answer") from None
        except asyncio.CancelledError:
            self.close()
            raise
        except psycopg.OperationalError:
            if self._pgconn.status != pq.ConnStatus.OK:
                self.close()
            raise
        finally:
            self._answer = None

    def close(self) -> None:
        """Stop listening and close the connection, which can't be used again."""
        if not self.is_broken:
            self.is_broken = True
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._pgconn.finish()

    def _flush(self) -> None:
        """Send what waits; more than the socket takes at once goes out when it is writable."""
        if self._pgconn.flush():
            self._loop.add_writer(self._socket, self._writable)

    def _writable(self) -> None:
        try:
            if not self._pgconn.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.OperationalError as error:
            self._fail(error)

    def _readable(self) -> None:
        """Take what the server says: an answer, or while none is awaited its goodbye."""
        try:
            self._pgconn.consume_input()
            while not self._pgconn.is_busy():
                result = self._pgconn.get_result()
                if result is None:
                    self._answered()
                    return
                self._result = result
        except psycopg.OperationalError as error:
            self._fail(error)

    def _answered(self) -> None:
        result, self._result = self._result, None
        if self._pgconn.status != pq.ConnStatus.OK:
            self._fail(psycopg.OperationalError("the connection to the database was lost"))
        elif self._answer is not None and result is not None and not self._answer.done():
            if result.status == pq.ExecStatus.TUPLES_OK:
                self._answer.set_result((result.get_value(0, 0) or b"[]").decode())
            else:
                self._answer.set_exception(_refusal(result))

    def _fail(self, error: psycopg.OperationalError) -> None:
        self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


def _refusal(result: pq.abc.PGresult) -> psycopg.Error:
    """Return the error of a statement that the database refused, without its detail, which quotes the row."""
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    message = result.error_field(pq.DiagnosticField.MESSAGE_PRIMARY)
    text = (message or b"").decode(errors="replace")
    if state is None:
        return psycopg.OperationalError(text)
    try:
        return psycopg.errors.lookup(state.decode())(text)
    except KeyError:
        return psycopg.DatabaseError(text)
