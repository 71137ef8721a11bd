"""A Celery worker that kills itself where a test marks a step: `celery --app tests.attachments.dying_worker worker`.

A mark is a file called by the step, which the first process that comes to the step takes away and dies of: itself
alone, or with `all` in it the whole worker.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from chat_project.celery import app

MARKS = Path(os.environ["DEATH_MARKS"])
settings.MEDIA_ROOT = os.environ["TEST_MEDIA_ROOT"]
app.set_default()
app.loader.import_default_modules()

from attachments.services import pipeline, steps  # noqa: E402


@contextmanager
def _deadly(step: str) -> Iterator[None]:
    yield
    mark = MARKS / step
    try:
        whole = mark.read_text() == "all"
        mark.unlink()
    except FileNotFoundError:
        return
    if whole:
        os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


steps.timed_step = pipeline.timed_step = _deadly
