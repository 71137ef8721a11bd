"""Members over REST."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.schema import PAGE_PARAMETERS, page_of
from chat_project.core.api.serializers import EmptyBody, StrictSerializer
from conversations import representations
from conversations.api import schemas
from conversations.api.fields import UntilField
from conversations.enums import Role
from conversations.selectors.members import SeenMember, find_members, list_members, seen_members
from conversations.selectors.memberships import require_membership
from conversations.services import add_members, leave_conversation, remove_member, update_member

MEMBER_PARAMETERS = [
    OpenApiParameter("banned", bool, description="Who is banned; for holders of `manage_members`."),
    *PAGE_PARAMETERS,
]


# OWNER is given by a transfer.
GIVEN_ROLES = [choice for choice in Role.choices if choice[0] != Role.OWNER]


class AddMembersBody(StrictSerializer):
    """People to add, at most 200 at once."""

    user_ids = serializers.ListField(child=serializers.CharField(), allow_empty=False)


class MemberListView(APIView):
    """Who is in a conversation."""

    @extend_schema(operation_id="members_list", parameters=MEMBER_PARAMETERS, responses=page_of(schemas.MemberSchema))
    def get(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """List members: the owner first, then by role and time of joining."""
        params = request.query_params
        page = list_members(
            viewer=request.user,
            conversation_id=conversation_id,
            banned=params.get("banned") == "true",
            limit=parse_limit(params),
            cursor=params.get("cursor"),
        )
        return Response({"results": [rendered_member(member) for member in page.results], "next": page.next})

    @extend_schema(operation_id="members_add", request=AddMembersBody, responses=schemas.AddedSchema)
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Add people; whom privacy, a block or a ban keeps out stands in `not_added`."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        user_ids = AddMembersBody.read(request.data)["user_ids"]
        added, not_added = add_members(actor=request.user, conversation_id=conversation_id, user_ids=user_ids)
        members = find_members(viewer=request.user, conversation_id=conversation_id, user_ids=added)
        return Response({"added": [rendered_member(member) for member in members], "not_added": not_added})


class ChangeMemberBody(StrictSerializer):
    """What changes of a member; `banned_until` stands alone, or is null."""

    role = serializers.ChoiceField(GIVEN_ROLES, required=False)
    permissions = serializers.DictField(required=False)
    restricted_until = UntilField(required=False, allow_null=True)
    banned_until = UntilField(required=False, allow_null=True)


class MemberView(APIView):
    """One member."""

    @extend_schema(operation_id="members_change", request=ChangeMemberBody, responses=schemas.MemberSchema)
    def patch(self, request: AuthenticatedRequest, conversation_id: str, user_id: str) -> Response:
        """Change a member's role or permissions, ban them, or lift their ban."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        changes = ChangeMemberBody.read(request.data)
        row = update_member(actor=request.user, conversation_id=conversation_id, user_id=user_id, changes=changes)
        [member] = seen_members(viewer=request.user, rows=[row])
        return Response(rendered_member(member))

    @extend_schema(operation_id="members_remove", responses={204: None})
    def delete(self, request: AuthenticatedRequest, conversation_id: str, user_id: str) -> Response:
        """Remove a member."""
        remove_member(actor=request.user, conversation_id=conversation_id, user_id=user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LeaveView(APIView):
    """My own membership."""

    @extend_schema(operation_id="conversations_leave", request=None, responses={204: None})
    def post(self, request: AuthenticatedRequest, conversation_id: str) -> Response:
        """Leave a group or a channel."""
        require_membership(viewer_id=request.user.pk, conversation_id=conversation_id)
        EmptyBody.read(request.data)
        leave_conversation(member=request.user, conversation_id=conversation_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def rendered_member(member: SeenMember) -> dict[str, object]:
    """Return a Member as the contract shows it."""
    return representations.member(
        member.row, member.person, shows_reading=member.shows_reading, shows_inviter=member.shows_inviter
    )
