"""The pages of the chat, without a browser."""

import gzip
import re
from datetime import timedelta
from importlib import import_module

import minify
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.services.privacy import update_privacy
from accounts.services.sessions import end_all_sessions
from conversations.enums import ConversationType
from conversations.models import ConversationMember
from conversations.services import create_conversation, join_public, open_dm
from messaging.drafts import Outgoing
from messaging.models import Message
from messaging.services import mark_read, send_message
from messaging.services.pace import require_pace
from tests.accounts.clients import Browser
from tests.factories import UserFactory

# The person; the open conversation, its last message, the membership, the messages, what is pinned and how far others
# read; the epoch and the versions; the requests that wait; the list and its last messages; a warning.
STATEMENTS = 14
FIRST_LOAD = 150_000
HTMX = {"HX-Request": "true"}


def say(sender, conversation_id, *texts):
    return [
        send_message(sender=sender, conversation_id=conversation_id, outgoing=Outgoing.checked(content=text))[0]
        for text in texts
    ]


@pytest.fixture
def olga(owner):
    browser = Browser()
    browser.sign_in(owner)
    return browser


def texts_of(answer):
    """Return the texts of the bubbles in an answer, in order."""
    return re.findall(r'<span class="words"[^>]*>([^<]+)</span>', answer.content.decode())


@pytest.mark.parametrize("path", ["/", "/new/", "/list", "/c/c000000000000000000000000"])
def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(db, path):
    answer = Browser().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={path}")


