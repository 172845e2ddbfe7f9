"""The refresh for programs."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.endpoints import Endpoint
from api.figures import FiguresTableSerializer, tables_told
from api.filters import refuse_unknown
from api.problems import invalid
from assets.refresh.energy_tables import energy_for
from assets.refresh.figures import forecast_for
from assets.refresh.forecast import financial_year
from assets.refresh.forms import ForecastForm
from servicedesk.people.access import require
from servicedesk.people.roles import Permission


class ForecastRowSerializer(serializers.Serializer):
    """How many assets of a category are planned for a financial year, or "unknown". A cost is null where nobody knows
    it, or the reader may not."""

    financial_year = serializers.CharField()
    council = serializers.CharField()
    category = serializers.CharField()
    count = serializers.IntegerField()
    cost = serializers.DecimalField(max_digits=None, decimal_places=2, allow_null=True)


class ForecastSerializer(serializers.Serializer):
    """The refresh forecast. `total` adds up the costs that are told; prices exclude VAT."""

    as_at = serializers.DateField()
    inflation = serializers.DecimalField(max_digits=None, decimal_places=None)
    rows = ForecastRowSerializer(many=True)
    total = serializers.DecimalField(max_digits=None, decimal_places=2)


class ForecastView(Endpoint):
    """The refresh forecast."""

    http_method_names = ["get", "head"]

    @extend_schema(
        operation_id="refresh_forecast",
        responses=ForecastSerializer,
        parameters=[
            OpenApiParameter("as_at", str, description="Such as 2026-11-23; today unless given."),
            OpenApiParameter("council", str, description="A council's code; all unless given."),
        ],
    )
    def get(self, request) -> Response:
        """When assets fall due and what that costs, for those who read a register."""
        require(request.user, Permission.SEE_ASSETS)
        form = ForecastForm(request.query_params, request.user)
        if not form.is_valid():
            return invalid({name: list(map(str, errors)) for name, errors in form.errors.items()})
        return Response(forecast_for(request.user, **form.cleaned_data).told())


class EnergySerializer(serializers.Serializer):
    """What the equipment in use uses in a year, costs and emits: the tables of the page. `notes` say what they are
    reckoned with. A cost is null where the reader may not know it."""

    financial_year = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())
    tables = FiguresTableSerializer(many=True)


class EnergyView(Endpoint):
    """Energy and carbon of the estate."""

    http_method_names = ["get", "head"]

    @extend_schema(operation_id="refresh_energy", responses=EnergySerializer)
    def get(self, request) -> Response:
        """Now, by category, by financial year with closed ones as they were, and keeping a thing one more year."""
        require(request.user, Permission.SEE_ASSETS)
        refuse_unknown(request, [])
        found = energy_for(request.user, timezone.localdate())
        body = {
            "financial_year": financial_year(found.energy.year),
            "notes": found.notes,
            "tables": tables_told(found.tables),
        }
        return Response(EnergySerializer(body).data)
