import csv
import io
import re
from datetime import timedelta

import pytest
from django.contrib.admin.sites import site
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from attachments.selectors import FileKind
from chat_project.core import audit
from chat_project.core.db.cuid import cuid_at
from conversations.models import Conversation, ConversationMember
from messaging.drafts import Outgoing
from messaging.models import Message
from messaging.services import send_message
from moderation.models import AuditLog, DailyFigures, UserReport
from moderation.services import count_day, count_past_days, report_person
from moderation.services.figures import PAST_DAYS
from tests.accounts.clients import Browser
from tests.factories import UserFactory
from tests.moderation.conftest import staff

QUEUE = "/admin/moderation/userreport/"
AUDIT = "/admin/moderation/auditlog/"
FILES = "/admin/files/"
LISTS = [QUEUE, f"{QUEUE}?status=all", AUDIT, "/admin/accounts/user/", "/admin/conversations/conversation/"]


def browser(person):
    own = Browser()
    own.sign_in(person)
    return own


def page_of(report):
    return f"{QUEUE}{report.pk}/change/"


def act(own, report, **fields):
    return own.post(page_of(report), {**fields, "csrfmiddlewaretoken": own.csrf_token})


@pytest.mark.parametrize("path", ["/admin/", *LISTS, FILES])
def test_a_member_is_not_let_in(member, path):
    assert browser(member).get(path).status_code == 302


RIGHTS = {
    "Moderators": {QUEUE, "/admin/accounts/user/", "/admin/conversations/conversation/", FILES},
    "Administrators": {
        QUEUE,
        AUDIT,
        f"{AUDIT}export/",
        "/admin/accounts/user/",
        "/admin/conversations/conversation/",
        FILES,
    },
    None: set(),
}


@pytest.mark.django_db
@pytest.mark.parametrize("group", RIGHTS)
def test_each_group_sees_its_pages(group):
    own = browser(staff(group))
    pages = RIGHTS["Administrators"]
    assert {path for path in pages if own.get(path).status_code == 200} == RIGHTS[group]
    assert {own.get(path).status_code for path in pages - RIGHTS[group]} <= {403}
    assert own.get("/admin/").status_code == 200


@pytest.mark.django_db
def test_no_page_of_the_admin_changes_anything_by_itself(rf):
    request = rf.get("/")
    request.user = staff(is_superuser=True)
    assert Group not in site._registry
    for page in site._registry.values():
        assert not page.has_add_permission(request)
        assert not page.has_change_permission(request)
        assert not page.has_delete_permission(request)


@pytest.mark.parametrize(
    "question",
    [
        "accounts/user/?email__startswith=o",
        "accounts/user/?password__startswith=argon2",
        "conversations/conversation/?title__startswith=H",
        "conversations/conversation/?dm_key__contains=c",
        "conversations/conversation/?members__user__username=olga",
        "moderation/userreport/?evidence__messages__0__content__startswith=a",
        "moderation/userreport/?details__contains=L",
    ],
)
def test_staff_filter_by_nothing_that_no_page_shows(report, moderator, question):
    assert browser(moderator).get(f"/admin/{question}").status_code == 400


def test_staff_filter_by_what_a_page_offers(report, moderator):
    own = browser(moderator)
    dashboard = own.get("/admin/").content.decode()
    [by_reason] = re.findall(rf'"({QUEUE}\?reason[^"]*)"', dashboard)
    assert page_of(report) in own.get(by_reason).content.decode()
    for question in ("?status=all&target_type__exact=MESSAGE", "?mine=yes", "?o=1&q=milan"):
        assert own.get(QUEUE + question).status_code == 200


def test_the_queue_shows_what_is_open_the_oldest_first(report, moderator, owner, member):
    UserReport.objects.create(
        reporter=member,
        target_type="USER",
        reported_user=owner,
        reason="spam",
        status="DISMISSED",
        reviewed_at=timezone.now(),
    )
    own = browser(moderator)
    text = own.get(QUEUE).content.decode()
    assert "@milan" in text
    assert "Pending (1)" in text
    assert "Dismissed (1)" in text
    assert "1 user report" in text
    assert "@olga" in own.get(f"{QUEUE}?status=DISMISSED").content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [("q=milan", 1), ("q=@milan", 1), ("q=olga", 0), ("q=nobody", 0), ("reason=harassment", 1), ("reason=spam", 0)],
)
def test_the_queue_is_searched_and_filtered(report, moderator, query, found):
    assert f"{found} user report" in browser(moderator).get(f"{QUEUE}?{query}").content.decode()


