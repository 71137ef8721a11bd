"""The addresses of moderation's pages."""

from django.urls import URLPattern, path

from moderation.web import views

urlpatterns: list[URLPattern] = [
    path("reports/", views.own_reports, name="reports"),
    path("reports/new/<cuid:user_id>", views.report_somebody, name="report-person"),
    path("warnings/<cuid:warning_id>/seen", views.warning_seen, name="warning-seen"),
]
