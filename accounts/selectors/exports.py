"""A person's exports: how far the newest is, and the file of a finished one."""

from django.utils import timezone

from accounts.enums import ExportStatus
from accounts.errors import ExportNotFoundError
from accounts.models import ExportJob, User


def latest_export(*, viewer: User) -> ExportJob | None:
    """Return the viewer's newest export; None where they asked for none, or its time has passed."""
    job = ExportJob.objects.filter(user_id=viewer.pk).order_by("-id").first()
    is_over = job is not None and job.expires_at is not None and job.expires_at <= timezone.now()
    return None if is_over else job


def get_finished_export(*, viewer: User, job_id: str) -> ExportJob:
    """Return an export of the viewer's that can be fetched. Raises ExportNotFoundError."""
    jobs = ExportJob.objects.filter(
        id=job_id, user_id=viewer.pk, status=ExportStatus.READY, expires_at__gt=timezone.now()
    )
    job = jobs.first()
    if job is None:
        raise ExportNotFoundError
    return job
