"""Signing up, in and out, and the sessions of one's devices."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import representations
from accounts.api.authentication import AuthenticatedRequest
from accounts.api.schemas import LoginRefusedSchema, SessionSchema, SignedInSchema, TokensSchema
from accounts.api.serializers import LoginBody, RefreshBody, RegisterBody
from accounts.devices import Device
from accounts.names import clean_name
from accounts.selectors.sessions import list_sessions
from accounts.services.registration import register
from accounts.services.rotation import TokenPair, refresh
from accounts.services.sessions import end_other_sessions, end_session, sign_out
from accounts.services.sign_in import SignedIn, sign_in
from chat_project.core import audit
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.schema import PAGE_PARAMETERS, page_of, problem
from chat_project.core.api.serializers import EmptyBody


# For whoever has no session yet: looks at no credentials, and so wants no CSRF token either.
class OpenView(APIView):
    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes = [AllowAny]


class RegisterView(OpenView):
    @extend_schema(
        operation_id="auth_register",
        summary="Make an account and sign in",
        request=RegisterBody,
        responses={201: SignedInSchema, 403: problem("registration_closed")},
    )
    def post(self, request: Request) -> Response:
        body = RegisterBody.read(request.data)
        signed_in = register(
            username=body["username"],
            email=body["email"],
            password=body["password"],
            display_name=body.get("display_name", ""),
            phone=body.get("phone") or "",
            device=device_of(body),
        )
        return Response(signed_in_body(signed_in), status=201)


class LoginView(OpenView):
    @extend_schema(
        operation_id="auth_login",
        summary="Sign in by username, e-mail address or phone number",
        request=LoginBody,
        responses={
            200: SignedInSchema,
            401: OpenApiResponse(LoginRefusedSchema, description="`invalid_credentials` · `second_factor_required`"),
            403: problem("account_suspended"),
        },
    )
    def post(self, request: Request) -> Response:
        body = LoginBody.read(request.data)
        return Response(signed_in_body(sign_in(login=body["login"], password=body["password"], device=device_of(body))))


class RefreshView(OpenView):
    @extend_schema(
        operation_id="auth_refresh",
        summary="Exchange a refresh token for a new pair",
        request=RefreshBody,
        responses={
            200: TokensSchema,
            401: problem("invalid_token", "refresh_token_reused"),
            403: problem("account_suspended"),
        },
    )
    def post(self, request: Request) -> Response:
        return Response(_tokens(refresh(token=RefreshBody.read(request.data)["refresh"])))


class LogoutView(APIView):
    @extend_schema(operation_id="auth_logout", summary="End this session", request=None, responses={204: None})
    def post(self, request: AuthenticatedRequest) -> Response:
        EmptyBody.read(request.data)
        sign_out(identity=request.auth)
        return ended_response(request._request)


class SessionListView(APIView):
    @extend_schema(
        operation_id="auth_sessions_list",
        summary="My sessions",
        parameters=PAGE_PARAMETERS,
        responses={200: page_of(SessionSchema)},
    )
    def get(self, request: AuthenticatedRequest) -> Response:
        params = request.query_params
        page = list_sessions(viewer=request.user, limit=parse_limit(params), cursor=params.get("cursor"))
        current_id = request.auth.session_id
        results = [representations.session(row, current_id=current_id) for row in page.sessions]
        return Response({"results": results, "next": page.next})

    @extend_schema(operation_id="auth_sessions_end_others", summary="End all my other sessions", responses={204: None})
    def delete(self, request: AuthenticatedRequest) -> Response:
        end_other_sessions(user=request.user, current_id=request.auth.session_id)
        return Response(status=204)


class SessionView(APIView):
    @extend_schema(operation_id="auth_sessions_end", summary="End one of my sessions", responses={204: None})
    def delete(self, request: AuthenticatedRequest, session_id: str) -> Response:
        end_session(user=request.user, session_id=session_id)
        if session_id == request.auth.session_id:
            return ended_response(request._request)
        return Response(status=204)


def device_of(body: dict[str, Any]) -> Device:
    """Return the device that a body speaks for."""
    return Device.of(user_agent=audit.origin.get().user_agent, name=clean_name(body.get("device_name", "")))


def signed_in_body(signed_in: SignedIn) -> dict[str, Any]:
    """Return what every way of signing in answers."""
    session = representations.session(signed_in.session, current_id=signed_in.session.id)
    return {**_tokens(signed_in.tokens), "session": session, "user": representations.me(signed_in.user)}


def _tokens(pair: TokenPair) -> dict[str, Any]:
    return {"access": pair.access, "refresh": pair.refresh, "expires_in": pair.expires_in}


def ended_response(request: HttpRequest) -> Response:
    """Answer the end of one's own session; a browser forgets what it kept of it, its cookie included."""
    response = Response(status=204)
    if "HTTP_AUTHORIZATION" not in request.META:
        request.session.flush()
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
