"""What it costs to ask who somebody is in a conversation: nothing that grows with its members."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversations.models import ConversationMember
from conversations.selectors.memberships import get_membership
from tests.factories import UserFactory

MEMBERS = 300


def rows_read(plan):
    """Return how many rows each node of a plan has read."""
    return [plan["Actual Rows"], *(rows for node in plan.get("Plans", ()) for rows in rows_read(node))]


def test_a_membership_in_a_large_group_is_read_without_its_other_members(group, member):
    people = UserFactory.create_batch(MEMBERS)
    ConversationMember.objects.bulk_create(
        ConversationMember(conversation_id=group.pk, user_id=each.pk) for each in people
    )
    with CaptureQueriesContext(connection) as captured:
        get_membership(viewer_id=member.pk, conversation_id=group.pk)
    [query] = captured.captured_queries
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE users, conversations, conversation_members")
        # In tables as small as a test's, reading all would be right.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query["sql"])
        [[plan]] = cursor.fetchall()
    assert max(rows_read(plan[0]["Plan"])) <= 1
