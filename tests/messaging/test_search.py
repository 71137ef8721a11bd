"""Searching messages: what words find in which script, whose messages are found, and what is shown of them."""

import itertools
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat_project.core.cache import redis_client
from conversations.enums import ConversationType
from conversations.services import add_members, create_conversation, remove_member, update_conversation
from messaging import search
from messaging.models import Message
from messaging.search import Filters
from messaging.services import delete_message, searching
from messaging.services.searching import search_messages
from tests.accounts.clients import Api, Browser
from tests.messaging.drafting import send
from tests.threads import at_once


def say(sender, conversation, content, **fields):
    return send(sender, conversation, content, **fields)[0]


def ask(viewer, q, **params):
    return Api.of(viewer).get(f"search/messages?{urlencode({'q': q, **params})}")


def found(viewer, q, **params):
    answer = ask(viewer, q, **params)
    assert answer.status_code == 200, answer.json()
    return [hit["message"]["content"] for hit in answer.json()["results"]]


@pytest.fixture(params=["by the index", "by a walk"])
def way(request, monkeypatch):
    """Both ways of finding: rare words, and words that stand in too many messages."""
    if request.param == "by a walk":
        monkeypatch.setattr(search, "RARE_MAX", 0)
    return request.param


@pytest.mark.parametrize(
    ("text", "q"),
    [
        ("See you at the Café tomorrow", "cafe"),
        ("See you at the Café tomorrow", "you tomor"),
        ("Die STRASSE ist lang", "straße"),
        ("mail anna@example.org today", "anna@exam"),
        ("Погода в субботу обещает быть хорошей, ёлки", "суббот"),
        ("Погода в субботу обещает быть хорошей, ёлки", "ПОГОДА елки"),
        ("هل وصَلَ الطرد؟", "وصل"),
        ("هل وصل الطرد إلى المكتب", "الطر"),
        ("我们明天早上在车站见面", "车站"),
        ("我们明天早上在车站见面", "面"),
        ("我们明天早上在车站见面", "早上在车"),
        ("明日の朝、駅の改札で待ち合わせしましょう", "改札"),
        ("東京タワーへ行く", "タワー"),
        ("東京タワーへ行く", "ﾀﾜｰ"),
        ("우리 학교에서 만나요", "학교"),
        ("우리 학교에서 만나요", "교에서"),
        ("우리 학교에서 만나요", "만"),
        ("ฉันอยู่ที่กรุงเทพมหานคร", "กรุงเทพ"),
        ("ฉันอยู่ที่กรุงเทพมหานคร", "มหานคร"),
        ("मैं हिन्दी बोलता हूँ", "हिन्दी"),
    ],
)
def test_words_are_found_in_every_script(group, owner, member, way, text, q):
    say(owner, group, text)
    say(owner, group, "Something else: 其他, 다른, อื่น, другое, آخر")
    assert found(member, q) == [text]


@pytest.mark.parametrize("q", ["orrow", "tomor you", "车见", "站见早", "교우", "суббота", '"you the"', "हन्द"])
def test_parts_of_words_with_spaces_and_other_orders_of_letters_are_not_found(group, owner, member, way, q):
    say(owner, group, "See you at the Café tomorrow")
    say(owner, group, "我们明天早上在车站见面")
    say(owner, group, "우리 학교에서 만나요")
    say(owner, group, "Погода в субботу")
    say(owner, group, "हिन्दी")
    assert found(member, q) == []


def test_quoted_words_stand_together_in_their_order(group, owner, member, way):
    say(owner, group, "the blue folder")
    say(owner, group, "the folder is blue")
    say(owner, group, "日本 語学")
    assert found(member, '"blue folder"') == ["the blue folder"]
    assert found(member, "blue folder") == ["the folder is blue", "the blue folder"]
    assert found(member, '"日本 語学"') == ["日本 語学"]
    assert found(member, '"blue fold"') == []


def test_nothing_but_quotes_is_an_operator(group, owner, member):
    say(owner, group, "cats & dogs | (birds) !fish <-> 'x':* \\ %s")
    for q in ("cats & dogs", "!fish", "cats | nothing' :* OR", "(birds)", "'x':*", "\\", "%s", "<->", '"', '""', "''"):
        assert ask(member, q).status_code == 200
    assert len(found(member, "!fish (birds)")) == 1
    assert found(member, "cats | elephants") == []
    assert found(member, "& | !") == []


def test_only_what_the_viewer_may_see_is_found(group, owner, member, outsider, way):
    say(owner, group, "secret early")
    update_conversation(actor=owner, conversation_id=group.pk, changes={"settings": {"history_for_new_members": False}})
    add_members(actor=owner, conversation_id=group.pk, user_ids=[outsider.pk])
    say(owner, group, "secret late")
    gone = say(owner, group, "secret gone")
    delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=gone["id"])
    assert found(outsider, "secret") == ["secret late"]
    assert found(member, "secret") == ["secret late", "secret early"]
    remove_member(actor=owner, conversation_id=group.pk, user_id=outsider.pk)
    assert found(outsider, "secret") == []


