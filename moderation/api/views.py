"""Reports over REST."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import AuthenticatedRequest
from chat_project.core.api.pagination import parse_limit
from chat_project.core.api.schema import PAGE_PARAMETERS, page_of, problem
from moderation.api.schemas import ReportSchema
from moderation.api.serializers import ReportBody
from moderation.enums import ReportTarget
from moderation.models import UserReport
from moderation.representations import report
from moderation.selectors.reports import list_own_reports
from moderation.services import report_conversation, report_message, report_person

_FILED_BY: dict[str, Callable[..., UserReport]] = {
    ReportTarget.USER: report_person,
    ReportTarget.CONVERSATION: report_conversation,
    ReportTarget.MESSAGE: report_message,
}


class ReportListView(APIView):
    @extend_schema(
        operation_id="reports", summary="My reports", parameters=PAGE_PARAMETERS, responses={200: page_of(ReportSchema)}
    )
    def get(self, request: AuthenticatedRequest) -> Response:
        params = request.query_params
        page = list_own_reports(viewer=request.user, limit=parse_limit(params), cursor=params.get("cursor"))
        return Response({"results": [report(row) for row in page.results], "next": page.next})

    @extend_schema(
        operation_id="reports_file",
        summary="Report a person, a message or a conversation",
        description=(
            "What is reported is frozen as I see it; of a message with up to five messages before and after it. "
            "The reported person never learns who reported."
        ),
        request=ReportBody,
        responses={201: ReportSchema, 404: problem("not_found"), 409: problem("already_reported")},
    )
    def post(self, request: AuthenticatedRequest) -> Response:
        body: dict[str, Any] = ReportBody.read(request.data)
        file = _FILED_BY[body.pop("target_type")]
        return Response(report(file(reporter=request.user, **body)), status=201)
