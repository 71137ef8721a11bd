"""The process' writer: group commit, one level above the database's own.

What sockets send while a commit is under way waits, and is appended by the next statement, all together; one that is
alone goes at once. Each draft's future resolves when it is on disk. The writer shares no fate between drafts: an
error in a batch retries them one by one, and a conversation whose lock is held goes to a lane of its own.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from chat_project.core.errors import UnavailableError
from messaging.append_connection import AppendConnection
from messaging.drafts import Draft
from messaging.timeline import Appended, Outcome

BATCH_MAX = 64
WAITING_MAX = 1000
LANES_MAX = 4
CONNECT_SECONDS = 2.0
# After so long a pool gives up on a connection, and tries anew for the next who wants one. It would else double its
# pauses, and come back as late after an outage as the outage was long.
RECONNECT_SECONDS = 2.0

logger = logging.getLogger(__name__)

_Waiting = tuple[Draft, "asyncio.Future[Appended]"]


class Writer:
    """Appends drafts for one event loop."""

    def __init__(self, conninfo: str, *, grouped: bool = True) -> None:
        self._pool = AsyncConnectionPool(
            conninfo,
            min_size=1,
            max_size=LANES_MAX + 1,
            timeout=CONNECT_SECONDS,
            reconnect_timeout=RECONNECT_SECONDS,
            open=False,
            kwargs={"autocommit": True},
        )
        self._idle: list[AppendConnection] = []
        # Not the pool's own wait: that would not hear of a connection that is kept here and becomes free.
        self._slots = asyncio.Semaphore(LANES_MAX + 1)
        self._grouped = grouped
        self._queue: deque[_Waiting] = deque()
        self._lanes: dict[str, deque[_Waiting]] = defaultdict(deque)
        self._lane_slots = asyncio.Semaphore(LANES_MAX)
        self._waiting = 0
        self._running = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def append(self, draft: Draft) -> Appended:
        """Append a draft; it is on disk when this returns APPENDED.

        Raises UnavailableError when too many wait, the database is down, or the conversation stays locked. Whether a
        draft whose connection broke was written is not known: the same client_id again tells.
        """
        if self._waiting >= WAITING_MAX:
            raise UnavailableError("The server is busy. Try again in a moment.")
        await self._open()
        future: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        self._waiting += 1
        try:
            self._accept((draft, future))
            return await future
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Finish what is under way and close the connections."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._idle:
            await self._give_back(self._idle.pop())
        await self._pool.close()

    async def _open(self) -> None:
        if self._pool.closed:
            await self._pool.open()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AppendConnection]:
        """Lend a connection. They are kept: to borrow one of the pool each time cost as much as the statement."""
        async with self._slots:
            connection = await self._open_connection()
            try:
                yield connection
            finally:
                if connection.is_broken:
                    await self._give_back(connection)
                else:
                    self._idle.append(connection)

    async def _open_connection(self) -> AppendConnection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_broken:
                return connection
            await self._give_back(connection)
        return AppendConnection(await self._pool.getconn())

    async def _give_back(self, connection: AppendConnection) -> None:
        """Have the pool replace a connection, which is closed."""
        connection.close()
        await self._pool.putconn(connection.connection)

    def _accept(self, waiting: _Waiting) -> None:
        if waiting[0].conversation_id in self._lanes:
            self._divert(waiting)
        elif not self._grouped:
            self._run(self._write([waiting], wait=True))
        else:
            self._queue.append(waiting)
            if not self._running:
                self._running = True
                self._run(self._write_queue())

    async def _write_queue(self) -> None:
        try:
            while self._queue:
                batch: list[_Waiting] = []
                while self._queue and len(batch) < BATCH_MAX:
                    waiting = self._queue.popleft()
                    # Those before it may wait in a lane since it came: it does not overtake them.
                    if waiting[0].conversation_id in self._lanes:
                        self._divert(waiting)
                    else:
                        batch.append(waiting)
                if batch:
                    await self._write(batch, wait=False)
        finally:
            self._running = False

    def _divert(self, waiting: _Waiting) -> None:
        """Have a draft wait in its conversation's lane."""
        conversation_id = waiting[0].conversation_id
        has_lane = conversation_id in self._lanes
        self._lanes[conversation_id].append(waiting)
        if not has_lane:
            self._run(self._write_lane(conversation_id))

    async def _write_lane(self, conversation_id: str) -> None:
        """Wait for one conversation's lock, away from the others; drafts keep their order."""
        lane = self._lanes[conversation_id]
        async with self._lane_slots:
            while lane:
                batch = [lane.popleft() for _ in range(min(BATCH_MAX, len(lane)))]
                await self._write(batch, wait=True)
        del self._lanes[conversation_id]

    async def _write(self, batch: Sequence[_Waiting], *, wait: bool) -> None:
        try:
            async with self._connection() as connection:
                results = await connection.append([draft for draft, _ in batch], wait=wait)
        except PoolTimeout:
            logger.warning("drafts could not be written: no connection to the database")
            # Who waits behind would only wait as long again.
            _fail([*batch, *self._queue], UnavailableError())
            self._queue.clear()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
            # One row that somebody holds, a member's for example: whose it is, the lanes find out.
            if wait:
                logger.warning("drafts could not be written: %s", type(error).__name__)
                _fail(batch, UnavailableError())
            else:
                for waiting in batch:
                    self._divert(waiting)
        except psycopg.OperationalError as error:
            logger.warning("drafts could not be written: %s", type(error).__name__)
            _fail(batch, UnavailableError())
        except psycopg.Error as error:
            await self._write_apart(batch, error, wait=wait)
        except Exception as error:
            # Whatever it is, nobody waits for ever.
            logger.exception("drafts could not be written")
            await self._write_apart(batch, error, wait=wait)
        else:
            for waiting, appended in zip(batch, results, strict=True):
                self._settle(waiting, appended)

    async def _write_apart(self, batch: Sequence[_Waiting], error: Exception, *, wait: bool) -> None:
        if len(batch) == 1:
            logger.error("a draft could not be written: %s", type(error).__name__)
            _fail(batch, error)
            return
        for waiting in batch:
            if not wait and waiting[0].conversation_id in self._lanes:
                self._divert(waiting)
            else:
                await self._write([waiting], wait=wait)

    def _settle(self, waiting: _Waiting, appended: Appended) -> None:
        if appended.outcome == Outcome.BUSY:
            self._divert(waiting)
        elif not waiting[1].done():
            waiting[1].set_result(appended)

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(error)


@cache
def process_writer() -> Writer:
    """Return the writer of this process."""
    parameters = connections["default"].get_connection_params()
    own = {"cursor_factory", "context", "pool", "server_side_binding", "prepare_threshold", "isolation_level"}
    conninfo = psycopg.conninfo.make_conninfo(**{key: value for key, value in parameters.items() if key not in own})
    return Writer(conninfo, grouped=settings.MESSAGE_WRITER)