def test_what_has_expired_is_not_found(group, owner, member, way):
    sent = say(owner, group, "secret")
    Message.objects.filter(id=sent["id"]).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert found(member, "secret") == []


def test_rights_are_judged_anew_where_the_answer_is_cached(group, owner, member):
    kept = say(owner, group, "secret one")
    gone = say(owner, group, "secret two")
    assert found(member, "secret") == ["secret two", "secret one"]
    delete_message(actor_id=owner.pk, conversation_id=group.pk, message_id=gone["id"])
    with CaptureQueriesContext(connection) as queries:
        assert found(member, "secret") == [kept["content"]]
    assert not any("@@" in query["sql"] for query in queries.captured_queries)
    remove_member(actor=owner, conversation_id=group.pk, user_id=member.pk)
    assert found(member, "secret") == []


def test_filters_narrow(group, owner, member, way):
    other_id, _ = create_conversation(
        creator=owner, type=ConversationType.GROUP, title="Others", member_ids=[member.pk]
    )
    here = say(owner, group, "word by olga")
    say(member, group, "word by milan")
    there = send(owner, type(group).objects.get(pk=other_id), "word elsewhere")[0]
    assert found(member, "word") == ["word elsewhere", "word by milan", "word by olga"]
    assert found(member, "word", conversation_id=other_id) == ["word elsewhere"]
    assert found(member, "word", sender_id=member.pk) == ["word by milan"]
    assert found(member, "word", type="IMAGE") == []
    assert found(member, "word", type="TEXT", until=there["created_at"]) == ["word by milan", "word by olga"]
    assert found(member, "word", since=there["created_at"]) == ["word elsewhere"]
    assert found(member, "word", until=here["created_at"]) == []


@pytest.mark.parametrize(
    "params",
    [
        {"q": "x" * 257},
        {"q": " ".join(["x"] * 17)},
        {"type": "NOTHING"},
        {"sender_id": "me"},
        {"since": "yesterday"},
        {"until": "2026-01-01T00:00:00"},
        {"until": "0001-01-01T00:00:00+14:00"},
        {"cursor": "nonsense"},
        {"limit": "0"},
        {"q": "\x00"},
    ],
)
def test_bad_parameters_are_told(member, params):
    answer = ask(member, **{"q": "x", **params})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [list(params)[-1]])


def test_a_conversation_of_others_is_not_there(group, outsider, member):
    for conversation_id in (group.pk, "c" + "0" * 24, "nonsense"):
        assert ask(outsider, "x", conversation_id=conversation_id).status_code == 404
    assert ask(member, "x", conversation_id=group.pk).status_code == 200


def test_pages_go_on_from_where_the_last_one_ended_while_messages_arrive(group, owner, member, way):
    other_id, _ = create_conversation(
        creator=owner, type=ConversationType.GROUP, title="Others", member_ids=[member.pk]
    )
    rooms = [group, type(group).objects.get(pk=other_id)]
    said = [say(owner, rooms[number % 2], f"word {number}")["content"] for number in range(11)]
    pages, cursor = [], None
    while True:
        answer = ask(member, "word", limit=3, **({} if cursor is None else {"cursor": cursor})).json()
        pages.append([hit["message"]["content"] for hit in answer["results"]])
        cursor = answer["next"]
        if cursor is None:
            break
        say(owner, group, f"new word {len(pages)}")
    assert [len(page) for page in pages] == [3, 3, 3, 2]
    assert list(itertools.chain(*pages)) == said[::-1]


def test_a_walk_that_gives_up_goes_on_at_the_next_page(group, owner, member, monkeypatch):
    monkeypatch.setattr(search, "RARE_MAX", 0)
    monkeypatch.setattr(search, "WALK_MAX", 3)
    monkeypatch.setattr(search, "_FIRST_DEPTH", 2)
    monkeypatch.setattr(search, "_DEPTH_MAX", 2)
    say(owner, group, "needle one")
    for number in range(9):
        say(owner, group, f"hay {number}")
    say(owner, group, "needle two")
    contents, cursor, pages = [], None, 0
    while pages == 0 or cursor is not None:
        answer = ask(member, "needle", **({} if cursor is None else {"cursor": cursor})).json()
        contents += [hit["message"]["content"] for hit in answer["results"]]
        cursor, pages = answer["next"], pages + 1
    assert contents == ["needle two", "needle one"]
    assert 1 < pages < 12