def test_a_part_of_a_page_says_401_to_who_is_not_signed_in_and_htmx_where_to_go(db):
    answer = Browser().get("/list", headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (401, "/login/")


@pytest.mark.django_db(transaction=True)
def test_an_ended_session_ends_the_pages(olga, owner):
    assert olga.get("/").status_code == 200
    end_all_sessions(user_id=owner.pk, reason="revoked")
    assert olga.get("/").status_code == 302


def test_pages_are_not_stored_and_hold_no_inline_script_or_style(olga, owner, group):
    say(owner, group.pk, "hello")
    for path in ("/", f"/c/{group.pk}", "/new/", "/new/group/", "/new/channel/"):
        answer = olga.get(path)
        page = answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", page)
        kinds = re.findall(r"<script([^>]*)>", page)
        assert all("src=" in kind or 'type="application/json"' in kind for kind in kinds)


def test_a_conversation_is_a_whole_page_or_its_middle_alone(olga, owner, group):
    say(owner, group.pk, "hello")
    whole, middle = olga.get(f"/c/{group.pk}"), olga.get(f"/c/{group.pk}", headers=HTMX)
    assert texts_of(whole) == texts_of(middle) == ["hello"]
    assert "<html" in whole.content.decode()
    assert "<html" not in middle.content.decode()
    assert "HX-Request" in middle["Vary"]


def test_who_goes_back_gets_the_conversation_and_no_part_of_the_information_is_a_step(olga, group):
    address = f"/c/{group.pk}/info/media"
    part = olga.get(address, headers=HTMX)
    assert part["HX-Push-Url"] == "false"
    assert "side-part" in part.content.decode()
    middle = olga.get(address, headers={**HTMX, "HX-History-Restore-Request": "true"}).content.decode()
    assert 'class="pane backdrop"' in middle
    assert "side-part" not in middle


def test_where_nothing_is_open_one_is_told_how_to_begin(olga, member, group):
    assert "Choose a conversation to begin" in olga.get("/", headers=HTMX).content.decode()
    group.delete()
    assert "Welcome, Olga" in olga.get("/", headers=HTMX).content.decode()
    assert "Welcome, Olga" in olga.get("/").content.decode()


def test_only_what_one_may_write_in_is_offered_for_a_message(olga, owner, member, group):
    news, _ = create_conversation(creator=member, type=ConversationType.CHANNEL, title="Hiking", member_ids=[owner.pk])
    found = olga.get("/pick?q=hik", headers=HTMX).content.decode()
    assert f'data-to="{group.pk}"' in found
    assert news not in found
    assert "Nothing found for “xyz”." in olga.get("/pick?q=xyz", headers=HTMX).content.decode()


def test_what_is_archived_is_found_by_its_name(olga, owner, group):
    ConversationMember.objects.filter(user=owner).update(is_archived=True)
    assert group.pk in olga.get("/search?q=hik", headers=HTMX).content.decode()
    assert group.pk in olga.get("/pick?q=hik", headers=HTMX).content.decode()
    assert group.pk not in olga.get("/pick", headers=HTMX).content.decode()


def test_a_search_is_narrowed_by_sender_kind_and_age(olga, owner, member, group):
    mine, theirs = say(owner, group.pk, "over the ridge")[0], say(member, group.pk, "down the ridge")[0]
    Message.objects.filter(id=mine["id"]).update(created_at=timezone.now() - timedelta(days=20))

    def found(**narrowing):
        page = olga.get("/search", {"q": "ridge", **narrowing}, headers=HTMX).content.decode()
        return {message["id"] for message in (mine, theirs) if message["id"] in page}

    assert found() == {mine["id"], theirs["id"]}
    assert found(q="ridge from:@milan") == found(q="FROM:milan ridge") == {theirs["id"]}
    assert found(q="ridge from:nobody_here") == set()
    assert found(kind="IMAGE") == set()
    assert found(age="7") == {theirs["id"]}
    assert found(age="30", **{"in": group.pk}) == {mine["id"], theirs["id"]}
    assert found(kind="KING", age="-1") == {mine["id"], theirs["id"]}
    Message.objects.filter(id=mine["id"]).update(type="IMAGE")
    cache.clear()
    assert found(kind="IMAGE") == {mine["id"]}


def test_what_was_found_says_where_it_stands_and_whose_it_is(olga, owner, member, group, django_assert_num_queries):
    dm, _ = open_dm(creator=owner, user_id=member.pk)
    say(member, group.pk, "over the ridge")
    say(owner, dm, "to the ridge")

    def found(**where):
        page = olga.get("/search", {"q": "ridge", **where}, headers=HTMX).content.decode()
        names = re.findall(r'<b>([^<]*)</b><small>(?:<span class="row-author">([^<]*)</span>)?[^<]*<mark>', page)
        return {(name, author) for name, author in names}

    assert found() == {("Hikers", "Milan: "), ("Milan", "You: ")}
    assert found(**{"in": group.pk}) == {("Milan", "")}
    cache.clear()
    with CaptureQueriesContext(connection) as of_two:
        found(age="7")
    news, _ = create_conversation(creator=owner, type=ConversationType.CHANNEL, title="News")
    say(owner, news, "closed: the ridge")
    cache.clear()
    with django_assert_num_queries(len(of_two)):
        assert ("News", "") in found(age="30")


def test_a_line_of_what_was_found_begins_near_the_match(olga, owner, group):
    say(owner, group.pk, "We meet at the hut, and from there it is not far to the ridge", "To the ridge")
    found = olga.get("/search?q=ridge", headers=HTMX).content.decode()
    assert re.findall(r"</span>([^<]*)<mark>ridge</mark>", found) == ["To the ", "…to the "]


def test_no_search_sends_the_token_of_the_forms_among_what_it_found(olga):
    assert 'hx-include="#search-in, #found > input"' in olga.get("/").content.decode()


def test_a_search_says_how_much_it_found(olga, owner, group):
    say(owner, group.pk, "over the ridge", "down the ridge")
    found = olga.get("/search?q=ridge", headers=HTMX).content.decode()
    assert re.search(r'id="found-count" hx-swap-oob="innerHTML">\s*2 results\s*<', found)
    assert "hx-swap-oob" not in olga.get("/search?q=ridge").content.decode()


@pytest.mark.parametrize("part", ["", "/history?cursor=x", "/row"])
def test_an_outsider_is_told_that_there_is_nothing(outsider, group, part):
    browser = Browser()
    browser.sign_in(outsider)
    assert browser.get(f"/c/{group.pk}{part}").status_code == 404
    middle = browser.get(f"/c/{group.pk}{part}", headers=HTMX)
    assert middle.status_code == 404
    assert "no member of it" in middle.content.decode()


def test_history_goes_on_page_by_page_and_a_foreign_cursor_is_refused(olga, owner, member, group):
    say(owner, group.pk, *(f"m{number}" for number in range(120)))
    page = olga.get(f"/c/{group.pk}")
    found = texts_of(page)
    more = re.search(r'data-older="([^"]+)"', page.content.decode()).group(1)
    while more:
        part = olga.get(more)
        found = texts_of(part) + found
        more = re.search(r'data-more="([^"]*)"', part.content.decode()).group(1)
    assert found == [f"m{number}" for number in range(120)]

    milan = Browser()
    milan.sign_in(member)
    foreign = re.search(r'data-older="([^"]+)"', page.content.decode()).group(1)
    assert milan.get(foreign).status_code == 400


def test_much_unread_opens_where_reading_ended_and_can_open_at_the_end(olga, owner, member, group):
    [read] = say(member, group.pk, "the last that was read")
    mark_read(reader_id=owner.pk, conversation_id=group.pk, message_id=read["id"])
    say(member, group.pk, *(f"m{number}" for number in range(100)))
    opened = texts_of(olga.get(f"/c/{group.pk}"))
    assert "the last that was read" in opened
    assert "m99" not in opened
    assert texts_of(olga.get(f"/c/{group.pk}?newest"))[-1] == "m99"


def test_the_list_shows_names_last_words_and_unread_counts(olga, owner, member, group):
    dm, _ = open_dm(creator=owner, user_id=member.pk)
    say(member, dm, "to you alone")
    say(owner, group.pk, "to all")
    rows = olga.get("/list", headers=HTMX).content.decode().split("</li>")
    assert re.search(r"<span>Milan</span>.*to you alone.*1 unread", rows[1], re.S)
    assert re.search(r"<span>Hikers</span>.*You: .*to all", rows[0], re.S)
    assert "unread" not in rows[0].replace("data-last-seq", "")


def test_saved_messages_have_a_name_of_their_own(olga, owner):
    dm, _ = open_dm(creator=owner, user_id=owner.pk)
    say(owner, dm, "buy rope")
    row = olga.get(f"/c/{dm}/row").content.decode()
    assert "Saved messages" in row
    assert "You" not in row


def test_an_archived_conversation_has_no_row(olga, owner, group):
    ConversationMember.objects.filter(conversation=group, user=owner).update(is_archived=True)
    assert olga.get(f"/c/{group.pk}/row").status_code == 204
    assert group.pk not in olga.get("/list", headers=HTMX).content.decode()


def test_who_asks_for_a_part_of_the_list_as_a_page_gets_the_chat(olga, group):
    answer = olga.get("/list?folder=groups&cursor=gone")
    assert (answer.status_code, answer["Location"]) == (302, "/?folder=groups")


def test_everybody_in_a_large_group_is_offered_to_be_mentioned(olga, group):
    people = [UserFactory(username=f"ann{number:03}") for number in range(100)]
    people += [UserFactory(username="zoe", display_name="Zoe van Dyck"), UserFactory(username="zed")]
    ConversationMember.objects.bulk_create(ConversationMember(conversation=group, user=each) for each in people)
    offered = {
        query: olga.get(f"/c/{group.pk}/mentions?q={query}").content.decode() for query in ("Zoe", "dyck", "olga")
    }
    assert re.findall(r'data-name="(\w+)"', offered["Zoe"]) == ["zoe"]
    assert re.findall(r'data-name="(\w+)"', offered["dyck"]) == ["zoe"]
    assert offered["olga"].strip() == ""


def test_a_reader_of_a_channel_is_offered_those_who_run_it_alone(owner, member):
    channel, _ = create_conversation(creator=owner, type=ConversationType.CHANNEL, title="News", handle="news_here")
    for reader in (member, UserFactory(username="olaf")):
        join_public(user=reader, conversation_id=channel)
    browser = Browser()
    browser.sign_in(member)
    assert re.findall(r'data-name="(\w+)"', browser.get(f"/c/{channel}/mentions?q=ol").content.decode()) == ["olga"]


@pytest.mark.parametrize(
    "path",
    [
        "/search",
        "/new/people",
        "/pick",
        "/report",
        "/list",
        "/c/{}",
        "/c/{}/mentions",
        "/c/{}/history",
        "/c/{}/info/members",
    ],
)
@pytest.mark.parametrize("name", ["q", "user", "at", "cursor", "no_such"])
def test_what_no_database_takes_is_refused_in_an_address(olga, group, path, name):
    assert olga.get(path.format(group.pk), {name: "a\0b"}).status_code == 400


@pytest.mark.parametrize(
    "do", ["add", "remove", "ban", "unban", "restrict", "role:ADMIN", "transfer", "approve", "revoke", "save"]
)
def test_what_no_database_takes_is_refused_in_a_form(olga, group, do):
    names = ("usernames", "user", "code", "title", "description", "handle")
    given = {"do": do, "csrfmiddlewaretoken": olga.csrf_token}
    for name in names:
        assert olga.post(f"/c/{group.pk}/info/members", {**given, name: "a\0b"}).status_code == 400


def test_a_deleted_message_shows_nothing_of_itself(olga, owner, group):
    [message] = say(owner, group.pk, "never said")
    Message.objects.filter(conversation_id=group.pk, id=message["id"]).update(
        is_deleted=True, deleted_at=group.created_at, search=None
    )
    for path in (f"/c/{group.pk}", f"/c/{group.pk}/row"):
        page = olga.get(path).content.decode()
        assert "Message deleted" in page
        assert "never said" not in page


def test_texts_of_people_are_never_markup(olga, owner, group):
    say(owner, group.pk, '<img src=x onerror=alert(1)> & "quotes"')
    page = olga.get(f"/c/{group.pk}").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quotes&quot;" in page


def test_sending_without_a_script_comes_back_to_the_end(olga, owner, group):
    answer = olga.post(f"/c/{group.pk}/send", {"content": " two\r\nlines ", "csrfmiddlewaretoken": olga.csrf_token})
    assert (answer.status_code, answer["Location"]) == (302, f"/c/{group.pk}?newest#newest")
    assert Message.objects.get(conversation_id=group.pk, type="TEXT").content == "two\nlines"
    files = [SimpleUploadedFile("route.txt", b"first left"), SimpleUploadedFile("hut.pdf", b"%PDF-1.4")]
    form = {"content": "", "files": files, "csrfmiddlewaretoken": olga.csrf_token}
    assert olga.post(f"/c/{group.pk}/send", form).status_code == 302
    page = olga.get(f"/c/{group.pk}?newest").content.decode()
    assert page.index("route.txt") < page.index("hut.pdf")
    form["files"] = [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(11)]
    assert "Ten files at most" in olga.post(f"/c/{group.pk}/send", form).content.decode()


def test_a_refused_send_keeps_what_was_written_and_says_why(olga, owner, group):
    too_long = "x" * 4097
    answer = olga.post(f"/c/{group.pk}/send", {"content": too_long, "csrfmiddlewaretoken": olga.csrf_token})
    assert answer.status_code == 400
    assert too_long in answer.content.decode()
    assert "at most 4096 characters" in answer.content.decode()
    assert olga.post(f"/c/{group.pk}/send", {"content": "x"}).status_code == 403


def test_the_form_keeps_the_pace_of_all_sends(olga, owner, group, settings):
    settings.RATE_LIMITS = True
    require_pace(owner.pk, messages=100)
    answer = olga.post(f"/c/{group.pk}/send", {"content": "fast", "csrfmiddlewaretoken": olga.csrf_token})
    assert answer.status_code == 429
    assert "fast" in answer.content.decode()
    assert not Message.objects.filter(content="fast").exists()


def test_who_may_not_write_sees_no_composer(owner, member):
    channel, _ = create_conversation(creator=owner, type=ConversationType.CHANNEL, title="News", member_ids=[member.pk])
    milan = Browser()
    milan.sign_in(member)
    page = milan.get(f"/c/{channel}").content.decode()
    assert "Only the people who run this channel post here." in page
    assert "<textarea" not in page


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        ("", {"username": "nobody_here"}, "There is nobody called @nobody_here."),
        ("", {"username": ""}, "This field is required."),
        ("group/", {"title": "T", "usernames": "@milan ghost"}, "There is nobody called @ghost."),
        ("group/", {"title": " \u202e "}, "Give 1 to 128 characters."),
        ("channel/", {"title": "T", "handle": "1"}, "handle"),
    ],
)
def test_what_is_wrong_with_a_new_conversation_stands_beside_its_field(olga, member, kind, fields, error):
    answer = olga.post(f"/new/{kind}", {**fields, "csrfmiddlewaretoken": olga.csrf_token})
    assert answer.status_code == 200
    assert error in answer.content.decode()


