"""Baselines for programs: plans as committees were told them. Each is seen with the money of its council."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api.rows import Named, Rows, Shown, code
from assets.refresh.comparing import frozen_lines
from assets.refresh.forecast import UNKNOWN, Driver, financial_year
from assets.refresh.models import Baseline, BaselineLine


class BaselineSerializer(Shown):
    """A plan of one council as it was told, and by whom it was frozen."""

    council = code()
    scenario = Named()
    taken_by = Named()

    class Meta:
        model = Baseline
        fields = [
            "id",
            "council",
            "scenario",
            "name",
            "reference",
            "as_at",
            "inflation",
            "taken_by",
            "taken_at",
        ]


class BaselineLineSerializer(serializers.ModelSerializer):
    """How many of a category were planned for a financial year because of one driver, and at what cost; the year and
    the driver are null where nothing was known, the cost where no price was."""

    financial_year = serializers.SerializerMethodField()
    driver = serializers.SerializerMethodField()

    class Meta:
        model = BaselineLine
        fields = ["financial_year", "category", "driver", "count", "cost"]
        read_only_fields = fields

    def get_financial_year(self, line: BaselineLine) -> str | None:
        return None if line.year is None else financial_year(line.year)

    def get_driver(self, line: BaselineLine) -> str | None:
        return line.driver or None


class BaselineViewSet(Rows):
    """What committees were told of the councils whose money the person sees."""

    serializer_class = BaselineSerializer
    orderings = {"id": ("id", "id")}
    ordering = "-id"

    def rows(self, person) -> QuerySet[Baseline]:
        return Baseline.objects.visible_to(person).select_related("council", "scenario", "taken_by")

    @extend_schema(
        responses=BaselineLineSerializer(many=True),
        filters=False,
        parameters=[
            OpenApiParameter(
                "year", str, description="Only of this financial year, such as 2026/27, or `unknown`."
            ),
            OpenApiParameter("driver", str, enum=[*Driver, UNKNOWN], description="Only what this makes due."),
        ],
    )
    @action(detail=True, methods=["get"], orderings={"id": ("id", "id")}, ordering="id")
    def lines(self, request, pk: str) -> Response:
        """What was planned, as it was frozen."""
        asked: Any = {name: request.query_params.get(name, "") for name in ("year", "driver")}
        try:
            rows = frozen_lines(self.get_object(), **asked)
        except ValueError as error:
            wrong = "year" if asked["driver"] in ("", UNKNOWN, *Driver) else "driver"
            raise ValidationError({wrong: ["There is no such one."]}) from error
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(BaselineLineSerializer(page, many=True).data)
