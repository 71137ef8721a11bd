from django.urls import path

from attachments.api import views

_ONE = "conversations/<cuid:conversation_id>/attachments/<cuid:attachment_id>"

urlpatterns = [
    path("conversations/<cuid:conversation_id>/attachments", views.UploadView.as_view()),
    path(_ONE, views.AttachmentView.as_view()),
    path(f"{_ONE}/content", views.ContentView.as_view()),
    path(f"{_ONE}/thumbnail", views.ThumbnailView.as_view()),
]