def test_the_queue_is_searched_by_ids(report, moderator, member, group):
    own = browser(moderator)
    for key in (report.pk, member.pk, group.pk):
        assert "1 user report" in own.get(f"{QUEUE}?q={key}").content.decode()


def test_a_reports_page_shows_the_evidence_and_nothing_else_of_the_conversation(report, moderator, group, member):
    send_message(sender=member, conversation_id=group.pk, outgoing=Outgoing.checked(content="a secret"))
    text = browser(moderator).get(page_of(report)).content.decode()
    assert "an insult" in text
    assert "Look at this." in text
    assert "a secret" not in text
    assert AuditLog.objects.filter(action="evidence.opened", actor_id=moderator.pk, resource_id=report.pk).count() == 1


def test_evidence_is_escaped(report, moderator):
    report.evidence["messages"][-1]["content"] = "<script>alert(1)</script>"
    report.save()
    assert "<script>alert(1)" not in browser(moderator).get(page_of(report)).content.decode()


def test_a_report_is_taken_up_and_decided_by_forms(report, moderator, member):
    own = browser(moderator)
    assert act(own, report, step="take_up").status_code == 302
    assert "Carry out" in own.get(page_of(report)).content.decode()
    until = timezone.now() + timedelta(days=3)
    answer = act(
        own, report, step="decide", kind="SUSPEND", note="Twice.", until=f"{until:%Y-%m-%dT%H:%M}", closes="on"
    )
    assert answer.status_code == 302
    row = UserReport.objects.get(pk=report.pk)
    assert (row.status, row.resolution) == ("RESOLVED", "suspend")
    assert User.objects.get(pk=member.pk).is_suspended


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "BAN"}, "This field is required."),
        ({"kind": "BAN", "note": "   "}, "This field is required."),
        ({"note": "Why."}, "This field is required."),
        ({"kind": "SUSPEND", "note": "Why."}, "Give a time that lies ahead."),
        ({"kind": "SUSPEND", "note": "Why.", "until": "yesterday"}, "Enter a valid date/time."),
        ({"kind": "WARN", "note": "Why."}, "Say what the person is told"),
        ({"kind": "EXPEL", "note": "Why."}, "Select a valid choice."),
    ],
)
def test_a_bad_decision_says_what_it_lacks(under_review, moderator, member, fields, said):
    own = browser(moderator)
    own.get(page_of(under_review))
    answer = act(own, under_review, step="decide", **fields)
    assert said in answer.content.decode()
    assert UserReport.objects.get(pk=under_review.pk).status == "UNDER_REVIEW"
    assert not User.objects.get(pk=member.pk).is_suspended


def test_who_comes_second_is_told(under_review, moderator):
    other = browser(staff("Moderators"))
    answer = act(other, under_review, step="take_up")
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Somebody else was first" in text
    assert "@mona has this under review." in text
    assert act(other, under_review, step="take_over", note="Mona is away.").status_code == 302


def test_who_may_only_look_has_no_forms(under_review):
    watcher = staff()
    watcher.user_permissions.add(Permission.objects.get(codename="view_userreport"))
    own = browser(watcher)
    assert "Take over" not in own.get(page_of(under_review)).content.decode()
    assert act(own, under_review, step="take_over", note="Mine.").status_code == 403


def test_a_form_without_its_token_is_refused(report, moderator):
    own = browser(moderator)
    assert own.post(page_of(report), {"step": "take_up"}).status_code == 403


def test_a_records_page_lifts_a_suspension_with_a_note(under_review, moderator, member):
    own = browser(moderator)
    act(own, under_review, step="decide", kind="BAN", note="Enough.")
    path = f"{QUEUE}people/{member.pk}/"
    text = own.get(path).content.decode()
    assert "banned" in text
    assert "Enough." in text
    token = {"csrfmiddlewaretoken": own.csrf_token}
    assert "This field is required." in own.post(path, token).content.decode()
    assert own.post(path, {**token, "note": "Not him."}).status_code == 302
    assert not User.objects.get(pk=member.pk).is_suspended


@pytest.mark.parametrize(
    "path", [f"{QUEUE}people/c000000000000000000000000/", f"{QUEUE}c000000000000000000000000/change/"]
)
def test_what_is_not_there_is_404(moderator, path):
    assert browser(moderator).get(path).status_code == 404


