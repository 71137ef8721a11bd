"""The addresses of moderation's pages."""

from django.urls import URLPattern, path

from moderation.web import views

urlpatterns: list[URLPattern] = [
    path("warnings/<cuid:warning_id>/seen", views.warning_seen, name="warning-seen"),
]
