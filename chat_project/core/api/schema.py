"""How calls describe themselves in the OpenAPI schema: every refusal is a problem, every list a page."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from chat_project.core.api.pagination import DEFAULT_LIMIT, MAX_LIMIT
from chat_project.core.api.problems import CONTENT_TYPE

PAGE_PARAMETERS = [
    OpenApiParameter("limit", int, description=f"Results a page: {DEFAULT_LIMIT}, at most {MAX_LIMIT}."),
    OpenApiParameter("cursor", str, description="The `next` of the page before."),
]

_PROBLEMS = {
    400: "The request is not valid; `errors` names the fields.",
    401: "Nobody is signed in, or the token is bad, expired or of a session that has ended.",
    403: "Signed in, but not allowed.",
    404: "Not there, or not for you to know of.",
    413: "The body is too large.",
    415: "The body is of another media type than the call takes.",
    429: "Too much, too fast: Retry-After says when to come back.",
    503: "A part that the call needs is down: Retry-After says when to come back.",
}


class Problem(serializers.Serializer[Any]):
    """RFC 9457. Programs switch on `code`; `detail` is for people."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    retry_after = serializers.IntegerField(required=False)

    def get_fields(self) -> dict[str, Any]:
        # Not declared above, since a serializer has `errors` of its own.
        messages = serializers.ListField(child=serializers.CharField())
        return {**super().get_fields(), "errors": serializers.DictField(child=messages, required=False)}


def problem(*codes: str) -> OpenApiResponse:
    """Return the description of a refusal, for `@extend_schema(responses={409: problem("request_pending")})`."""
    return OpenApiResponse(Problem, description=" · ".join(f"`{code}`" for code in codes))


@cache
def page_of(serializer: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """Return the description of a page of results."""
    name = f"{serializer.__name__.removesuffix('Schema')}Page"
    fields = {"results": serializer(many=True), "next": serializers.CharField(allow_null=True)}
    return inline_serializer(name, fields)


class ProblemAutoSchema(AutoSchema):
    """drf-spectacular's AutoSchema, with the problems that each call may answer."""

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        for status in self._problem_statuses():
            text = OpenApiResponse(Problem, description=_PROBLEMS[status])
            responses.setdefault(str(status), self._get_response_for_code(text, str(status)))
        for status_text, response in responses.items():
            if int(status_text) >= 400 and "content" in response:
                response["content"] = {CONTENT_TYPE: next(iter(response["content"].values()))}
        return dict(sorted(responses.items()))

    def get_request_serializer(self) -> Any:
        return None if self.method == "DELETE" else super().get_request_serializer()

    def _get_request_body(self, direction: Literal["request", "response"] = "request") -> Any:
        """Describe the body of a DELETE too, where a call names one: the password, before what can't be undone."""
        if not self._deletes_with_body():
            return super()._get_request_body(direction)
        self.method = "POST"
        try:
            return super()._get_request_body(direction)
        finally:
            self.method = "DELETE"

    def get_serializer_name(self, serializer: serializers.Serializer[Any], direction: str) -> str:
        return type(serializer).__name__.removesuffix("Schema").removesuffix("Body")

    def _problem_statuses(self) -> Iterable[int]:
        takes_body = self.method in ("POST", "PUT", "PATCH") or self._deletes_with_body()
        if takes_body or self._takes_query():
            yield 400
        if not any(isinstance(permission, AllowAny) for permission in self.view.get_permissions()):
            yield 401
        if self.method != "GET" or "{" in self.path:
            yield 403
        if "{" in self.path:
            yield 404
        if takes_body:
            yield from (413, 415)
        yield from (429, 503)

    def _deletes_with_body(self) -> bool:
        return self.method == "DELETE" and self.get_request_serializer() is not None

    def _takes_query(self) -> bool:
        return any(parameter["in"] == "query" for parameter in self._get_parameters())
