"""The addresses of the chat's pages."""

from django.urls import URLPattern, path, re_path

from messaging.web import info, parts, searching, styleguide, views

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("search", searching.search, name="search"),
    path("keys", parts.keys, name="keys"),
    path("emoji", parts.emoji, name="emoji"),
    path("pick", parts.pick, name="pick"),
    path("report", parts.report, name="report"),
    path("ask/<slug:what>", parts.ask, name="ask"),
    path("c/<cuid:conversation_id>/join", info.join_public, name="join-public"),
    path("join/<str:code>", info.join, name="join"),
    path("list", views.rows, name="rows"),
    path("new/people", parts.people, name="new-people"),
    path("new/", views.new, name="new"),
    re_path(r"^new/(?P<kind>group|channel)/$", views.new, name="new"),
    path("c/<cuid:conversation_id>", views.conversation, name="conversation"),
    path("c/<cuid:conversation_id>/<cuid:message_id>", views.message, name="message"),
    path("c/<cuid:conversation_id>/<cuid:message_id>/readers", parts.readers, name="readers"),
    path("c/<cuid:conversation_id>/<cuid:message_id>/reactions", parts.reactions, name="reactions"),
    path("c/<cuid:conversation_id>/<cuid:message_id>/edits", parts.edits, name="edits"),
    path("c/<cuid:conversation_id>/mentions", parts.mentions, name="mentions"),
    path("c/<cuid:conversation_id>/info", info.info, name="info"),
    path("c/<cuid:conversation_id>/info/<slug:part>", info.part, name="info-part"),
    path("c/<cuid:conversation_id>/history", views.history, name="history"),
    path("c/<cuid:conversation_id>/header", views.header, name="header"),
    path("c/<cuid:conversation_id>/row", views.row, name="row"),
    path("c/<cuid:conversation_id>/send", views.send, name="send"),
]
