"""Why a deadline is what it is, for anybody's calendars and cases."""

from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.response import Response

from api.endpoints import Endpoint
from api.problems import invalid
from servicedesk.service_levels.explanation import explain_cases
from servicedesk.service_levels.working_time import DeadlineError


class ExplainView(Endpoint):
    """Takes an object of `calendars` and `cases`; answers each case with when it is due and the time it uses."""

    http_method_names = ["post"]

    @extend_schema(
        request=OpenApiTypes.OBJECT, responses={200: {"type": "array", "items": {"type": "object"}}}
    )
    def post(self, request) -> Response:
        try:
            return Response(explain_cases(request.data))
        except DeadlineError as refusal:
            return invalid({"cases": [str(refusal)]})
