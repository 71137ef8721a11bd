"""What people see of moderation: their own reports, and warnings that they got."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.representations import person
from accounts.selectors.people import Person, get_people, get_person
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.api.pagination import DEFAULT_LIMIT
from chat_project.core.errors import ApplicationError
from moderation.enums import ReportStatus, ReportTarget
from moderation.models import UserReport
from moderation.selectors.reports import list_own_reports
from moderation.services import acknowledge_warning, report_person
from moderation.web.forms import REASONS, ReportForm

STANDINGS = {
    ReportStatus.PENDING: gettext_lazy("Waiting"),
    ReportStatus.UNDER_REVIEW: gettext_lazy("Being looked at"),
    ReportStatus.RESOLVED: gettext_lazy("Dealt with"),
    ReportStatus.DISMISSED: gettext_lazy("Nothing to be done"),
}


@require_safe
@signed_in
def own_reports(request: PageRequest) -> HttpResponse:
    """What one reported, the newest first, and how far the moderators are with it."""
    page = list_own_reports(viewer=request.user, limit=DEFAULT_LIMIT, cursor=request.GET.get("cursor"))
    ids = {row.reported_user_id for row in page.results if row.reported_user_id}
    people = get_people(viewer=request.user, user_ids=ids)
    reasons = dict(REASONS)
    reports = [
        {
            "row": row,
            "reason": reasons[row.reason],
            "standing": STANDINGS[ReportStatus(row.status)],
            "what": _named(row, people.get(row.reported_user_id or "")),
        }
        for row in page.results
    ]
    return render(request, "moderation/reports.html", {"reports": reports, "next": page.next})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def report_somebody(request: PageRequest, user_id: str) -> HttpResponse:
    """A form by which somebody is reported."""
    who = person(get_person(viewer=request.user, reference=user_id))
    form = ReportForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            report_person(reporter=request.user, user_id=user_id, **form.cleaned_data)
        except ApplicationError as error:
            form.refuse(error)
            status = error.status
        else:
            messages.success(request, _("Reported. Thank you."))
            return HttpResponseRedirect(reverse("reports"))
    elif form.is_bound:
        status = 400
    return render(request, "moderation/report_person.html", {"who": who, "form": form}, status=status)


@require_POST
@signed_in
def warning_seen(request: PageRequest, warning_id: str) -> HttpResponse:
    """Take a warning off the page: its reader says that they have read it."""
    acknowledge_warning(person=request.user, warning_id=warning_id)
    return HttpResponseRedirect(reverse("home"))


def _named(row: UserReport, who: Person | None) -> str:
    name = None if who is None else person(who)["display_name"]
    match row.target_type:
        case ReportTarget.USER:
            return name or _("A person")
        case ReportTarget.MESSAGE:
            return _("A message of %(name)s") % {"name": name} if name else _("A message")
        case _:
            return _("A conversation")
