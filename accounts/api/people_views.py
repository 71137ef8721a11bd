"""Oneself and other people."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import representations
from accounts.api.auth_views import ended_response
from accounts.api.authentication import AuthenticatedRequest
from accounts.api.schemas import MeSchema, PrivacyChangesSchema, PrivacySchema, UserSchema
from accounts.api.serializers import PasswordBody, UpdateMeBody
from accounts.selectors.people import SEARCH_MAX_LENGTH, search_people
from accounts.services.lookups import find_person
from accounts.services.privacy import update_privacy
from accounts.services.profile import update_me
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.params import text_param
from chat_project.core.api.schema import PAGE_PARAMETERS, page_of, problem
from chat_project.core.errors import InvalidError
from chat_project.core.limits import hit_search
from conversations.services.leaving import close_account

_REFERENCE = OpenApiParameter("reference", str, OpenApiParameter.PATH, description="An id, or @ and a username.")
_QUERY = OpenApiParameter(
    "q", str, description=f"The beginning of a username or of a name; at most {SEARCH_MAX_LENGTH} characters."
)


class MeView(APIView):
    @extend_schema(operation_id="users_me", summary="Me", responses={200: MeSchema})
    def get(self, request: AuthenticatedRequest) -> Response:
        return Response(representations.me(request.user))

    @extend_schema(
        operation_id="users_me_update", summary="Change my profile", request=UpdateMeBody, responses={200: MeSchema}
    )
    def patch(self, request: AuthenticatedRequest) -> Response:
        changes = UpdateMeBody.read(request.data)
        return Response(representations.me(update_me(user=request.user, changes=changes)))

    @extend_schema(
        operation_id="users_me_close",
        summary="Close my account",
        description="Takes `{password}`. It can't be undone: all that is personal goes, and what I wrote stands.",
        request=PasswordBody,
        responses={204: None, 400: problem("password_wrong")},
    )
    def delete(self, request: AuthenticatedRequest) -> Response:
        close_account(user=request.user, password=PasswordBody.read(request.data)["password"])
        return ended_response(request._request)


class PrivacyView(APIView):
    @extend_schema(operation_id="users_me_privacy", summary="My privacy", responses={200: PrivacySchema})
    def get(self, request: AuthenticatedRequest) -> Response:
        return Response(representations.privacy(request.user.privacy_settings))

    @extend_schema(
        operation_id="users_me_privacy_update",
        summary="Change my privacy",
        description="Key by key; of `exceptions`, list by list.",
        request=PrivacyChangesSchema,
        responses={200: PrivacySchema},
    )
    def patch(self, request: AuthenticatedRequest) -> Response:
        if not isinstance(request.data, dict):
            raise InvalidError("The body must be a JSON object.")
        return Response(representations.privacy(update_privacy(user=request.user, changes=request.data)))


class PersonView(APIView):
    @extend_schema(operation_id="users_get", summary="Somebody", parameters=[_REFERENCE], responses={200: UserSchema})
    def get(self, request: AuthenticatedRequest, reference: str) -> Response:
        return Response(representations.person(find_person(viewer=request.user, reference=reference)))


class PeopleSearchView(APIView):
    @extend_schema(
        operation_id="users_search",
        summary="Find people",
        parameters=[_QUERY, *PAGE_PARAMETERS],
        responses={200: page_of(UserSchema)},
    )
    def get(self, request: AuthenticatedRequest) -> Response:
        params = request.query_params
        hit_search(request.user.pk)
        page = search_people(
            viewer=request.user,
            query=text_param(params, "q", max_length=SEARCH_MAX_LENGTH),
            limit=parse_limit(params),
            cursor=params.get("cursor"),
        )
        return Response({"results": [representations.person(each) for each in page.people], "next": page.next})
