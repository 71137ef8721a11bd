"""The audit log's months."""

from django.db import connection

MONTHS_AHEAD = 24


def make_audit_partitions() -> int:
    """Make the months of the audit log that are missing, up to two years ahead; return how many were made.

    The database does it with the owner's rights, which the server itself has not.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions(%s)", [MONTHS_AHEAD])
        [made] = cursor.fetchone() or (0,)
    return int(made)
