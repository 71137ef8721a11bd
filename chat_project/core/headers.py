"""Headers that Django has no setting for."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Voice and pictures are recorded by our own page alone; what else a browser offers, nothing here wants.
PERMISSIONS_POLICY = ", ".join(
    (
        "microphone=(self)",
        "camera=(self)",
        *(
            f"{feature}=()"
            for feature in (
                *("accelerometer", "browsing-topics", "display-capture", "geolocation", "gyroscope", "hid"),
                *("magnetometer", "midi", "payment", "serial", "usb", "xr-spatial-tracking"),
            )
        ),
    )
)


class HeadersMiddleware:
    """Says in each answer which of the browser's powers its page may use, and of a site with TLS to stay with it.

    Django says so where the request itself came by TLS, which ends in a proxy. Over plain HTTP browsers ignore it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        if settings.HTTPS:
            response.headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return response
