"""Figures, as the pages have them: the same numbers, with the same ones kept back."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.endpoints import Endpoint
from api.problems import invalid
from servicedesk.people.access import require
from servicedesk.people.roles import Permission
from servicedesk.reports.forms import ReportForm
from servicedesk.reports.service_report import Row, ServiceReport, Table


class FigureSerializer(serializers.Serializer):
    """A number, or what stands in its place. Null without a mark is that there is none, as a rate of nothing."""

    column = serializers.CharField()
    value = serializers.DecimalField(max_digits=None, decimal_places=None, allow_null=True)
    kept_back = serializers.CharField(allow_blank=True)


class FiguresRowSerializer(serializers.Serializer):
    """What a row is about, and its numbers by column."""

    code = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    cells = FigureSerializer(many=True)


class FiguresTableSerializer(serializers.Serializer):
    """One table of a report."""

    code = serializers.CharField()
    name = serializers.CharField()
    rows = FiguresRowSerializer(many=True)


class ServiceReportSerializer(serializers.Serializer):
    """The monthly service report. `as_at` is when what is open was counted."""

    month = serializers.CharField()
    council = serializers.CharField()
    as_at = serializers.DateTimeField()
    notes = serializers.ListField(child=serializers.CharField())
    tables = FiguresTableSerializer(many=True)


class ServiceReportView(Endpoint):
    """The monthly service report."""

    http_method_names = ["get", "head"]

    @extend_schema(
        operation_id="reports_service",
        responses=ServiceReportSerializer,
        parameters=[
            OpenApiParameter("month", str, description="Such as 2026-11; the last whole one unless given."),
            OpenApiParameter("council", str, description="A council's code, or `joint` for all together."),
        ],
    )
    def get(self, request) -> Response:
        """What was done and kept in a month, beside the month before, for those who see figures."""
        require(request.user, Permission.SEE_REPORTS)
        form = ReportForm(request.query_params, request.user)
        if not form.is_valid():
            return invalid({name: list(map(str, errors)) for name, errors in form.errors.items()})
        report = ServiceReport(request.user, form.cleaned_data["month"], form.cleaned_data["council"])
        return Response(ServiceReportSerializer(_told(report)).data)


def _told(report: ServiceReport) -> dict[str, Any]:
    return {
        "month": f"{report.first:%Y-%m}",
        "council": report.scope,
        "as_at": report.month.as_at,
        "notes": report.notes,
        "tables": [
            {
                "code": table.code,
                "name": table.heading,
                "rows": [_row(table, row) for row in table.rows],
            }
            for table in report.tables
        ],
    }


def _row(table: Table, row: Row) -> dict[str, Any]:
    cells = [
        {"column": column.code, "value": cell.shown.number, "kept_back": cell.shown.mark}
        for column, cell in zip(table.columns, row.cells, strict=True)
    ]
    return {"code": row.code, "name": row.heading, "cells": cells}
