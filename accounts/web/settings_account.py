"""Having one's data, and leaving: /settings/account."""

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import ExportNotFoundError
from accounts.models.exports import UNFINISHED_EXPORTS
from accounts.selectors.exports import get_finished_export, latest_export
from accounts.services.export_jobs import request_export
from accounts.web.forms import AccountForm, CloseForm, PasswordForm
from accounts.web.settings_pages import render_settings
from accounts.web.signed_in import PageRequest, signed_in
from chat_project.core.errors import ApplicationError
from chat_project.core.stored_files import file_response
from conversations.services.leaving import close_account

# Two forms with a password on one page.
EXPORT, CLOSE = "export", "close"


@require_safe
@signed_in
def account(request: PageRequest) -> HttpResponse:
    """What can be had and ended."""
    return _page(request)


@require_safe
@signed_in
def export_progress(request: PageRequest) -> HttpResponse:
    """How far the export is: a part of the page, fetched again and again while it is being made."""
    return render(request, "settings/_export.html", _shown(request, PasswordForm(prefix=EXPORT)))


@require_POST
@sensitive_post_parameters("password")
@signed_in
def export(request: PageRequest) -> HttpResponse:
    """Have an export made."""
    form = PasswordForm(request.POST, prefix=EXPORT)
    if form.is_valid():
        try:
            request_export(user=request.user, password=form.cleaned_data["password"])
        except ApplicationError as error:
            form.refuse(error)
            return _page(request, export_form=form, status=error.status)
        return HttpResponseRedirect(reverse("settings-account"))
    return _page(request, export_form=form, status=400)


@require_safe
@signed_in
def download(request: PageRequest, job_id: str) -> HttpResponseBase:
    """Give a finished export to whom it belongs."""
    job = get_finished_export(viewer=request.user, job_id=job_id)
    name = f"{request.user.username}-{job.created_at:%Y-%m-%d}.zip"
    try:
        return file_response(request, key=job.object_key or "", content_type="application/zip", file_name=name)
    except FileNotFoundError:
        raise ExportNotFoundError from None


@require_POST
@sensitive_post_parameters("password")
@signed_in
def close(request: PageRequest) -> HttpResponse:
    """Close the account, and forget it in this browser."""
    form = CloseForm(request.POST, prefix=CLOSE)
    if form.is_valid():
        try:
            close_account(user=request.user, password=form.cleaned_data["password"])
        except ApplicationError as error:
            form.refuse(error)
            return _page(request, close_form=form, status=error.status)
        request.session.flush()
        response = render(request, "accounts/closed.html")
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
    return _page(request, close_form=form, status=400)


def _page(
    request: PageRequest,
    *,
    export_form: AccountForm | None = None,
    close_form: AccountForm | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = {
        **_shown(request, export_form or PasswordForm(prefix=EXPORT)),
        "close_form": close_form or CloseForm(prefix=CLOSE),
        "here": "settings-account",
    }
    return render_settings(request, "settings/account.html", shown, status=status)


def _shown(request: PageRequest, form: AccountForm) -> dict[str, object]:
    job = latest_export(viewer=request.user)
    is_running = job is not None and job.status in UNFINISHED_EXPORTS
    return {"job": job, "is_running": is_running, "export_form": form}
