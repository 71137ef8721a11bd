"""Accounts' tasks; the work and its rules are in services."""

from celery import shared_task

from accounts.services import cleanup, email_verification, export_jobs, mailing, push
from chat_project.core import limits
from conversations.services import leaving


@shared_task(acks_late=True)
def cleanup_sessions() -> None:
    """Delete sessions that ended long ago, and what sign-ins left. Safe to run twice, and to be killed anywhere."""
    cleanup.cleanup_sessions()
    cleanup.cleanup_sign_ins()
    push.cleanup_subscriptions()


@shared_task(acks_late=True)
def cleanup_names() -> None:
    """Open names whose reservation has ended. Safe to run twice."""
    cleanup.cleanup_names()


@shared_task(acks_late=True)
def send_mail(mail_id: str) -> None:
    """Send one mail. Safe to run twice; killed in the middle, it may send the mail twice."""
    mailing.deliver_mail(mail_id=mail_id)


@shared_task(acks_late=True)
def send_due_mails() -> None:
    """Send the mails that failed before, and those that the worker was never told of. Safe to run twice."""
    mailing.deliver_due_mails()


@shared_task(acks_late=True)
def cleanup_mails() -> None:
    """Give up old mails, and addresses that nobody proved in time. Safe to run twice."""
    mailing.cleanup_mails()
    email_verification.cleanup_pending_emails()


@shared_task(acks_late=True)
def cleanup_limits() -> None:
    """Delete the windows of limits that were counted without Redis and have ended. Safe to run twice."""
    limits.cleanup_windows()


@shared_task(acks_late=True)
def cleanup_objects() -> None:
    """Delete stored objects that nobody names. Safe to run twice, and to be killed anywhere."""
    cleanup.cleanup_objects()


@shared_task(acks_late=True)
def run_export(job_id: str) -> None:
    """Make an export that somebody asked for. Safe to run twice, and to be killed anywhere."""
    export_jobs.run_export(job_id=job_id)


@shared_task(acks_late=True)
def cleanup_exports() -> None:
    """Take up exports whose worker died, and delete those whose time has passed. Safe to run twice."""
    export_jobs.cleanup_exports()
    export_jobs.deliver_due_exports()


@shared_task(acks_late=True)
def cleanup_memberships() -> None:
    """End memberships that closed accounts came to while they closed. Safe to run twice."""
    leaving.end_late_memberships()
