"""What runs by the clock and belongs to the whole."""

import logging

from celery import shared_task
from django.db import ProgrammingError

from chat_project.core.db.owner import as_owner
from chat_project.core.retention import Policy, apply_policy
from chat_project.retention import POLICIES
from moderation.services.retention import drop_audit_month, list_due_months

logger = logging.getLogger(__name__)


@shared_task(acks_late=True)
def apply_retention() -> None:
    """Take away what is past its time. Safe to run twice at once, and to be killed anywhere."""
    for policy in POLICIES:
        _apply(policy)
    if months := list_due_months():
        try:
            with as_owner():
                for month in months:
                    drop_audit_month(month=month)
        except ProgrammingError:
            logger.warning("the audit log's old months stay: this worker has no role that may drop them")


def _apply(policy: Policy) -> None:
    """Take away what is past its time by one policy. One that fails keeps none of the others from its work."""
    try:
        for progress in apply_policy(policy):
            logger.debug("retention: %s: %d rows", policy.name, progress.rows)
    except Exception:
        logger.exception("retention: %s failed", policy.name)