def test_private_conversations_stand_on_no_page(group, report, administrator):
    own = browser(administrator)
    path = "/admin/conversations/conversation/"
    for page in (path, f"{path}?q={group.pk}", f"{path}?_popup=1"):
        assert "0 conversations" in own.get(page).content.decode()
    choices = "/admin/autocomplete/?app_label=moderation&model_name=userreport&field_name=conversation&term="
    unlisted = [choices, *(f"{path}{group.pk}/{page}/" for page in ("change", "history", "delete"))]
    for page in unlisted:
        assert "Hikers" not in own.get(page, follow=True).content.decode()
    assert own.get(choices).status_code == 404
    Conversation.objects.filter(pk=group.pk).update(handle="hikers")
    assert "Hikers" in own.get(f"{path}{group.pk}/change/").content.decode()


def test_reported_staff_see_nothing_of_who_reported_them(owner, administrator):
    mine = report_person(reporter=owner, user_id=administrator.pk, reason="other")
    own = browser(administrator)
    assert "0 user reports" in own.get(QUEUE).content.decode()
    assert own.get(page_of(mine)).status_code == 404
    assert page_of(mine) not in own.get(f"{QUEUE}people/{administrator.pk}/").content.decode()
    assert "1 user report" in browser(staff(is_superuser=True)).get(QUEUE).content.decode()


def test_a_refused_measure_keeps_what_was_written(under_review, moderator, member):
    own = browser(moderator)
    ConversationMember.objects.filter(conversation=under_review.conversation, user=member).update(
        is_active=False, left_at=timezone.now(), left_reason="LEFT"
    )
    answer = act(own, under_review, step="decide", kind="REMOVE_MEMBER", note="A long reason.", closes="on")
    assert answer.status_code == 404
    assert "A long reason." in answer.content.decode()


def test_accounts_show_no_addresses(member, administrator):
    own = browser(administrator)
    for path in ("/admin/accounts/user/", f"/admin/accounts/user/{member.pk}/change/"):
        text = own.get(path).content.decode()
        assert "milan" in text
        assert member.email not in text


def test_the_dashboard_draws_without_a_script(report, administrator):
    count_day()
    count_day(day=timezone.now().date() - timedelta(days=1))
    answer = browser(administrator).get("/admin/")
    text = answer.content.decode()
    assert "reports wait" in text
    assert text.count("<svg") >= 3
    assert not re.search(r"<script(?![^>]*src=)", text)
    assert " style=" not in text
    assert "unsafe-inline" not in answer["Content-Security-Policy"]


def test_the_figures_of_a_day_are_counted_again_and_kept_once(group, member):
    first = count_day()
    UserFactory()
    again = count_day()
    assert again.day == first.day
    assert again.sign_ups == first.sign_ups + 1
    assert again.messages_total == sum(Conversation.objects.values_list("last_seq", flat=True))


def test_the_first_count_goes_back_over_what_still_stands_and_is_made_once(group, member):
    today, yesterday = timezone.now().date(), timezone.now() - timedelta(days=1)
    for text in ("old", "new"):
        send_message(sender=member, conversation_id=group.pk, outgoing=Outgoing.checked(content=text))
    Message.objects.filter(conversation=group, content="old").update(created_at=yesterday)
    UserFactory(created_at=yesterday)
    count_past_days()
    first = {row.day: row for row in DailyFigures.objects.all()}
    assert min(first) == today - timedelta(days=PAST_DAYS)
    assert max(first) == yesterday.date()
    assert first[yesterday.date()].sign_ups == 1
    before = first[yesterday.date() - timedelta(days=1)]
    assert first[yesterday.date()].messages_total - before.messages_total == 1
    UserFactory(created_at=yesterday)
    count_past_days()
    assert DailyFigures.objects.get(day=yesterday.date()).sign_ups == 1


def cost(own, path):
    """Return the queries of a page, without that of the session, which is cached for a time."""
    with CaptureQueriesContext(connection) as context:
        assert own.get(path).status_code == 200
    return [query["sql"] for query in context.captured_queries if "user_sessions" not in query["sql"]]


