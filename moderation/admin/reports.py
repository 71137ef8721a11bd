"""The moderators' queue, a report's page, and a person's record."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat_project.core.admin import ReadOnlyAdmin
from chat_project.core.db.cuid import is_cuid
from chat_project.core.errors import ApplicationError, NotAllowedError
from chat_project.core.storage import GENERIC_TYPE
from chat_project.core.stored_files import file_response
from conversations.enums import ConversationType
from moderation import services
from moderation.admin.filters import MineFilter, StatusFilter
from moderation.admin.forms import DecisionForm, NoteForm, StepForm
from moderation.enums import ActionKind, ReportStatus, ReportTarget
from moderation.errors import ReportNotFoundError
from moderation.models import UserReport
from moderation.selectors.queue import get_record, list_history, list_same_target, readable_by, with_files

REVIEW = "moderation.change_userreport"
READ = "moderation.view_userreport"

_LABELS = {
    ActionKind.DELETE_MESSAGE: _("Delete the message"),
    ActionKind.WARN: _("Warn the person"),
    ActionKind.SUSPEND: _("Suspend the person for a time"),
    ActionKind.BAN: _("Ban the person"),
    ActionKind.REMOVE_MEMBER: _("Remove the person from the conversation"),
    ActionKind.RESOLVE: _("Resolve without a measure"),
    ActionKind.DISMISS: _("Dismiss"),
}


@admin.register(UserReport)
class UserReportAdmin(ReadOnlyAdmin):
    list_display = ("reported", "target_type", "reason", "status", "reported_by", "reviewer", "created_at")
    list_filter = (StatusFilter, "reason", "target_type", MineFilter)
    search_fields = ("id",)
    search_help_text = _("A username, or the id of a report, a person or a conversation")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return what may be read, without texts; the people of a page by their keys, which no bad plan makes slow."""
        rows = readable_by(_actor(request)).defer("evidence", "details", "resolution_note")
        return rows.prefetch_related("reported_user", "reporter", "reviewer")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Order what is open by age, the oldest first; all else the newest first."""
        return ("-id",) if request.GET.get(StatusFilter.parameter_name) else ("created_at", "id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip().removeprefix("@").lower()
        if not term:
            return queryset, False
        if not is_cuid(term):
            found = User.objects.filter(username=term).values_list("id", flat=True).first()
            return queryset.filter(reported_user_id=found) if found else queryset.none(), False
        by_target = queryset.filter(reported_user_id=term) | queryset.filter(conversation_id=term)
        return by_target | queryset.filter(pk=term), False

    @admin.display(description=_("reported"))
    def reported(self, report: UserReport) -> str:
        return _name(report.reported_user)

    @admin.display(description=_("reported by"))
    def reported_by(self, report: UserReport) -> str:
        return _name(report.reporter)

    def get_urls(self) -> list[URLPattern]:
        return [
            path("people/<cuid:user_id>/", self.admin_site.admin_view(self.record), name="moderation_record"),
            path(
                "<cuid:report_id>/files/<cuid:file_id>/",
                self.admin_site.admin_view(self.evidence_file),
                name="moderation_evidence_file",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show a report with its evidence, and do what its forms ask for."""
        if request.method == "POST":
            return self._decide(request, object_id)
        return self._page(request, object_id)

    def record(self, request: HttpRequest, user_id: str) -> HttpResponse:
        """Show what stands against a person, and lift their suspension where a form asks for it."""
        if not request.user.has_perm(READ):
            raise PermissionDenied
        user = User.objects.filter(pk=user_id).first()
        if user is None:
            raise Http404
        form = NoteForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                services.lift_as_moderator(actor=_actor(request), user_id=user_id, note=form.cleaned_data["note"])
            except ApplicationError as error:
                form.refuse(error)
                messages.error(request, error.detail)
            else:
                messages.success(request, gettext("The suspension is lifted."))
                return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Record of %(name)s") % {"name": _name(user)},
            "opts": self.opts,
            "record": get_record(user, viewer=_actor(request)),
            "form": form,
            "may_lift": user.is_suspended and request.user.has_perm(REVIEW),
        }
        return TemplateResponse(request, "admin/moderation/record.html", context)

    def evidence_file(self, request: HttpRequest, report_id: str, file_id: str) -> HttpResponseBase:
        """Give a file of the evidence as a download, or its preview as a picture; nothing of it runs here."""
        is_preview = "preview" in request.GET
        try:
            file = services.open_evidence_file(
                actor=_actor(request), report_id=report_id, file_id=file_id, is_preview=is_preview
            )
        except NotAllowedError:
            raise PermissionDenied from None
        except ReportNotFoundError:
            raise Http404 from None
        try:
            if is_preview and file.preview_key:
                return file_response(request, key=file.preview_key, content_type="image/webp", file_name="preview.webp")
            return file_response(request, key=file.object_key, content_type=GENERIC_TYPE, file_name=file.file_name)
        except FileNotFoundError:
            raise Http404 from None

    def _decide(self, request: HttpRequest, report_id: str) -> HttpResponse:
        report = UserReport.objects.select_related("conversation").filter(pk=report_id).first()
        form = _filled_form(request, report)
        if not form.is_valid():
            return self._page(request, report_id, form)
        try:
            messages.success(request, _carried_out(_actor(request), report_id, form))
        except ApplicationError as error:
            form.refuse(error)
            if not error.errors:
                messages.error(request, error.detail)
            return self._page(request, report_id, form, status=error.status)
        return HttpResponseRedirect(request.path)

    def _page(
        self, request: HttpRequest, report_id: str, form: StepForm | None = None, *, status: int = 200
    ) -> HttpResponse:
        try:
            report = services.open_evidence(actor=_actor(request), report_id=report_id)
        except NotAllowedError:
            raise PermissionDenied from None
        except ReportNotFoundError:
            raise Http404 from None
        step = _step(report, _actor(request))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Report of %(name)s") % {"name": _name(report.reported_user)},
            "opts": self.opts,
            "report": report,
            "evidence": with_files(report),
            "record": get_record(report.reported_user, viewer=_actor(request)) if report.reported_user else None,
            "history": list_history(report),
            "same_target": list_same_target(report),
            "step": step,
            "form": form if form and step == request.POST.get("step") else _empty_form(step, report),
        }
        return TemplateResponse(request, "admin/moderation/report.html", context, status=status)


