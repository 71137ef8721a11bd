from django.urls import path

from messaging.api import annotations, conversations, dialogs, forwarding, media, pictures, receipts, search, views

urlpatterns = [
    path("conversations", dialogs.ConversationListView.as_view()),
    path("conversations/<cuid:conversation_id>", conversations.ConversationView.as_view()),
    path("conversations/<cuid:conversation_id>/avatar", pictures.PictureView.as_view()),
    path("conversations/<cuid:conversation_id>/archive", conversations.ArchiveView.as_view()),
    path("conversations/<cuid:conversation_id>/unarchive", conversations.UnarchiveView.as_view()),
    path("conversations/<cuid:conversation_id>/me", conversations.OwnView.as_view()),
    path("conversations/<cuid:conversation_id>/transfer", conversations.TransferView.as_view()),
    path("conversations/<cuid:conversation_id>/join", conversations.JoinView.as_view()),
    path("invites/<str:code>/join", conversations.InviteJoinView.as_view()),
    path("conversations/<cuid:conversation_id>/messages", views.MessageListView.as_view()),
    path("conversations/<cuid:conversation_id>/messages/<cuid:message_id>", views.MessageView.as_view()),
    path("conversations/<cuid:conversation_id>/messages/<cuid:message_id>/edits", views.EditListView.as_view()),
    path("conversations/<cuid:conversation_id>/messages/<cuid:message_id>/pin", annotations.PinView.as_view()),
    path(
        "conversations/<cuid:conversation_id>/messages/<cuid:message_id>/reactions",
        annotations.ReactorListView.as_view(),
    ),
    path(
        "conversations/<cuid:conversation_id>/messages/<cuid:message_id>/reactions/<str:emoji>",
        annotations.ReactionView.as_view(),
    ),
    path(
        "conversations/<cuid:conversation_id>/messages/<cuid:message_id>/receipts",
        receipts.ReceiptListView.as_view(),
    ),
    path("conversations/<cuid:conversation_id>/forward", forwarding.ForwardView.as_view()),
    path("conversations/<cuid:conversation_id>/media", media.MediaView.as_view()),
    path("conversations/<cuid:conversation_id>/read", views.ReadView.as_view()),
    path("conversations/<cuid:conversation_id>/delivered", receipts.DeliveredView.as_view()),
    path("search/messages", search.MessageSearchView.as_view()),
    path("sync", views.SyncView.as_view()),
]