def test_a_new_conversation_is_opened(olga, owner, member):
    for kind, fields in (
        ("", {"username": "@Milan"}),
        ("group/", {"title": "Hikers", "usernames": "milan, @milan"}),
        ("channel/", {"title": "News", "handle": "@ridge_news", "description": "What is new"}),
    ):
        answer = olga.post(f"/new/{kind}", {**fields, "csrfmiddlewaretoken": olga.csrf_token})
        assert answer.status_code == 302
        assert olga.get(answer["Location"]).status_code == 200


def test_people_are_added_to_a_group_by_their_names_and_who_is_not_is_said(olga, outsider, group):
    other = UserFactory(username="nina")
    update_privacy(user=other, changes={"group_invites": "nobody"})
    form = {"do": "add", "csrfmiddlewaretoken": olga.csrf_token}
    address = f"/c/{group.pk}/info/members"
    refused = olga.post(address, {**form, "usernames": "@otto @nobody_at_all"})
    assert refused.status_code == 404
    assert "There is nobody called @nobody_at_all." in refused.content.decode()
    assert ">@otto @nobody_at_all</textarea>" in refused.content.decode()
    answer = olga.post(address, {**form, "usernames": "@otto, nina"})
    assert "Not added: @nina." in answer.content.decode()
    members = ConversationMember.objects.filter(conversation=group, is_active=True)
    assert members.filter(user=outsider).exists()
    assert not members.filter(user=other).exists()