def _actor(request: HttpRequest) -> User:
    return cast(User, request.user)


def _name(user: User | None) -> str:
    if user is None:
        return "—"
    return f"@{user.username}" if user.username else gettext("closed account")


def _step(report: UserReport, actor: User) -> str:
    """Return what somebody can do with a report next."""
    if not actor.has_perm(REVIEW):
        return ""
    if report.status == ReportStatus.PENDING:
        return "take_up"
    if report.status != ReportStatus.UNDER_REVIEW:
        return ""
    return "decide" if report.reviewer_id == actor.pk else "take_over"


def _empty_form(step: str, report: UserReport) -> StepForm:
    match step:
        case "decide":
            return DecisionForm(kinds=_kinds(report))
        case "take_over":
            return NoteForm()
        case _:
            return StepForm()


def _kinds(report: UserReport | None) -> list[tuple[str, Any]]:
    """Return what can be decided on a report, as its form offers it."""
    impossible = set()
    if report is None or report.target_type != ReportTarget.MESSAGE:
        impossible.add(ActionKind.DELETE_MESSAGE)
    conversation = None if report is None else report.conversation
    if conversation is None or conversation.type == ConversationType.DM:
        impossible.add(ActionKind.REMOVE_MEMBER)
    return [(kind.value, label) for kind, label in _LABELS.items() if kind not in impossible]


def _filled_form(request: HttpRequest, report: UserReport | None) -> StepForm:
    match request.POST.get("step"):
        case "take_up":
            return StepForm(request.POST)
        case "take_over":
            return NoteForm(request.POST)
        case _:
            return DecisionForm(request.POST, kinds=_kinds(report))


def _carried_out(actor: User, report_id: str, form: StepForm) -> str:
    """Do what a form asks for, and return what is said of it. Raises ApplicationError."""
    match form:
        case DecisionForm():
            decision = services.Decision.checked(**form.cleaned_data)
            report = services.decide(actor=actor, report_id=report_id, decision=decision)
            status = ReportStatus(report.status).label.lower()
            return gettext("Done. The report is %(status)s.") % {"status": status}
        case NoteForm():
            services.take_over(actor=actor, report_id=report_id, note=form.cleaned_data["note"])
        case _:
            services.take_up(actor=actor, report_id=report_id)
    return gettext("The report is yours.")
