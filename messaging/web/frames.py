"""What the parts of the chat stand in where a whole page is asked for."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from accounts.web.settings_notifications import notices_of
from accounts.web.signed_in import PageRequest
from messaging.web import pages


def whole_page(
    request: PageRequest, middle: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Return the middle alone where that is asked for, else in its frame."""
    if request.htmx:
        return render(request, middle, context, status=status)
    frame = pages.frame(request.user, request.GET.get("folder", "all"))
    frame["page_data"]["notices"] = notices_of(request)
    whole = {**frame, **(context or {}), "middle": middle}
    return render(request, "chat/page.html", whole, status=status)
