"""Where every address leads."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, register_converter
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from accounts.web import admin_gate
from accounts.web import views as account_pages
from chat_project import error_pages, health, installable
from chat_project.core.converters import CuidConverter
from chat_project.metrics import show_metrics

register_converter(CuidConverter, "cuid")

api: list[URLPattern | URLResolver] = [
    path("", include("accounts.api.urls")),
    path("", include("conversations.api.urls")),
    path("", include("messaging.api.urls")),
    path("", include("attachments.api.urls")),
    path("", include("moderation.api.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", show_metrics),
    path("sw.js", installable.service_worker, name="service-worker"),
    path("manifest.webmanifest", installable.manifest, name="manifest"),
    path("offline", installable.offline, name="offline"),
    path("api/v1/", include(api)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    path("admin/login/", admin_gate.admin_login),
    path("admin/logout/", account_pages.logout),
    # Django's own page would change the password and leave the other sessions alive.
    path("admin/password_change/", RedirectView.as_view(pattern_name="settings-sign-in")),
    path("admin/", admin.site.urls),
    path("", include("accounts.web.urls")),
    path("", include("messaging.web.urls")),
    path("", include("moderation.web.urls")),
]

handler400 = error_pages.bad_request
handler403 = error_pages.permission_denied
handler404 = error_pages.page_not_found
handler500 = error_pages.server_error
