"""What people see of moderation: warnings that they got."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.web.signed_in import PageRequest, signed_in
from moderation.services import acknowledge_warning


@require_POST
@signed_in
def warning_seen(request: PageRequest, warning_id: str) -> HttpResponse:
    """Take a warning off the page: its reader says that they have read it."""
    acknowledge_warning(person=request.user, warning_id=warning_id)
    return HttpResponseRedirect(reverse("home"))
