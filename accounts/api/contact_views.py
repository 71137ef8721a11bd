"""Contacts, the requests for them, and blocks."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import representations
from accounts.api.authentication import AuthenticatedRequest
from accounts.api.schemas import BlockSchema, ContactRequestSchema, UserSchema
from accounts.api.serializers import BlockBody, ContactRequestBody
from accounts.models import ContactRequest, User
from accounts.selectors.contacts import DIRECTIONS, list_blocks, list_contacts, list_requests
from accounts.selectors.people import get_people
from accounts.services.contacts import accept_request, decline_request, request_contact, withdraw_request
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.schema import PAGE_PARAMETERS, page_of, problem
from chat_project.core.api.serializers import EmptyBody
from chat_project.core.errors import InvalidError
from conversations.services import pairs

_DIRECTION = OpenApiParameter(
    "direction", str, enum=DIRECTIONS, description="`in`: those to me, also where it is not given; `out`: mine."
)


class ContactListView(APIView):
    @extend_schema(
        operation_id="contacts", summary="My contacts", parameters=PAGE_PARAMETERS, responses={200: page_of(UserSchema)}
    )
    def get(self, request: AuthenticatedRequest) -> Response:
        params = request.query_params
        page = list_contacts(viewer=request.user, limit=parse_limit(params), cursor=params.get("cursor"))
        return Response({"results": [representations.person(each) for each in page.people], "next": page.next})


class ContactView(APIView):
    @extend_schema(operation_id="contacts_end", summary="End a contact", request=None, responses={204: None})
    def delete(self, request: AuthenticatedRequest, user_id: str) -> Response:
        pairs.end_contact(user=request.user, user_id=user_id)
        return Response(status=204)


class ContactRequestListView(APIView):
    @extend_schema(
        operation_id="contact_requests",
        summary="The requests that wait",
        parameters=[_DIRECTION, *PAGE_PARAMETERS],
        responses={200: page_of(ContactRequestSchema)},
    )
    def get(self, request: AuthenticatedRequest) -> Response:
        params = request.query_params
        direction = params.get("direction", "in")
        if direction not in DIRECTIONS:
            raise InvalidError.of("direction", f"Give one of {', '.join(DIRECTIONS)}.")
        page = list_requests(
            viewer=request.user, direction=direction, limit=parse_limit(params), cursor=params.get("cursor")
        )
        return Response(
            {
                "results": [
                    representations.contact_request(row, page.people, viewer_id=request.user.pk)
                    for row in page.requests
                ],
                "next": page.next,
            }
        )

    @extend_schema(
        operation_id="contact_requests_send",
        summary="Ask somebody to be contacts",
        description="Where the other has asked too, that is an acceptance: 200, and the status ACCEPTED.",
        request=ContactRequestBody,
        responses={
            200: ContactRequestSchema,
            201: ContactRequestSchema,
            404: problem("not_found"),
            409: problem("request_pending", "already_contacts"),
        },
    )
    def post(self, request: AuthenticatedRequest) -> Response:
        body = ContactRequestBody.read(request.data)
        row, is_new = request_contact(sender=request.user, username=body["username"], message=body.get("message") or "")
        return Response(_seen(request.user, row), status=201 if is_new else 200)


class ContactRequestView(APIView):
    @extend_schema(
        operation_id="contact_requests_withdraw", summary="Take my request back", request=None, responses={204: None}
    )
    def delete(self, request: AuthenticatedRequest, request_id: str) -> Response:
        withdraw_request(user=request.user, request_id=request_id)
        return Response(status=204)


class AcceptContactRequestView(APIView):
    @extend_schema(
        operation_id="contact_requests_accept",
        summary="Accept a request",
        request=None,
        responses={200: ContactRequestSchema, 409: problem("request_answered")},
    )
    def post(self, request: AuthenticatedRequest, request_id: str) -> Response:
        return _answered(request, request_id, accept_request)


class DeclineContactRequestView(APIView):
    @extend_schema(
        operation_id="contact_requests_decline",
        summary="Decline a request",
        request=None,
        responses={200: ContactRequestSchema, 409: problem("request_answered")},
    )
    def post(self, request: AuthenticatedRequest, request_id: str) -> Response:
        return _answered(request, request_id, decline_request)


class BlockContactRequestView(APIView):
    @extend_schema(
        operation_id="contact_requests_block",
        summary="Block who sent a request",
        description="They go on seeing it PENDING.",
        request=None,
        responses={200: ContactRequestSchema, 409: problem("request_answered")},
    )
    def post(self, request: AuthenticatedRequest, request_id: str) -> Response:
        return _answered(request, request_id, pairs.block_request)


class BlockListView(APIView):
    @extend_schema(
        operation_id="blocks",
        summary="Whom I have blocked",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(BlockSchema)},
    )
    def get(self, request: AuthenticatedRequest) -> Response:
        params = request.query_params
        page = list_blocks(viewer=request.user, limit=parse_limit(params), cursor=params.get("cursor"))
        return Response({"results": [representations.block(*each) for each in page.blocks], "next": page.next})

    @extend_schema(
        operation_id="blocks_add",
        summary="Block somebody",
        description="200 where I have blocked them before; a reason that is given replaces the one that stands.",
        request=BlockBody,
        responses={200: BlockSchema, 201: BlockSchema, 404: problem("not_found")},
    )
    def post(self, request: AuthenticatedRequest) -> Response:
        body = BlockBody.read(request.data)
        block, is_new = pairs.block_person(
            blocker=request.user, user_id=body["user_id"], reason=body.get("reason") or ""
        )
        people = get_people(viewer=request.user, user_ids=[block.blocked_id])
        return Response(representations.block(block, people[block.blocked_id]), status=201 if is_new else 200)


class BlockView(APIView):
    @extend_schema(operation_id="blocks_lift", summary="Lift a block", request=None, responses={204: None})
    def delete(self, request: AuthenticatedRequest, user_id: str) -> Response:
        pairs.unblock_person(blocker=request.user, user_id=user_id)
        return Response(status=204)


def _answered(request: AuthenticatedRequest, request_id: str, answer: Callable[..., ContactRequest]) -> Response:
    EmptyBody.read(request.data)
    return Response(_seen(request.user, answer(user=request.user, request_id=request_id)))


def _seen(viewer: User, row: ContactRequest) -> dict[str, Any]:
    people = get_people(viewer=viewer, user_ids=(row.from_user_id, row.to_user_id))
    return representations.contact_request(row, people, viewer_id=viewer.pk)
