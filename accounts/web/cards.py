"""Pages that are one card with one form: how they are shown, and how they say no."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.web.browser import own_path
from accounts.web.forms import AccountForm
from chat_project.core.errors import ApplicationError, InvalidError


def way_on(request: HttpRequest) -> str:
    """Return the path of this site to which `next` leads."""
    return own_path(request.POST.get("next") or request.GET.get("next"))


def card_page(
    request: HttpRequest, form: AccountForm | None, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Return a card's page. It gets `form`, `next` and `is_open`, whether people may register."""
    values = {"form": form, "next": way_on(request), "is_open": settings.REGISTRATION == "open", **context}
    return render(request, template, values, status=status)


def refused(
    request: HttpRequest, form: AccountForm, template: str, error: ApplicationError, **context: Any
) -> HttpResponse:
    """Return a card's page with what a service refused: beside its fields, or where they are blank above them."""
    if form.is_bound:
        form.refuse(error)
    else:
        context["problem"] = error.detail
    status = error.status if error.status != 401 else InvalidError.status
    response = card_page(request, form, template, status=status, **context)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.problem()["retry_after"])
    return response