def test_a_cursor_is_good_for_its_search_and_person_alone(group, owner, member):
    for number in range(3):
        say(owner, group, f"word {number}")
    cursor = ask(member, "word", limit=1).json()["next"]
    assert ask(member, "word", limit=1, cursor=cursor).status_code == 200
    assert ask(member, "words", limit=1, cursor=cursor).json()["code"] == "invalid_cursor"
    assert ask(owner, "word", limit=1, cursor=cursor).json()["code"] == "invalid_cursor"


def test_matches_are_marked_in_utf_16_units(group, owner, member):
    say(owner, group, "🎉🎉 Café 東京タワー cafeteria")
    [hit] = ask(member, "タワ caf").json()["results"]
    units = hit["snippet"].encode("utf-16-le")
    marked = [units[2 * start : 2 * end].decode("utf-16-le") for start, end in hit["highlights"]]
    assert marked == ["Caf", "タワ", "caf"]


def test_a_snippet_of_a_long_text_shows_the_match(group, owner, member):
    say(owner, group, f"{'before ' * 200}needle {'after ' * 200}")
    [hit] = ask(member, "needle").json()["results"]
    [[start, end]] = hit["highlights"]
    assert hit["snippet"][start:end] == "needle"
    assert hit["snippet"].startswith("…before ")
    assert hit["snippet"].endswith("…")
    assert len(hit["snippet"]) < 170


def test_the_limit_holds_for_each_person(group, owner, member, settings):
    settings.SEARCHES_PER_MINUTE = 2
    settings.RATE_LIMITS = True
    assert [ask(member, "word").status_code for _ in range(3)] == [200, 200, 429]
    refused = ask(member, "word")
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert ask(owner, "word").status_code == 200


def test_searches_of_every_kind_count_together(group, member, settings):
    settings.SEARCHES_PER_MINUTE = 4
    settings.RATE_LIMITS = True
    api = Api.of(member)
    paths = ("search/messages?q=a", "users/search?q=a", "conversations/public?q=a", "conversations?q=a")
    assert [api.get(path).status_code for path in paths] == [200] * 4
    assert [api.get(path).status_code for path in paths] == [429] * 4
    assert api.get("conversations").status_code == 200


def test_what_is_known_to_be_common_is_found_as_before(group, owner, member, monkeypatch):
    monkeypatch.setattr("messaging.search.RARE_MAX", 1)
    for number in range(3):
        say(owner, group, f"word {number}")
    first = ask(owner, "word").json()["results"]
    assert len(list(redis_client().scan_iter("*common-words*"))) == 1
    assert ask(member, "word").json()["results"] == first
    assert len(first) == 3


def test_the_page_counts_what_it_searches_as_the_api_does(group, member, settings):
    settings.SEARCHES_PER_MINUTE = 2
    browser = Browser()
    browser.sign_in(member)
    path, asked_by_the_page = "/search?q=hik", {"HX-Request": "true"}
    assert b"Hikers" in browser.get(path, headers=asked_by_the_page).content
    refused = browser.get(path, headers=asked_by_the_page)
    assert (refused.status_code, b"Hikers" in refused.content) == (200, False)
    assert Api.of(member).get("users/search?q=hik").status_code == 429


def test_what_takes_longer_than_its_time_is_refused(group, owner, member, monkeypatch):
    say(owner, group, "word")
    monkeypatch.setattr(searching, "_TIMEOUT", "1ms")
    monkeypatch.setattr(search, "_MINE", search._MINE.replace("WHERE", "WHERE pg_sleep(0.2) IS NOT NULL AND", 1))
    answer = ask(member, "word")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer["Retry-After"]) >= 1


@pytest.mark.django_db(transaction=True)
def test_one_person_searches_once_at_a_time(group, owner, member, monkeypatch):
    say(owner, group, "word")
    monkeypatch.setattr(search, "_MINE", search._MINE.replace("WHERE", "WHERE pg_sleep(0.3) IS NOT NULL AND", 1))

    def run(viewer, q):
        return lambda: len(search_messages(viewer=viewer, q=q, filters=Filters()).results)

    *mine, others = at_once(run(member, "wor"), run(member, "word"), run(owner, "word"))
    assert sorted(map(str, mine)) == ["1", "Another search of yours is under way."]
    assert others == 1


def test_a_search_costs_the_same_statements_however_much_there_is(group, owner, member):
    def cost(q):
        with CaptureQueriesContext(connection) as queries:
            search_messages(viewer=member, q=q, filters=Filters())
        return len(queries)

    say(owner, group, "word")
    few = cost("word")
    for number in range(20):
        conversation_id, _ = create_conversation(
            creator=owner, type=ConversationType.GROUP, title="G", member_ids=[member.pk]
        )
        say(owner, type(group).objects.get(pk=conversation_id), f"word {number}")
    assert cost("word ") == few <= 10
