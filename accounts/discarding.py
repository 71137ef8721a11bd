"""Objects in the storage that no row names: written down before they can get lost, deleted after the commit."""

import logging
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction

from accounts.models import DiscardedObject
from chat_project.core.storage import STORAGE_ERRORS

logger = logging.getLogger(__name__)


def announce_objects(*keys: str) -> None:
    """Write down objects that are about to be stored. Not in the transaction that will name them, which may fail."""
    DiscardedObject.objects.bulk_create([DiscardedObject(key=key) for key in keys], ignore_conflicts=True)


def keep_objects(*keys: str) -> None:
    """Take out what a row names from now on, in the transaction that writes the row."""
    DiscardedObject.objects.filter(key__in=keys).delete()


def discard_objects(*keys: str) -> None:
    """Delete objects once the caller's transaction commits, which takes their keys out of their rows."""
    announce_objects(*keys)
    transaction.on_commit(partial(delete_discarded, *keys), robust=True)


def delete_discarded(*keys: str) -> int:
    """Delete objects that stand as discarded; return how many went. What the storage refuses stays for the sweep."""
    deleted = 0
    for key in DiscardedObject.objects.filter(key__in=keys).values_list("key", flat=True):
        try:
            default_storage.delete(key)
        except STORAGE_ERRORS as error:
            logger.warning("an object could not be deleted: %s", type(error).__name__)
            continue
        deleted += DiscardedObject.objects.filter(key=key).delete()[0]
    return deleted
