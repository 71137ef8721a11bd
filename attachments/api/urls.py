from django.urls import path

from attachments.api import presigned, views

_ONE = "conversations/<cuid:conversation_id>/attachments/<cuid:attachment_id>"

urlpatterns = [
    path("conversations/<cuid:conversation_id>/attachments", views.UploadView.as_view()),
    path("conversations/<cuid:conversation_id>/attachments/presign", presigned.PresignView.as_view()),
    path(f"{_ONE}/upload", presigned.ReceiveView.as_view()),
    path(f"{_ONE}/complete", presigned.CompleteView.as_view()),
    path(_ONE, views.AttachmentView.as_view()),
    path(f"{_ONE}/content", views.ContentView.as_view()),
    path(f"{_ONE}/thumbnail", views.ThumbnailView.as_view()),
]
