"""What is done to one conversation over REST, where the answer is the Conversation as the caller sees it."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from accounts.models import User
from chat_project.core.api.schema import problem
from chat_project.core.api.serializers import EmptyBody, StrictSerializer
from conversations.api.fields import UntilField
from conversations.api.schemas import PendingSchema
from conversations.selectors.invites import find_live_invite
from conversations.selectors.memberships import require_membership
from conversations.selectors.public import require_joinable
from conversations.services import (
    delete_conversation,
    join_by_invite,
    join_public,
    set_archived,
    transfer_ownership,
    update_conversation,
    update_preferences,
)
from messaging import representations
from messaging.api import schemas
from messaging.dialogs import get_dialog

JOINED = {
    200: schemas.ConversationSchema,
    202: PendingSchema,
    403: problem("banned", "conversation_archived"),
    404: problem("not_found", "invite_invalid"),
    409: problem("conversation_full"),
}


class UpdateBody(StrictSerializer):
    """What changes; settings merge key by key."""

    title = serializers.CharField(required=False, allow_blank=True)
    description = serializers.CharField(required=False, allow_blank=True)
    handle = serializers.CharField(required=False, allow_null=True)
    settings = serializers.DictField(required=False)


class OwnBody(StrictSerializer):
    """What a conversation is to me alone."""

    muted_until = UntilField(required=False, allow_null=True)
    is_pinned = serializers.BooleanField(required=False)
    is_archived = serializers.BooleanField(required=False)
    draft = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)


class TransferBody(StrictSerializer):
    """Who shall own the conversation."""

    user_id = serializers.CharField()


class ConversationView(APIView):
    """One conversation."""

    @extend_schema(operation_id="conversations_get", responses=schemas.ConversationSchema)
    def get(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Read a conversation as I see it."""
        return _conversation(request.user, conversation_id)

    @extend_schema(operation_id="conversations_update", request=UpdateBody, responses=schemas.ConversationSchema)
    def patch(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Change the title, the description, the handle or settings."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        changes = UpdateBody.read(request.data)
        update_conversation(actor=request.user, conversation_id=conversation_id, changes=changes)
        return _conversation(request.user, conversation_id)

    @extend_schema(operation_id="conversations_delete", responses={204: None})
    def delete(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Delete a conversation of mine, for everybody."""
        delete_conversation(owner=request.user, conversation_id=conversation_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ArchiveView(APIView):
    """Laying a conversation to rest."""

    @extend_schema(operation_id="conversations_archive", request=None, responses=schemas.ConversationSchema)
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Archive a conversation for all: nothing can be sent any more."""
        return _set_archived(request, conversation_id, archived=True)


class UnarchiveView(APIView):
    """Waking a conversation."""

    @extend_schema(operation_id="conversations_unarchive", request=None, responses=schemas.ConversationSchema)
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Take a conversation out of the archive, for all."""
        return _set_archived(request, conversation_id, archived=False)


class OwnView(APIView):
    """What a conversation is to me."""

    @extend_schema(operation_id="conversations_update_own", request=OwnBody, responses=schemas.ConversationSchema)
    def patch(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Mute, pin or archive a conversation for me alone, or keep my draft."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        changes = OwnBody.read(request.data)
        update_preferences(member=request.user, conversation_id=conversation_id, changes=changes)
        return _conversation(request.user, conversation_id)


class TransferView(APIView):
    """Whose the conversation is."""

    @extend_schema(operation_id="conversations_transfer", request=TransferBody, responses=schemas.ConversationSchema)
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Make another member the owner; I become an ADMIN."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        user_id = TransferBody.read(request.data)["user_id"]
        transfer_ownership(owner=request.user, conversation_id=conversation_id, user_id=user_id)
        return _conversation(request.user, conversation_id)


class JoinView(APIView):
    """Joining what is public."""

    @extend_schema(operation_id="conversations_join", request=None, responses=JOINED)
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Join a group or channel that has a handle; 202 where somebody must approve."""
        require_joinable(viewer_id=request.user.pk, conversation_id=conversation_id)
        EmptyBody.read(request.data)
        is_in = join_public(user=request.user, conversation_id=conversation_id)
        return _joined(request.user, conversation_id, is_in=is_in)


class InviteJoinView(APIView):
    """Joining by an invite."""

    @extend_schema(operation_id="invites_join", request=None, responses=JOINED)
    def post(self, request: AuthenticatedRequest, code: str) -> Response:
        """Join by an invite; 202 where somebody must approve."""
        find_live_invite(code=code)
        EmptyBody.read(request.data)
        conversation_id, is_in = join_by_invite(user=request.user, code=code)
        return _joined(request.user, conversation_id, is_in=is_in)


def _set_archived(request: AuthenticatedRequest, conversation_id: str, *, archived: bool) -> Response:
    require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
    EmptyBody.read(request.data)
    set_archived(actor=request.user, conversation_id=conversation_id, archived=archived)
    return _conversation(request.user, conversation_id)


def _conversation(viewer: User, conversation_id: str) -> Response:
    return Response(representations.conversation(get_dialog(viewer=viewer, conversation_id=conversation_id)))


def _joined(user: User, conversation_id: str, *, is_in: bool) -> Response:
    if is_in:
        return _conversation(user, conversation_id)
    pending: dict[str, Any] = {"status": "pending"}
    return Response(pending, status=status.HTTP_202_ACCEPTED)