def test_whom_a_new_group_could_not_take_is_said_where_they_can_be_invited(olga, member):
    update_privacy(user=UserFactory(username="nina"), changes={"group_invites": "nobody"})
    form = {"title": "Hikers", "usernames": "milan nina", "csrfmiddlewaretoken": olga.csrf_token}
    answer = olga.post("/new/group/", form)
    assert re.fullmatch(r"/c/\w+/info/members", answer["Location"])
    assert olga.get(answer["Location"]).content.decode().count("Not added: @nina.") == 1
    assert "Not added" not in olga.get(answer["Location"]).content.decode()


def test_who_asks_to_join_by_a_public_name_is_told_so_on_the_page_they_come_to(olga, member):
    handle = {"handle": "ridge", "settings": {"join_approval": True}}
    conversation_id, _ = create_conversation(creator=member, type=ConversationType.GROUP, title="Ridge", **handle)
    answer = olga.post(f"/c/{conversation_id}/join", {"csrfmiddlewaretoken": olga.csrf_token})
    assert "You have asked to join." in olga.get(answer["Location"]).content.decode()


def test_the_components_stand_together_for_those_who_work_on_them_alone(olga, owner):
    assert olga.get("/styleguide/").status_code == 404
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    page = olga.get("/styleguide/").content.decode()
    for component in (
        "avatar-l",
        "badge count",
        "bubble",
        'class="row"',
        "menu-item",
        "dialog-part",
        "toast",
        "errorlist",
    ):
        assert component in page


