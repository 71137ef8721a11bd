"""The second step of a sign-in, signing in by passkey, and the factors of one's own account."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import representations
from accounts.api.auth_views import OpenView, device_of, signed_in_body
from accounts.api.authentication import AuthenticatedRequest
from accounts.api.schemas import (
    NewAppSchema,
    NewPasskeySchema,
    PasskeySchema,
    QuestionSchema,
    RecoveryCodesSchema,
    SecondFactorsSchema,
    SignedInSchema,
)
from accounts.api.serializers import (
    CodeBody,
    NewPasskeyBody,
    PasskeyNameBody,
    PasskeySignInBody,
    PasswordBody,
    SecondFactorBody,
)
from accounts.challenges import LIFE_SECONDS
from accounts.selectors.second_factors import get_second_factors, list_passkeys
from accounts.services.authenticator_apps import begin_app, confirm_app, remove_app
from accounts.services.passkeys import Question, add_passkey, begin_passkey, remove_passkey, rename_passkey
from accounts.services.second_factors import renew_recovery_codes
from accounts.services.second_step import Proof
from accounts.services.sign_in import begin_passkey_sign_in, finish_sign_in, sign_in_by_passkey
from chat_project.core.api.schema import page_of, problem
from chat_project.core.api.serializers import EmptyBody


class SecondFactorView(OpenView):
    @extend_schema(
        operation_id="auth_second_factor",
        summary="Finish a sign-in that asked for a second factor",
        request=SecondFactorBody,
        responses={
            200: SignedInSchema,
            401: problem("invalid_token", "second_factor_wrong", "invalid_credentials"),
        },
    )
    def post(self, request: Request) -> Response:
        body = SecondFactorBody.read(request.data)
        proof = Proof(body.get("code"), body.get("recovery_code"), body.get("credential"))
        return Response(signed_in_body(finish_sign_in(token=body["token"], proof=proof, device=device_of(body))))


class PasskeyQuestionView(OpenView):
    @extend_schema(
        operation_id="auth_passkey_begin",
        summary="What to ask a passkey for signing in",
        request=None,
        responses={200: QuestionSchema},
    )
    def post(self, request: Request) -> Response:
        EmptyBody.read(request.data)
        return Response(_question(begin_passkey_sign_in()))


class PasskeySignInView(OpenView):
    @extend_schema(
        operation_id="auth_passkey",
        summary="Sign in by a passkey",
        request=PasskeySignInBody,
        responses={
            200: SignedInSchema,
            401: problem("invalid_token", "invalid_credentials"),
            403: problem("account_suspended"),
        },
    )
    def post(self, request: Request) -> Response:
        body = PasskeySignInBody.read(request.data)
        signed_in = sign_in_by_passkey(token=body["token"], credential=body["credential"], device=device_of(body))
        return Response(signed_in_body(signed_in))


class SecondFactorsView(APIView):
    @extend_schema(
        operation_id="auth_second_factor_status", summary="My second factors", responses={200: SecondFactorsSchema}
    )
    def get(self, request: AuthenticatedRequest) -> Response:
        factors = get_second_factors(user_id=request.user.id)
        return Response(representations.second_factors(factors))


class AuthenticatorAppView(APIView):
    @extend_schema(
        operation_id="auth_second_factor_app_begin",
        summary="Begin to set up an authenticator app",
        request=PasswordBody,
        responses={200: NewAppSchema},
    )
    def post(self, request: AuthenticatedRequest) -> Response:
        app = begin_app(user=request.user, password=PasswordBody.read(request.data)["password"])
        return Response({"secret": app.secret, "uri": app.uri})

    @extend_schema(
        operation_id="auth_second_factor_app_remove",
        summary="Remove my authenticator app",
        request=PasswordBody,
        responses={204: None, 404: problem("not_found")},
    )
    def delete(self, request: AuthenticatedRequest) -> Response:
        remove_app(user=request.user, password=PasswordBody.read(request.data)["password"])
        return Response(status=204)


class AuthenticatorAppCodeView(APIView):
    @extend_schema(
        operation_id="auth_second_factor_app_confirm",
        summary="Take an authenticator app into use by its first code",
        request=CodeBody,
        responses={200: RecoveryCodesSchema, 409: problem("no_app_on_trial")},
    )
    def post(self, request: AuthenticatedRequest) -> Response:
        codes = confirm_app(user=request.user, code=CodeBody.read(request.data)["code"])
        return Response({"recovery_codes": codes})


class RecoveryCodesView(APIView):
    @extend_schema(
        operation_id="auth_second_factor_recovery_codes",
        summary="Make new recovery codes in the place of the old ones",
        request=PasswordBody,
        responses={201: RecoveryCodesSchema, 409: problem("no_second_factor")},
    )
    def post(self, request: AuthenticatedRequest) -> Response:
        codes = renew_recovery_codes(user=request.user, password=PasswordBody.read(request.data)["password"])
        return Response({"recovery_codes": codes}, status=201)


class NewPasskeyView(APIView):
    @extend_schema(
        operation_id="auth_second_factor_passkeys_begin",
        summary="What to make a new passkey with",
        request=PasswordBody,
        responses={200: QuestionSchema, 409: problem("too_many_passkeys")},
    )
    def post(self, request: AuthenticatedRequest) -> Response:
        password = PasswordBody.read(request.data)["password"]
        return Response(_question(begin_passkey(user=request.user, password=password)))


class PasskeyListView(APIView):
    @extend_schema(
        operation_id="auth_second_factor_passkeys_list",
        summary="My passkeys",
        responses={200: page_of(PasskeySchema)},
    )
    def get(self, request: AuthenticatedRequest) -> Response:
        passkeys = list_passkeys(user_id=request.user.id)
        return Response({"results": [representations.passkey(each) for each in passkeys], "next": None})

    @extend_schema(
        operation_id="auth_second_factor_passkeys_add",
        summary="Keep the passkey that was made",
        request=NewPasskeyBody,
        responses={201: NewPasskeySchema, 409: problem("too_many_passkeys")},
    )
    def post(self, request: AuthenticatedRequest) -> Response:
        passkey, codes = add_passkey(user=request.user, **NewPasskeyBody.read(request.data))
        return Response({"passkey": representations.passkey(passkey), "recovery_codes": codes}, status=201)


class PasskeyView(APIView):
    @extend_schema(
        operation_id="auth_second_factor_passkeys_rename",
        summary="Call a passkey something else",
        request=PasskeyNameBody,
        responses={200: PasskeySchema},
    )
    def patch(self, request: AuthenticatedRequest, passkey_id: str) -> Response:
        name = PasskeyNameBody.read(request.data)["name"]
        passkey = rename_passkey(user=request.user, passkey_id=passkey_id, name=name)
        return Response(representations.passkey(passkey))

    @extend_schema(
        operation_id="auth_second_factor_passkeys_remove",
        summary="Remove a passkey",
        request=PasswordBody,
        responses={204: None},
    )
    def delete(self, request: AuthenticatedRequest, passkey_id: str) -> Response:
        password = PasswordBody.read(request.data)["password"]
        remove_passkey(user=request.user, passkey_id=passkey_id, password=password)
        return Response(status=204)


def _question(question: Question) -> dict[str, Any]:
    return {"token": question.token, "expires_in": LIFE_SECONDS, "options": question.options}
