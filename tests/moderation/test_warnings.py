"""A warning, as who got it sees it."""

from moderation.models import AuditLog, ModerationAction
from moderation.services import Decision, decide
from tests.accounts.clients import Browser


def warned(report, moderator, told="No <b>insults</b>, please."):
    decide(actor=moderator, report_id=report.pk, decision=Decision.checked(kind="WARN", note="Rude.", told=told))
    return ModerationAction.objects.get(kind="WARN")


def browser(person):
    own = Browser()
    own.sign_in(person)
    return own


def say_read(own, warning):
    return own.post(f"/warnings/{warning.pk}/seen", {"csrfmiddlewaretoken": own.csrf_token})


def test_a_warning_stands_on_the_page_until_it_was_read(under_review, moderator, member):
    warning = warned(under_review, moderator)
    own = browser(member)
    text = own.get("/").content.decode()
    assert "A warning from the moderators" in text
    assert "No &lt;b&gt;insults&lt;/b&gt;, please." in text
    assert "Rude." not in text
    assert say_read(own, warning)["Location"] == "/"
    assert "A warning from the moderators" not in own.get("/").content.decode()
    assert AuditLog.objects.get(action="warning.acknowledged").actor_id == member.pk


def test_the_first_reading_counts(under_review, moderator, member):
    warning = warned(under_review, moderator)
    own = browser(member)
    say_read(own, warning)
    first = ModerationAction.objects.get(pk=warning.pk).seen_at
    assert say_read(own, warning).status_code == 302
    assert ModerationAction.objects.get(pk=warning.pk).seen_at == first is not None
    assert AuditLog.objects.filter(action="warning.acknowledged").count() == 1


def test_nobody_else_sees_it_or_takes_it_away(under_review, moderator, owner):
    warning = warned(under_review, moderator)
    own = browser(owner)
    assert "A warning from the moderators" not in own.get("/").content.decode()
    assert say_read(own, warning).status_code == 404
    assert ModerationAction.objects.get(pk=warning.pk).seen_at is None


def test_moderators_see_whether_it_was_read(under_review, moderator, member):
    warning = warned(under_review, moderator)
    page = f"/admin/moderation/userreport/{under_review.pk}/change/"
    staff = browser(moderator)
    assert "Not read yet" in staff.get(page).content.decode()
    say_read(browser(member), warning)
    assert "Read on" in staff.get(page).content.decode()
