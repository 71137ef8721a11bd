"""Proving an address, changing it, and getting back in by it."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.auth_views import OpenView
from accounts.api.authentication import AuthenticatedRequest
from accounts.api.recovery_bodies import (
    ChangeEmailBody,
    ChangePasswordBody,
    ForgotBody,
    ResendBody,
    ResetPasswordBody,
    VerifyEmailBody,
)
from accounts.services.authentication import Identity
from accounts.services.email_verification import (
    change_email,
    resend_own_verification,
    resend_verification,
    verify_email,
)
from accounts.services.password_reset import request_password_reset, reset_password
from accounts.services.passwords import change_password
from chat_project.core.api.schema import problem
from chat_project.core.errors import NotAuthenticatedError


class OpenRequest(Request):
    """What views get that also hear whoever is not signed in."""

    auth: Identity | None


class AcceptedSchema(serializers.Serializer[Any]):
    status = serializers.ChoiceField(["accepted"])


_ACCEPTED = {202: OpenApiResponse(AcceptedSchema, description="The same whether or not there is a mail to send.")}


class VerifyEmailView(APIView):
    # Whoever is signed in is asked who they are: their session outlives the first proof.
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="auth_email_verify",
        summary="Prove an address by the token of a mail's link",
        request=VerifyEmailBody,
        responses={204: None, 400: problem("invalid_token", "invalid"), 401: problem("invalid_token")},
    )
    def post(self, request: OpenRequest) -> Response:
        verify_email(token=VerifyEmailBody.read(request.data)["token"], identity=request.auth)
        return Response(status=204)


class ResendView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="auth_email_resend",
        summary="Send the link that proves an address again: mine, or the one given",
        request=ResendBody,
        responses={**_ACCEPTED, 401: problem("not_authenticated", "invalid_token")},
    )
    def post(self, request: OpenRequest) -> Response:
        email = ResendBody.read(request.data or {}).get("email")
        if email is not None:
            resend_verification(email=email)
        elif request.auth is not None:
            resend_own_verification(user_id=request.auth.user_id)
        else:
            raise NotAuthenticatedError("Sign in, or give the address.")
        return _accepted()


class ChangeEmailView(APIView):
    @extend_schema(
        operation_id="auth_email_change",
        summary="Change my address, once the new one is proven",
        request=ChangeEmailBody,
        responses=_ACCEPTED,
    )
    def post(self, request: AuthenticatedRequest) -> Response:
        body = ChangeEmailBody.read(request.data)
        change_email(user=request.user, password=body["password"], email=body["email"])
        return _accepted()


class ForgotPasswordView(OpenView):
    @extend_schema(
        operation_id="auth_password_forgot",
        summary="Send a link that resets the password to an address, if it is an account's",
        request=ForgotBody,
        responses=_ACCEPTED,
    )
    def post(self, request: Request) -> Response:
        request_password_reset(email=ForgotBody.read(request.data)["email"])
        return _accepted()


class ResetPasswordView(OpenView):
    @extend_schema(
        operation_id="auth_password_reset",
        summary="Set another password by the token of a mail's link, and end all sessions",
        request=ResetPasswordBody,
        responses={204: None, 400: problem("invalid_token", "invalid")},
    )
    def post(self, request: Request) -> Response:
        reset_password(**ResetPasswordBody.read(request.data))
        return Response(status=204)


class ChangePasswordView(APIView):
    @extend_schema(
        operation_id="auth_password_change",
        summary="Change my password, and end all my other sessions",
        request=ChangePasswordBody,
        responses={204: None},
    )
    def post(self, request: AuthenticatedRequest) -> Response:
        body = ChangePasswordBody.read(request.data)
        change_password(user=request.user, identity=request.auth, current=body["current"], password=body["password"])
        return Response(status=204)


def _accepted() -> Response:
    return Response({"status": "accepted"}, status=202)
