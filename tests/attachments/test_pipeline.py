"""The pipeline in a real worker that dies by SIGKILL, and at once in several."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connections
from django.utils import timezone

from accounts.models import DiscardedObject
from attachments.enums import AttachmentStatus
from attachments.models import Attachment
from attachments.services import pipeline, queueing
from chat_project.embedded.processes import wait_until
from tests.attachments.files import address, client_of, photo, processed, send, uploaded
from tests.attachments.recordings import film

PATIENCE = 120
STEPS = ("size", "sniff", "scan", "store", "media", "finish")


class Workers:
    """Celery workers of the media queue, one at a time."""

    def __init__(self, environment: dict[str, str], marks: Path, log: IO[bytes]) -> None:
        self._environment = {**environment, "DEATH_MARKS": str(marks), "TEST_MEDIA_ROOT": str(settings.MEDIA_ROOT)}
        self._marks = marks
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start a worker; what waits in the queue is soon in its hands."""
        options = ["--queues", "media", "--concurrency", "1", "--loglevel", "WARNING", "--hostname", "dying@%h"]
        flags = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-q", "-A", "tests.attachments.dying_worker", "worker", *options, *flags],
            env={**self._environment, "PYTHONWARNINGS": "ignore"},
            cwd=settings.BASE_DIR,
            stdout=self._log,
            stderr=self._log,
        )

    def mark(self, step: str, what: str = "one") -> None:
        """Have the next process that comes to the end of a step die there."""
        (self._marks / step).write_text(what)

    def wait_for_death(self) -> None:
        """Wait until the whole worker is dead."""
        assert self._process is not None
        self._process.wait(PATIENCE)

    def stop(self) -> None:
        """End the worker."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(PATIENCE)

    def output(self) -> str:
        """Return what the workers have logged."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")


@pytest.fixture
def workers(live_chat: Any, tmp_path: Path) -> Iterator[Workers]:
    marks = tmp_path / "marks"
    marks.mkdir()
    with tempfile.TemporaryFile() as log:
        made = Workers(live_chat.environment, marks, log)
        yield made
        made.stop()


def finished(row: Attachment, workers: Workers) -> Attachment:
    """Return a file once a worker has finished it."""

    def is_finished() -> bool:
        row.refresh_from_db()
        return row.is_processed

    assert wait_until(is_finished, PATIENCE), workers.output()
    return row


def stored() -> set[str]:
    """Return the keys of all files in the storage."""
    return {f"attachments/{name}" for name in default_storage.listdir("attachments")[1]}


def discarded() -> set[str]:
    """Return the keys that the sweep will take."""
    return set(DiscardedObject.objects.values_list("key", flat=True))


def named(row: Attachment) -> set[str]:
    """Return the keys that a file names."""
    return {key for key in (row.object_key, row.thumbnail_key, row.preview_key) if key}


def test_whatever_step_a_process_is_killed_at_the_file_is_ready_in_the_end(group, owner, workers):
    workers.start()
    for step in STEPS:
        workers.mark(step)
        row = finished(uploaded(owner, group, photo()), workers)
        assert (step, row.status, row.error) == (step, AttachmentStatus.READY, "")
        # Killed at its end, the last step was done: the file was finished at the first time.
        assert row.attempts == (1 if step == "finish" else 2)
        # What it was made from goes after the commit that finishes it.
        assert wait_until(lambda row=row: not stored() - named(row) - discarded(), PATIENCE)
        assert named(row) <= stored()
        Attachment.objects.all().delete()
        for key in stored():
            default_storage.delete(key)
        DiscardedObject.objects.all().delete()


def test_when_the_whole_worker_is_killed_the_sweep_brings_the_file_to_the_next(group, owner, workers):
    workers.mark("media", "all")
    workers.start()
    row = uploaded(owner, group, film())
    workers.wait_for_death()
    row.refresh_from_db()
    assert (row.status, row.attempts) == (AttachmentStatus.PROCESSING, 1)
    assert queueing.enqueue_unfinished() == 1
    workers.start()
    row = finished(row, workers)
    assert (row.status, row.error) == (AttachmentStatus.READY, "")


@pytest.mark.django_db
def test_a_file_that_always_kills_is_given_up(group, owner):
    row = uploaded(owner, group, photo())
    Attachment.objects.filter(id=row.id).update(attempts=pipeline.MOST_ATTEMPTS, status=AttachmentStatus.PROCESSING)
    row = processed(row)
    assert (row.status, row.error) == (AttachmentStatus.FAILED, "It could not be checked.")


@pytest.mark.django_db
def test_a_storage_that_is_out_of_reach_is_waited_for_a_day(group, owner):
    row = uploaded(owner, group, photo())
    path = Path(default_storage.path(row.object_key))
    kept = path.rename(path.with_suffix(".kept"))
    # A link to itself: any use of it is an error of the storage, and the file is not gone.
    path.symlink_to(path)

    def fail() -> None:
        for _ in range(pipeline.MOST_ATTEMPTS):
            with pytest.raises(OSError, match="symbolic links"):
                processed(row)

    fail()
    Attachment.objects.filter(id=row.id).update(created_at=timezone.now() - pipeline.WAITED_FOR)
    fail()
    path.unlink()
    kept.rename(path)
    assert processed(row).status == AttachmentStatus.FAILED
    Attachment.objects.filter(id=row.id).update(attempts=0, status=AttachmentStatus.UPLOADED, is_processed=False)
    assert processed(row).status == AttachmentStatus.READY


@pytest.mark.django_db(transaction=True)
def test_a_file_is_in_one_hand_at_a_time_and_may_be_sent_meanwhile(group, owner):
    row = uploaded(owner, group, photo())
    with pipeline._alone(row.id) as is_mine, ThreadPoolExecutor(1) as pool:
        assert is_mine

        def another() -> None:
            try:
                pipeline.process(conversation_id=row.conversation_id, attachment_id=row.id)
            finally:
                connections.close_all()

        pool.submit(another).result(PATIENCE)
        row.refresh_from_db()
        assert (row.status, row.attempts) == (AttachmentStatus.UPLOADED, 0)
        assert send(owner, group, attachment_ids=[row.id]).status_code == 201
    assert processed(row).status == AttachmentStatus.READY


@pytest.mark.django_db
def test_what_is_taken_back_while_it_is_checked_leaves_nothing(group, owner, monkeypatch):
    row = uploaded(owner, group, photo())
    real = pipeline.checked

    def taken_back(mine: Attachment) -> Any:
        found = real(mine)
        assert client_of(owner).delete(address(group, f"attachments/{row.id}")).status_code == 204
        return found

    monkeypatch.setattr(pipeline, "checked", taken_back)
    pipeline.process(conversation_id=row.conversation_id, attachment_id=row.id)
    assert not Attachment.objects.filter(id=row.id).exists()
    assert stored() <= set(DiscardedObject.objects.values_list("key", flat=True))
