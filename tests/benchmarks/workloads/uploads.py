"""Messages while somebody uploads a large file, and the memory that it takes."""

import asyncio
import http.client
import statistics
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from tests.benchmarks.people import Person, Room, make_dms, make_people
from tests.benchmarks.stage import Aim, Findings, Run, Stage, Workload, require
from tests.benchmarks.wire import Tally
from tests.benchmarks.workloads.sends import Sender

FILE_MEBIBYTES = 100
MESSAGES = 400
PAUSE_SECONDS = 0.01

_MEBIBYTE = bytes(1024 * 1024)
_BOUNDARY = "bench"
_HEAD = (
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="bench.bin"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()
_TAIL = f"\r\n--{_BOUNDARY}--\r\n".encode()


def _two_dms() -> list[Room]:
    persons = make_people(4)
    return make_dms([(persons[0], persons[1]), (persons[2], persons[3])])


def _upload(port: int, person: Person, room: Room, mebibytes: int) -> int:
    """Upload a file; return the status. To be called in a thread."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {
        "Host": "localhost",
        "Authorization": f"Bearer {person.access}",
        "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
        "Content-Length": str(len(_HEAD) + mebibytes * len(_MEBIBYTE) + len(_TAIL)),
    }

    def form() -> Iterator[bytes]:
        yield _HEAD
        for _ in range(mebibytes):
            yield _MEBIBYTE
        yield _TAIL

    try:
        connection.request("POST", f"/api/v1/conversations/{room.id}/attachments", body=form(), headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


@asynccontextmanager
async def upload_100(stage: Stage) -> AsyncIterator[Run]:
    """One message after the other in one DM, first alone, then while files are uploaded to another, one by one."""
    free, busy = await stage.built(_two_dms)
    mebibytes = stage.size(FILE_MEBIBYTES)

    async def upload() -> None:
        status = await asyncio.to_thread(_upload, stage.port, busy.people[0], busy, mebibytes)
        require(status == 201, f"an upload was answered {status}")

    async with stage.sockets(free.people) as (sockets, tally):
        sender = Sender(sockets[0], free)

        async def run(messages: int) -> Findings:
            alone = [await _timed(sender, tally) for _ in range(messages)]
            # What is imported and pooled for the first upload is no part of what one takes.
            await upload()
            stage.tree.forget_web_peak()
            held = stage.tree.web_peak()
            beside: list[float] = []
            uploading = asyncio.create_task(upload())
            while len(beside) < messages:
                if uploading.done():
                    await uploading
                    uploading = asyncio.create_task(upload())
                beside.append(await _timed(sender, tally))
            await uploading
            return {
                "late": _p99(beside) - _p99(alone),
                "late_median": statistics.median(beside) - statistics.median(alone),
                "memory": (stage.tree.web_peak() - held) / 1024,
            }

        yield run


async def _timed(sender: Sender, tally: Tally) -> float:
    """Return the milliseconds till both had a message, and the sender its reply."""
    began = time.perf_counter()
    tally.expect(3)
    sender.send()
    await tally.complete()
    took = time.perf_counter() - began
    await asyncio.sleep(max(0.0, PAUSE_SECONDS - took))
    return took * 1e3


def _p99(values: list[float]) -> float:
    return sorted(values)[round(0.99 * (len(values) - 1))]


WORKLOADS = (
    Workload(
        name="upload_100",
        play=upload_100,
        operations=MESSAGES,
        warm_up=20,
        aims=(
            Aim("late", "ms later at p99", 50.0),
            Aim("late_median", "ms later"),
            Aim("memory", "MiB more in the web process", 16.0),
        ),
    ),
)
