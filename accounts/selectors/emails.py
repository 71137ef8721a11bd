"""Addresses that are yet to be proven."""

from accounts.models import PendingEmail


def get_pending_email(*, user_id: str) -> str | None:
    """Return the address that a person has asked to change to, or has yet to prove; None where there is none."""
    return PendingEmail.objects.filter(user_id=user_id).values_list("email", flat=True).first()
