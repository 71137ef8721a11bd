"""Files as staff see them: how they stand, never what is in them or what they are called.

The table of files has a key of two columns, which Django's own lists refuse: these are pages of their own.
"""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from attachments import scanner
from attachments.enums import AttachmentStatus
from attachments.selectors import FileKind, get_file_as_staff, list_files_as_staff
from attachments.services.inspecting import DELETE, RESCAN, TAKEN_AWAY, delete_as_staff, rescan_as_staff
from chat_project.core.errors import ApplicationError

READ = "attachments.view_attachment"

_KINDS: dict[str, Any] = {
    FileKind.WAITING: _("Waiting"),
    FileKind.INFECTED: _("Infected"),
    FileKind.FAILED: _("Failed"),
    FileKind.UNSCANNED: _("Unscanned"),
    FileKind.READY: _("Ready"),
}
_STEPS: dict[str, tuple[Callable[..., None], Any]] = {
    "rescan": (rescan_as_staff, _("The file is being scanned.")),
    "delete": (delete_as_staff, _("The file's bytes are deleted.")),
}


def urls(site: AdminSite) -> list[URLPattern]:
    """Return the pages of files, behind the gate of a site."""

    def files(request: HttpRequest) -> HttpResponse:
        return _list(site, request)

    def file(request: HttpRequest, conversation_id: str, attachment_id: str) -> HttpResponse:
        return _one(site, request, conversation_id, attachment_id)

    one = "files/<cuid:conversation_id>/<cuid:attachment_id>/"
    return [
        path("files/", site.admin_view(files), name="files"),
        path(one, site.admin_view(file), name="file"),
    ]


def _list(site: AdminSite, request: HttpRequest) -> HttpResponse:
    _require_reader(request)
    kind = request.GET.get("status", "")
    username = request.GET.get("q", "").strip().removeprefix("@").lower()
    page = list_files_as_staff(
        kind=FileKind(kind) if kind in _KINDS else FileKind.WAITING,
        username=username,
        before=request.GET.get("before", ""),
    )
    context = {
        **site.each_context(request),
        "title": gettext("Files"),
        "kinds": [(value, label, value == page.kind) for value, label in _KINDS.items()],
        "kind": page.kind,
        "username": username,
        "page": page,
        "has_scanner": scanner.is_configured(),
    }
    return TemplateResponse(request, "admin/attachments/files.html", context)


def _one(site: AdminSite, request: HttpRequest, conversation_id: str, attachment_id: str) -> HttpResponse:
    _require_reader(request)
    row = get_file_as_staff(conversation_id=conversation_id, attachment_id=attachment_id)
    if row is None:
        raise Http404
    status = 200
    if request.method == "POST":
        try:
            messages.success(request, _carried_out(request, conversation_id, attachment_id))
        except ApplicationError as error:
            status = error.status
            messages.error(request, error.detail)
        else:
            return HttpResponseRedirect(request.path)
    is_there = row.removed_at is None
    context = {
        **site.each_context(request),
        "title": gettext("File %(id)s") % {"id": row.id},
        "file": row,
        "may_rescan": scanner.is_configured()
        and is_there
        and row.status in (*TAKEN_AWAY, AttachmentStatus.READY)
        and request.user.has_perm(RESCAN),
        "may_delete": is_there and row.status in TAKEN_AWAY and request.user.has_perm(DELETE),
    }
    return TemplateResponse(request, "admin/attachments/file.html", context, status=status)


def _carried_out(request: HttpRequest, conversation_id: str, attachment_id: str) -> str:
    """Do what a form asks for, and return what is said of it. Raises ApplicationError."""
    step = _STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise Http404
    act, said = step
    act(actor=cast(User, request.user), conversation_id=conversation_id, attachment_id=attachment_id)
    return str(said)


def _require_reader(request: HttpRequest) -> None:
    if not request.user.has_perm(READ):
        raise PermissionDenied
