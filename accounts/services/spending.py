"""The end of single-use tokens."""

from django.db import IntegrityError, transaction

from accounts.challenges import Challenge
from accounts.models import SpentToken


def spend(challenge: Challenge) -> bool:
    """Use a challenge up, in the transaction of what it is used for; tell whether it was good still.

    Of those who try at once one succeeds: the others wait for its commit.
    """
    try:
        with transaction.atomic():
            SpentToken.objects.create(digest=challenge.digest, expires_at=challenge.expires_at)
    except IntegrityError:
        return False
    return True
