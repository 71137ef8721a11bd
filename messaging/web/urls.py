"""The addresses of the chat's pages."""

from django.urls import URLPattern, path, re_path

from messaging.web import views

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("list", views.rows, name="rows"),
    path("new/", views.new, name="new"),
    re_path(r"^new/(?P<kind>group|channel)/$", views.new, name="new"),
    path("c/<cuid:conversation_id>", views.conversation, name="conversation"),
    path("c/<cuid:conversation_id>/history", views.history, name="history"),
    path("c/<cuid:conversation_id>/header", views.header, name="header"),
    path("c/<cuid:conversation_id>/row", views.row, name="row"),
    path("c/<cuid:conversation_id>/send", views.send, name="send"),
]