def test_an_address_that_takes_only_forms_is_a_page_too(olga, group):
    for path in ("/settings/account/close", f"/c/{group.pk}/send", "/logout/"):
        answer = olga.get(path)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
        assert "This address only takes what a page sends to it." in answer.content.decode()
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["X-Request-Id"]
    assert olga.get("/api/v1/auth/login")["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/c/abc?at=1", "/c/abc%3Fat%3D1"),
        ("http://elsewhere.example/c/abc", "/"),
        ("http://testserver:8000/c/abc", "/"),
        ("http://testserver//evil.example/", "/"),
        ("http://[x/", "/"),
        ("", "/"),
    ],
)
def test_who_sent_a_form_too_late_comes_back_to_the_page_it_stood_on(db, group, referer, back):
    browser = Browser()
    browser.get("/login/")
    fields = {"content": "late", "csrfmiddlewaretoken": browser.csrf_token}
    answer = browser.post(f"/c/{group.pk}/send", fields, headers={"Referer": referer})
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={back}")


@pytest.mark.parametrize("path", ["/nothing", "/c/short", "/new/flock/"])
def test_an_unknown_address_is_a_page_of_the_same_design(db, path):
    answer = Browser().get(path)
    assert answer.status_code == 404
    assert "Nothing here" in answer.content.decode()


