"""Invites over REST. Joining by one answers a Conversation, so it stands in messaging."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.schema import PAGE_PARAMETERS, page_of, problem
from chat_project.core.api.serializers import StrictSerializer
from conversations import representations
from conversations.api import schemas
from conversations.selectors.invites import list_invites, preview_invite
from conversations.selectors.memberships import require_membership
from conversations.services import create_invite, revoke_invite


class CreateInviteBody(StrictSerializer):
    """Without an end and a number of uses, an invite is good until it is revoked."""

    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    max_uses = serializers.IntegerField(required=False, allow_null=True)
    requires_approval = serializers.BooleanField(required=False)


class InviteListView(APIView):
    """A conversation's invites."""

    @extend_schema(operation_id="invites_list", parameters=PAGE_PARAMETERS, responses=page_of(schemas.InviteSchema))
    def get(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """List a conversation's invites, newest first, dead ones too."""
        params = request.query_params
        page = list_invites(
            viewer=request.user,
            conversation_id=conversation_id,
            limit=parse_limit(params),
            cursor=params.get("cursor"),
        )
        return Response({"results": [representations.invite(row) for row in page.results], "next": page.next})

    @extend_schema(operation_id="invites_create", request=CreateInviteBody, responses={201: schemas.InviteSchema})
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Make an invite."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        fields = CreateInviteBody.read(request.data)
        invite = create_invite(actor=request.user, conversation_id=conversation_id, **fields)
        return Response(representations.invite(invite), status=status.HTTP_201_CREATED)


class InviteView(APIView):
    """One invite, for who may make some."""

    @extend_schema(operation_id="invites_revoke", responses={204: None, 404: problem("invite_invalid", "not_found")})
    def delete(self, request: AuthenticatedRequest, conversation_id: str, code: str) -> Response:
        """Revoke an invite."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        revoke_invite(actor=request.user, conversation_id=conversation_id, code=code)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitePreviewView(APIView):
    """One invite, for whoever holds it."""

    @extend_schema(
        operation_id="invites_preview",
        responses={200: schemas.InvitePreviewSchema, 404: problem("invite_invalid")},
    )
    def get(self, request: AuthenticatedRequest, code: str) -> Response:
        """See what an invite leads to."""
        return Response(representations.invite_preview(preview_invite(viewer=request.user, code=code)))
