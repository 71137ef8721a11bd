from django.urls import path

from conversations.api import avatars, views

urlpatterns = [
    path("conversations/<cuid:conversation_id>/avatar", avatars.ConversationAvatarView.as_view()),
    path("conversations/<cuid:conversation_id>/members", views.MemberListView.as_view()),
    path("conversations/<cuid:conversation_id>/members/<cuid:user_id>", views.MemberView.as_view()),
    path("conversations/<cuid:conversation_id>/leave", views.LeaveView.as_view()),
]