FILL = """
    INSERT INTO users (id, username, email, display_name, password, privacy_settings)
    SELECT 'c' || lpad(to_hex(n), 24, '0'), 'crowd' || n, 'crowd' || n || '@example.org', 'Crowd', '!', '{}'
    FROM generate_series(%(begin)s, %(end)s) AS n;
    INSERT INTO user_reports (id, reporter_id, target_type, reported_user_id, reason, evidence, status)
    SELECT 'c' || lpad(to_hex(n), 24, '0'), 'c' || lpad(to_hex(n), 24, '0'), 'USER', %(reported)s, 'spam', '{}',
        'PENDING'
    FROM generate_series(%(begin)s, %(end)s) AS n;
    INSERT INTO conversations (id, type, title, settings, handle)
    SELECT 'c' || lpad(to_hex(n), 24, '0'), 'GROUP', 'Crowd', '{}', 'crowd_of_' || n
    FROM generate_series(%(begin)s, %(end)s) AS n;
    INSERT INTO attachments (conversation_id, id, uploader_id, object_key, file_name, mime_type, size, status)
    SELECT 'c' || lpad(to_hex(n), 24, '0'), 'c' || lpad(to_hex(n), 24, '0'), %(reported)s, 'attachments/' || n, 'a',
        'a/b', 1, (ARRAY['UPLOADED', 'INFECTED', 'READY'])[1 + n %% 3]::attachment_status
    FROM generate_series(%(begin)s, %(end)s) AS n;
    INSERT INTO audit_logs (id, actor_id, action, details)
    SELECT cuid_floor(now()) || lpad(to_hex(n), 16, '0'), %(reported)s, 'account.updated', '{}'
    FROM generate_series(%(begin)s, %(end)s) AS n;
    ANALYZE users, user_reports, conversations, attachments, audit_logs
"""


def fill(begin, end, reported):
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"begin": begin, "end": end, "reported": reported.pk})


def test_a_page_costs_the_same_at_10_and_at_10_000_rows(administrator, member):
    own = browser(administrator)
    fill(1, 10, member)
    kinds = [f"{FILES}?status={kind}" for kind in FileKind]
    paths = [*LISTS, *kinds, f"{FILES}?q=milan", f"{QUEUE}people/{member.pk}/", "/admin/"]
    for path in paths:
        own.get(path)
    few = {path: len(cost(own, path)) for path in paths}
    fill(11, 10_000, member)
    many = {path: cost(own, path) for path in paths}
    assert {path: len(queries) for path, queries in many.items()} == few
    for query in (query for queries in many.values() for query in queries):
        assert "messages" not in query or "count(" not in query.lower(), query


def test_nothing_counts_a_long_list_to_its_end(administrator):
    own = browser(administrator)
    for path in LISTS:
        for query in cost(own, path):
            if "count(*)" in query.lower():
                assert "limit" in query.lower(), query


def test_the_log_names_people_and_is_filtered_and_searched(administrator, member, group):
    audit.record(actor_id=member.pk, action="member.banned", target=group, user_id=administrator.pk)
    own = browser(administrator)
    text = own.get(AUDIT).content.decode()
    assert "@milan" in text
    for query, found in {
        "q=member.banned": True,
        "q=milan": True,
        f"q={group.pk}": True,
        "q=nobody": False,
        "subject=member": True,
        "subject=invite": False,
        "since=1": True,
    }.items():
        text = own.get(f"{AUDIT}?{query}").content.decode()
        assert ('"field-action">member.banned' in text) is found, query


def test_the_log_is_searched_by_the_id_that_an_answer_bore(administrator, report):
    own = browser(administrator)
    asked = own.get(page_of(report))["X-Request-Id"]
    text = own.get(f"{AUDIT}?q={asked}").content.decode()
    assert '"field-action">evidence.opened' in text
    assert "1 audit log" in text
    assert '"field-action">' not in own.get(f"{AUDIT}?q={'0' * 32}").content.decode()


def test_the_log_comes_as_csv_without_formulas(administrator, member):
    for name in ("=cmd()", "+1", "-1", "@x"):
        AuditLog.objects.create(action="account.updated", actor_id=member.pk, user_agent=name)
    answer = browser(administrator).get(f"{AUDIT}export/?q=account.updated")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert {"'=cmd()", "'+1", "'-1", "'@x"} <= {row["user_agent"] for row in rows}
    assert {row["action"] for row in rows} == {"account.updated"}
    assert AuditLog.objects.filter(action="audit.exported", actor_id=administrator.pk).exists()


def test_the_csv_is_streamed_in_batches(administrator):
    AuditLog.objects.bulk_create(AuditLog(id=cuid_at(timezone.now()), action="account.updated") for _ in range(2500))
    answer = browser(administrator).get(f"{AUDIT}export/?q=account.updated")
    with CaptureQueriesContext(connection) as context:
        chunks = list(answer.streaming_content)
    assert len(chunks) == len(context.captured_queries) == 4
    assert b"".join(chunks).count(b"account.updated") == 2500
