"""The list of conversations and the pages of a history, over REST: what they hold, and what they cost."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from accounts.services.profile import update_me
from conversations.models import Conversation, ConversationMember
from conversations.services import create_conversation, open_dm
from messaging.drafts import Outgoing
from messaging.services import send_message
from tests.accounts.clients import Api

STATEMENTS = 4


def groups(owner, count):
    return [create_conversation(creator=owner, type="GROUP", title=f"Group {number}")[0] for number in range(count)]


def say(sender, conversation_id, content="hi", **fields):
    payload, _ = send_message(
        sender=sender, conversation_id=conversation_id, outgoing=Outgoing.checked(content=content, **fields)
    )
    return payload


def ids(answer):
    return [row["id"] for row in answer.json()["results"]]


def test_pinned_first_then_by_last_activity_and_the_archive_apart(owner):
    first, second, third = groups(owner, 3)
    say(owner, first)
    ConversationMember.objects.filter(conversation_id=second).update(is_pinned=True)
    ConversationMember.objects.filter(conversation_id=third).update(is_archived=True)
    api = Api.of(owner)
    assert ids(api.get("conversations")) == [second, first]
    assert ids(api.get("conversations?archived=true")) == [third]


def test_the_list_is_filtered_by_type_and_by_name(owner, member):
    [group] = groups(owner, 1)
    dm, _ = open_dm(creator=owner, user_id=member.pk)
    api = Api.of(owner)
    assert ids(api.get("conversations?type=DM")) == [dm]
    assert ids(api.get("conversations?q=group")) == [group]
    assert ids(api.get("conversations?q=MILA")) == [dm]
    assert api.get("conversations?type=PARTY").status_code == 400


@pytest.mark.parametrize(
    ("title", "q"),
    [
        ("Crème Brûlée", "creme b"),
        ("creme", "CRÈME"),
        ("Straße", "STRASSE"),
        ("\uff28\uff49\uff4b\uff45\uff52\uff53", "hikers"),
        ("Ёлка", "елка"),
        ("القَهْوَة", "القهوة"),
        ("東京タワー", "京タ"),
    ],
)
def test_names_are_found_whatever_the_case_accents_and_width(owner, member, title, q):
    create_conversation(creator=owner, type="GROUP", title="Something else")
    found, _ = create_conversation(creator=owner, type="GROUP", title=title)
    assert [row["id"] for row in Api.of(owner).get(f"conversations?q={quote(q)}").json()["results"]] == [found]
    update_me(user=member, changes={"display_name": title})
    dm_id, _ = open_dm(creator=owner, user_id=member.pk)
    both = Api.of(owner).get(f"conversations?q={quote(q)}").json()["results"]
    assert {row["id"] for row in both} == {found, dm_id}


def test_pages_stay_right_while_messages_arrive(owner):
    made = groups(owner, 7)
    ConversationMember.objects.filter(conversation_id=made[0]).update(is_pinned=True)
    api = Api.of(owner)
    first = api.get("conversations?limit=3")
    say(owner, made[6])
    second = api.get(f"conversations?limit=3&cursor={first.json()['next']}")
    third = api.get(f"conversations?limit=3&cursor={second.json()['next']}")
    assert ids(first) + ids(second) + ids(third) == [made[0], *reversed(made[1:])]
    assert third.json()["next"] is None


@pytest.mark.parametrize("cursor", ["", "x", "a.b.c", "é.é.é", "%00"])
def test_a_bad_cursor_is_400(owner, cursor):
    answer = Api.of(owner).get(f"conversations?cursor={cursor}")
    assert answer.status_code == 400
    assert "cursor" in answer.json()["errors"]


def test_a_cursor_is_good_for_its_person_and_its_list_alone(owner, member):
    groups(owner, 3)
    groups(member, 3)
    cursor = Api.of(owner).get("conversations?limit=1").json()["next"]
    assert Api.of(member).get(f"conversations?limit=1&cursor={cursor}").status_code == 400
    assert Api.of(owner).get(f"conversations?limit=1&archived=true&cursor={cursor}").status_code == 400


def test_unread_counts_what_others_sent_and_reading_never_moves_back(group, owner, member):
    sent = [say(owner, group.pk, str(number)) for number in range(3)]
    api = Api.of(member)
    before = api.get(f"conversations/{group.pk}").json()["unread_count"]
    answer = api.post(f"conversations/{group.pk}/read", {"message_id": sent[1]["id"]})
    assert answer.json() == {"last_read_seq": sent[1]["seq"], "unread_count": 1}
    assert before > 1
    back = api.post(f"conversations/{group.pk}/read", {"message_id": sent[0]["id"]})
    assert back.json() == answer.json()
    say(member, group.pk, "mine is read")
    assert api.get(f"conversations/{group.pk}").json()["unread_count"] == 0
    assert Api.of(owner).get(f"conversations/{group.pk}").json()["unread_count"] == 1


@pytest.mark.parametrize("count", [2, 200])
def test_the_list_costs_the_same_however_long(owner, member, count, django_assert_max_num_queries):
    now = timezone.now()
    api = Api.of(owner)
    dm, _ = open_dm(creator=owner, user_id=member.pk)
    say(owner, dm)
    rows = Conversation.objects.bulk_create(
        [Conversation(type="GROUP", title=f"g{number}", member_count=1) for number in range(count - 1)]
    )
    ConversationMember.objects.bulk_create(
        [ConversationMember(conversation=row, user=owner, joined_at=now - timedelta(days=1)) for row in rows]
    )
    api.get("conversations")
    with django_assert_max_num_queries(STATEMENTS):
        answer = api.get("conversations?limit=100")
    assert len(ids(answer)) == min(count, 100)


@pytest.mark.parametrize("count", [5, 50])
def test_a_page_of_history_costs_the_same_however_long(group, owner, member, count, django_assert_max_num_queries):
    first = say(member, group.pk)
    for number in range(count):
        say(owner if number % 2 else member, group.pk, str(number), reply_to_id=first["id"])
    api = Api.of(owner)
    api.get("users/me")
    with django_assert_max_num_queries(STATEMENTS):
        answer = api.get(f"conversations/{group.pk}/messages?limit={count}")
    assert [row["content"] for row in answer.json()["results"]] == [str(n) for n in reversed(range(count))]
    assert answer.json()["results"][0]["reply_to"]["id"] == first["id"]


def test_a_send_over_rest_costs_at_most_four_statements(group, member, django_assert_max_num_queries):
    api = Api.of(member)
    api.post(f"conversations/{group.pk}/messages", {"content": "warm"})
    with django_assert_max_num_queries(STATEMENTS):
        assert api.post(f"conversations/{group.pk}/messages", {"content": "hi"}).status_code == 201


def test_history_goes_on_both_ways_from_a_message(group, owner):
    sent = [say(owner, group.pk, str(number)) for number in range(10)]
    api, path = Api.of(owner), f"conversations/{group.pk}/messages"
    older = api.get(f"{path}?before={sent[5]['id']}&limit=3").json()
    assert [row["content"] for row in older["results"]] == ["4", "3", "2"]
    assert [row["content"] for row in api.get(f"{path}?limit=2&cursor={older['next']}").json()["results"]] == ["1", "0"]
    newer = api.get(f"{path}?after={sent[5]['id']}&limit=2").json()
    assert [row["content"] for row in newer["results"]] == ["6", "7"]
    assert [row["content"] for row in api.get(f"{path}?cursor={newer['next']}").json()["results"]] == ["8", "9"]
    around = api.get(f"{path}?around={sent[5]['id']}&limit=4").json()
    assert [row["content"] for row in around["results"]] == ["7", "6", "5", "4"]
    assert [row["content"] for row in api.get(f"{path}?limit=2&cursor={around['next']}").json()["results"]] == [
        "3",
        "2",
    ]
    previous = api.get(f"{path}?limit=2&cursor={around['previous']}").json()["results"]
    assert [row["content"] for row in previous] == ["8", "9"]


def test_the_smallest_page_around_a_message_is_the_message_and_goes_on_both_ways(group, owner):
    sent = [say(owner, group.pk, str(number)) for number in range(3)]
    api, path = Api.of(owner), f"conversations/{group.pk}/messages"
    around = api.get(f"{path}?around={sent[1]['id']}&limit=1").json()
    assert [row["content"] for row in around["results"]] == ["1"]
    for cursor, content in (("next", "0"), ("previous", "2")):
        [row] = api.get(f"{path}?limit=1&cursor={around[cursor]}").json()["results"]
        assert row["content"] == content
    newest = api.get(f"{path}?around={sent[2]['id']}&limit=1").json()
    assert ([row["content"] for row in newest["results"]], newest["previous"]) == (["2"], None)


@pytest.mark.parametrize("query", ["before=x", "around=%00", "before=a&after=b", "type=PARTY", "limit=0", "limit=x"])
def test_a_bad_query_is_400(group, owner, query):
    answer = Api.of(owner).get(f"conversations/{group.pk}/messages?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_limits_above_100_are_cut(group, owner):
    for number in range(101):
        say(owner, group.pk, str(number))
    answer = Api.of(owner).get(f"conversations/{group.pk}/messages?limit=1000")
    assert len(answer.json()["results"]) == 100
