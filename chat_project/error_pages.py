"""What Django answers by itself: problems under /api/, pages elsewhere."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.views import defaults

from chat_project.core.api.problems import API_PREFIX, error_of_status, problem_response


class NotAllowedMiddleware:
    """Writes a page into Django's empty answer where an address takes only what a form sends."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseNotAllowed) or request.path_info.startswith(API_PREFIX):
            return response
        response.content = render_to_string("405.html", request=request).encode()
        return response


def _answer(status: int, page: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.path_info.startswith(API_PREFIX):
            return problem_response(error_of_status(status))
        return page(request, *args, **kwargs)

    return answer


bad_request = _answer(400, defaults.bad_request)
permission_denied = _answer(403, defaults.permission_denied)
page_not_found = _answer(404, defaults.page_not_found)
server_error = _answer(500, defaults.server_error)
