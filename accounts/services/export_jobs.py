"""Exports that people ask for: made by a worker, kept for a while, and fetched by whom they belong to alone."""

import logging
import secrets
import tempfile
from datetime import datetime, timedelta
from functools import partial

from celery import current_app
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.discarding import announce_objects, discard_objects, keep_objects
from accounts.enums import ExportStatus
from accounts.errors import ExportRunningError
from accounts.mails import send_mail_later
from accounts.models import ExportJob, User
from accounts.models.exports import UNFINISHED_EXPORTS
from accounts.services.credentials import confirm_password
from accounts.services.export import write_export
from chat_project.core import audit
from chat_project.core.limits import hit

# By its name: tasks stand above services.
_TASK = "accounts.tasks.run_export"
EXPORTS_A_DAY = 5
# A worker says each second that it is at it. Who has been silent for so long is dead.
SILENT_FOR = timedelta(minutes=5)
GIVEN_UP_AFTER = timedelta(days=1)

logger = logging.getLogger(__name__)


class ExportGoneError(Exception):
    """The job was taken away while a worker was at it: its person has left, or another worker took it over."""


def request_export(*, user: User, password: str) -> ExportJob:
    """Have a worker make somebody's export; the one before it goes. A mail tells when it is ready.

    Raises: InvalidError of `password`, TooManyRequestsError, ExportRunningError.
    """
    confirm_password(user=user, password=password)
    hit(f"export:{user.pk}", limit=EXPORTS_A_DAY, seconds=86_400)
    try:
        with transaction.atomic():
            job = ExportJob.objects.create(user_id=user.pk)
            _forget(ExportJob.objects.filter(user_id=user.pk).exclude(status__in=UNFINISHED_EXPORTS))
            audit.record(actor_id=user.pk, action="export.requested", target=job)
            transaction.on_commit(partial(_tell_worker, job.id), robust=True)
    except IntegrityError:
        raise ExportRunningError from None
    return job


def run_export(*, job_id: str) -> bool:
    """Make the export of a job; tell whether this caller did. Of several at once one does.

    A worker that dies is known by its silence: the job begins anew. What the storage then holds for nobody is swept.
    """
    job = _claimed(job_id)
    if job is None:
        return False
    key = f"exports/{secrets.token_hex(16)}.zip"
    try:
        with tempfile.TemporaryFile(dir=settings.DATA_DIR) as file:
            write_export(user_id=job.user_id, target=file, progress=partial(_note, job))
            size = file.tell()
            file.seek(0)
            announce_objects(key)
            default_storage.save(key, File(file))
    except ExportGoneError:
        return False
    except Exception:
        logger.exception("an export failed")
        _running(job).update(status=ExportStatus.FAILED, finished_at=timezone.now(), expires_at=_expiry())
        return False
    return _finish(job, key, size)


def deliver_due_exports() -> int:
    """Run what no worker was told of, or whose worker died; give up what goes on for a day. Returns how many ran."""
    now = timezone.now()
    late = ExportJob.objects.filter(status__in=UNFINISHED_EXPORTS, created_at__lt=now - GIVEN_UP_AFTER)
    late.update(status=ExportStatus.FAILED, finished_at=now, expires_at=_expiry())
    silent = ExportJob.objects.filter(status__in=UNFINISHED_EXPORTS, alive_at__lt=now - SILENT_FOR)
    return sum(run_export(job_id=job_id) for job_id in silent.order_by("id").values_list("id", flat=True))


@transaction.atomic
def cleanup_exports() -> int:
    """Delete exports whose time has passed, and their files. Returns how many."""
    return _forget(ExportJob.objects.filter(expires_at__lt=timezone.now()))


def _claimed(job_id: str) -> ExportJob | None:
    now = timezone.now()
    free = Q(status=ExportStatus.PENDING) | Q(status=ExportStatus.RUNNING, alive_at__lt=now - SILENT_FOR)
    jobs = ExportJob.objects.filter(free, id=job_id)
    if not jobs.update(status=ExportStatus.RUNNING, alive_at=now, done=0):
        return None
    return ExportJob.objects.filter(id=job_id, alive_at=now).first()


def _note(job: ExportJob, done: int, total: int) -> None:
    """Say how far it is. Raises ExportGoneError where the job is nobody's any more, or somebody else's."""
    now = timezone.now()
    if not _running(job).update(done=done, total=total, alive_at=now):
        raise ExportGoneError
    job.alive_at = now


@transaction.atomic
def _finish(job: ExportJob, key: str, size: int) -> bool:
    ready = {"status": ExportStatus.READY, "object_key": key, "size": size}
    if not _running(job).update(**ready, finished_at=timezone.now(), expires_at=_expiry()):
        return False
    keep_objects(key)
    audit.record(actor_id=job.user_id, action="export.made", target=job, size=size)
    send_mail_later(kind="export_ready", user_id=job.user_id, context={"days": settings.EXPORT_RETENTION_DAYS})
    return True


def _running(job: ExportJob) -> QuerySet[ExportJob]:
    return ExportJob.objects.filter(id=job.id, status=ExportStatus.RUNNING, alive_at=job.alive_at)


def _forget(jobs: QuerySet[ExportJob]) -> int:
    keys = [key for key in jobs.values_list("object_key", flat=True) if key]
    discard_objects(*keys)
    return jobs.delete()[0]


def _expiry() -> datetime:
    return timezone.now() + timedelta(days=settings.EXPORT_RETENTION_DAYS)


def _tell_worker(job_id: str) -> None:
    try:
        current_app.send_task(_TASK, [job_id], retry=False)
    except OperationalError as error:
        # The row waits for the clock.
        logger.warning("an export waits for the clock: %s", type(error).__name__)