def test_the_page_costs_the_same_however_much_is_in_it_and_stays_light(
    olga, owner, member, group, settings, django_assert_max_num_queries
):
    settings.GROUPS_PER_DAY = 1000
    people = [UserFactory() for _ in range(20)]
    for number in range(200):
        with_one, _ = create_conversation(
            creator=owner, type=ConversationType.GROUP, title=f"Group {number}", member_ids=[people[number % 20].pk]
        )
        say(owner, with_one, "And when you come, bring the long rope and the small stove, it will be cold.")
    say(member, group.pk, *(f"{number}: that is how we went, and nobody complained at all." for number in range(50)))
    olga.get("/")
    with django_assert_max_num_queries(STATEMENTS):
        page = olga.get(f"/c/{group.pk}?newest")
    assert len(texts_of(page)) == 50
    assert len(page.content) + sum(map(weight, scripts_and_styles(page))) < FIRST_LOAD


def scripts_and_styles(page):
    return set(re.findall(rf'(?:src|href)="{settings.STATIC_URL}([^"#]+)', page.content.decode()))


def weight(path):
    """Return how many bytes a file takes as it is served: made small, and compressed."""
    with open(finders.find(path), "rb") as file:
        content = file.read()
    kind = {"js": "text/javascript", "css": "text/css"}.get(path.rpartition(".")[2])
    return len(gzip.compress(minify.string(kind, content.decode()).encode() if kind else content))


@pytest.mark.parametrize("urls", ["accounts.web.urls", "messaging.web.urls", "moderation.web.urls"])
def test_every_page_answers_head_as_it_answers_get(olga, owner, group, urls):
    """Monitors and proxies ask so."""
    names = {
        "conversation_id": group.pk,
        "user_id": owner.pk,
        "part": "members",
        "reference": owner.pk,
        "kind": "group",
    }
    asked = 0
    for pattern in import_module(urls).urlpatterns:
        keys = pattern.pattern.regex.groupindex
        if set(keys) <= set(names):
            path = reverse(pattern.name, kwargs={key: names[key] for key in keys})
            asked += 1
            got = olga.get(path)
            assert (path, olga.head(path).status_code) == (path, got.status_code)
    assert asked


def test_a_sender_alone_is_no_search_and_the_page_says_so(olga):
    page = olga.get("/search?q=from:olga").content.decode()
    assert "Write a word to look for as well." in page
    assert "Nothing found" not in page


def test_a_search_in_an_unsigned_channel_names_no_author(owner):
    news, _ = create_conversation(creator=owner, type="CHANNEL", title="News", member_ids=[])
    send_message(sender=owner, conversation_id=news, outgoing=Outgoing.checked(content="Rain tomorrow"))
    browser = Browser()
    browser.sign_in(owner)
    found = browser.get(f"/search?q=rain&in={news}").content.decode()
    found = found[found.index('id="found"') : found.index('aria-label="Folders"')]
    assert "<b>News</b>" in found
    assert "Olga" not in found
