from django.urls import path

from conversations.api import invites, joining, members

urlpatterns = [
    path("conversations/public", joining.PublicListView.as_view()),
    path("conversations/<cuid:conversation_id>/members", members.MemberListView.as_view()),
    path("conversations/<cuid:conversation_id>/members/<cuid:user_id>", members.MemberView.as_view()),
    path("conversations/<cuid:conversation_id>/leave", members.LeaveView.as_view()),
    path("conversations/<cuid:conversation_id>/invites", invites.InviteListView.as_view()),
    path("conversations/<cuid:conversation_id>/invites/<str:code>", invites.InviteView.as_view()),
    path("conversations/<cuid:conversation_id>/join-requests", joining.JoinRequestListView.as_view()),
    path("conversations/<cuid:conversation_id>/join-requests/<cuid:user_id>/approve", joining.ApproveView.as_view()),
    path("conversations/<cuid:conversation_id>/join-requests/<cuid:user_id>/decline", joining.DeclineView.as_view()),
    path("invites/<str:code>", invites.InvitePreviewView.as_view()),
]
