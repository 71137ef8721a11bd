from django.urls import path

from messaging.api import dialogs, views

urlpatterns = [
    path("conversations", dialogs.ConversationListView.as_view()),
    path("conversations/<cuid:conversation_id>", dialogs.ConversationView.as_view()),
    path("conversations/<cuid:conversation_id>/messages", views.MessageListView.as_view()),
    path("conversations/<cuid:conversation_id>/messages/<cuid:message_id>", views.MessageView.as_view()),
    path("conversations/<cuid:conversation_id>/read", views.ReadView.as_view()),
    path("sync", views.SyncView.as_view()),
]
