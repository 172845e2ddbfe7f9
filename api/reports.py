"""Figures, as the pages have them: the same numbers, with the same ones kept back."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.asset_shapes import AssetSerializer
from api.endpoints import Endpoint
from api.figures import FiguresTableSerializer, tables_told
from api.filters import refuse_unknown
from api.pages import WholeSerializer, whole
from api.rows import AnyFile, Rows
from api.ticket_shapes import TicketSerializer
from api.tickets import listed
from assets.register.equipment_report import EquipmentReport
from assets.register.models import Asset
from assets.register.registering import RELATED
from servicedesk.files.storing import XLSX
from servicedesk.people.access import require
from servicedesk.people.roles import Permission
from servicedesk.reports.forms import ReportForm
from servicedesk.reports.report import Report, Said
from servicedesk.reports.reports import kind_for, kinds_for, listed_in
from servicedesk.reports.service_report import ServiceReport
from servicedesk.reports.sheets import take_out
from servicedesk.reports.views import KEPT_BACK


class ReportSerializer(serializers.Serializer):
    """A monthly report. `as_at` is as when everything was counted."""

    month = serializers.CharField()
    council = serializers.CharField()
    as_at = serializers.DateTimeField()
    notes = serializers.ListField(child=serializers.CharField())
    tables = FiguresTableSerializer(many=True)


class SaidSerializer(serializers.Serializer):
    """A row behind a number; `said` is what the page has beside it, by heading: the number that a mean is made of, and
    whether a rate counted it."""

    said = serializers.SerializerMethodField()

    def get_said(self, row: Model) -> dict[str, str]:
        told = self.context.get("said", ())
        return {one.heading: one.texts[row.pk] for one in told if row.pk in one.texts}


class CountedTicketSerializer(SaidSerializer, TicketSerializer):
    """A ticket behind a number."""

    class Meta(TicketSerializer.Meta):
        fields = (*TicketSerializer.Meta.fields, "said")


class CountedAssetSerializer(SaidSerializer, AssetSerializer):
    """An asset behind a number."""

    class Meta(AssetSerializer.Meta):
        fields = (*AssetSerializer.Meta.fields, "said")  # type: ignore[assignment]


MONTH = "Such as 2026-11; the last whole one unless given."
COUNCIL = "A council's code, or `joint` for all together."
ASKED = [
    OpenApiParameter("month", str, description=MONTH),
    OpenApiParameter("council", str, description=COUNCIL),
]
WORKBOOK = {(200, XLSX): OpenApiTypes.BINARY}


class ReportAskedSerializer(serializers.Serializer):
    """Of which month and council."""

    month = serializers.CharField(required=False, help_text=MONTH)
    council = serializers.CharField(required=False, help_text=COUNCIL)


def asked_for(kind: type[Report]) -> list[OpenApiParameter]:
    """By what the list behind a number of the report is asked for."""
    parted = "Which part of the number, as the report's rows are called by `code`; one at most."
    return [
        *ASKED,
        OpenApiParameter("figure", str, enum=list(kind.words), description="Which number of the report."),
        OpenApiParameter(
            "of",
            str,
            description="Of which number it is the rate: the list is of that one, and says which are in it.",
        ),
        *(OpenApiParameter(name, str, description=parted) for name in kind.parts),
    ]


class ReportToldSerializer(serializers.Serializer):
    """A report that the person may open, and where."""

    code = serializers.CharField()
    title = serializers.CharField()
    sentence = serializers.CharField(help_text="What it tells.")
    page = serializers.CharField(help_text="The address of its page.")
    resource = serializers.CharField(help_text="The address at which this interface tells it.")
    list = serializers.CharField(help_text="The address of what a number of it counted.")
    workbook = serializers.CharField(help_text="The address that makes a workbook of it.")


class ReportsSerializer(WholeSerializer):
    """All of them on one page."""

    results = ReportToldSerializer(many=True)


class ReportsView(Endpoint):
    """Which reports there are."""

    http_method_names = ["get", "head"]

    @extend_schema(operation_id="reports_index", responses=ReportsSerializer)
    def get(self, request) -> Response:
        """The reports that one may open, for who sees figures."""
        require(request.user, Permission.SEE_REPORTS)
        return whole([ReportToldSerializer(_pointed_at(kind)).data for kind in kinds_for(request.user)])


class ReportView(Endpoint):
    """A monthly report: a class for each gives its `kind`."""

    http_method_names = ["get", "head"]
    kind: type[Report]

    def get(self, request) -> Response:
        report = _report(request, self.kind)
        return Response(ReportSerializer(_told(report)).data)


class ServiceReportView(ReportView):
    """The monthly service report."""

    kind = ServiceReport

    @extend_schema(operation_id="reports_service", responses=ReportSerializer, parameters=ASKED)
    def get(self, request) -> Response:
        """What was done and kept in a month, beside the month and the year before, for those who see figures."""
        return super().get(request)


class WorkbookView(Endpoint):
    """A monthly report as a workbook, with what the page shows and no more; that it was taken out is kept. A class for
    each gives its `kind`."""

    http_method_names = ["post"]
    renderer_classes = [AnyFile]
    kind: type[Report]

    def post(self, request) -> HttpResponse:
        asked = self.given(ReportAskedSerializer)
        return take_out(_asked(request.user, self.kind, asked), by=request.user)


class FigureRows(Rows):
    """What a number of a report counted: exactly as many. A class for each report gives its `kind`."""

    http_method_names = ["get", "head"]
    filter_backends = ()
    kind: type[Report]
    said: Sequence[Said] = ()

    def rows(self, person) -> QuerySet:
        refuse_unknown(self.request, ["month", "council", "figure", "of", *self.kind.parts])
        found = listed_in(_report(self.request, self.kind), self.request.query_params)
        if found is None:
            raise Http404
        if found.mark:
            raise PermissionDenied(KEPT_BACK)
        self.said = found.said
        return found.rows

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "said": self.said}


class ServiceWorkbookView(WorkbookView):
    """The monthly service report to take out."""

    kind = ServiceReport

    @extend_schema(operation_id="reports_service_workbook", request=ReportAskedSerializer, responses=WORKBOOK)
    def post(self, request) -> HttpResponse:
        """The monthly service report as .xlsx, for who may export the requests of every council in it."""
        return super().post(request)


class ServiceFigureRows(FigureRows):
    """The tickets behind a number of the service report."""

    kind = ServiceReport
    serializer_class = CountedTicketSerializer
    orderings = {"reported": ("reported_at", "id"), "due": ("sort_due", "id")}
    ordering = "-reported"

    def rows(self, person) -> QuerySet:
        seen = listed(person)
        return seen.filter(pk__in=super().rows(person).values("pk")) if person.is_authenticated else seen

    @extend_schema(operation_id="reports_service_list", parameters=asked_for(ServiceReport))
    def list(self, request, *args, **kwargs) -> Response:
        """The tickets that a number of the report counted: 403 where the number is kept back."""
        return super().list(request, *args, **kwargs)


class EquipmentReportView(ReportView):
    """The monthly equipment report."""

    kind = EquipmentReport

    @extend_schema(operation_id="reports_equipment", responses=ReportSerializer, parameters=ASKED)
    def get(self, request) -> Response:
        """What there was at the end of a month, what went and what came back, for those who see figures."""
        return super().get(request)


class EquipmentWorkbookView(WorkbookView):
    """The monthly equipment report to take out."""

    kind = EquipmentReport

    @extend_schema(
        operation_id="reports_equipment_workbook", request=ReportAskedSerializer, responses=WORKBOOK
    )
    def post(self, request) -> HttpResponse:
        """The monthly equipment report as .xlsx, for who may export the assets of every council in it."""
        return super().post(request)


class EquipmentFigureRows(FigureRows):
    """The assets behind a number of the equipment report."""

    kind = EquipmentReport
    serializer_class = CountedAssetSerializer
    orderings = {"asset_tag": ("asset_tag", "id"), "registered": ("registered_at", "id")}
    ordering = "asset_tag"

    def rows(self, person) -> QuerySet:
        seen = Asset.objects.visible_to(person).select_related(*RELATED)
        return seen.filter(pk__in=super().rows(person).values("pk")) if person.is_authenticated else seen

    @extend_schema(operation_id="reports_equipment_list", parameters=asked_for(EquipmentReport))
    def list(self, request, *args, **kwargs) -> Response:
        """The assets that a number of the report counted: 403 where the number is kept back."""
        return super().list(request, *args, **kwargs)


def _report(request, kind: type[Report]) -> Report:
    return _asked(request.user, kind, request.query_params)


def _asked(person, kind: type[Report], asked: Mapping[str, Any]) -> Report:
    form = ReportForm(asked, person, kind_for(person, kind.code))
    if not form.is_valid():
        raise ValidationError({name: list(map(str, errors)) for name, errors in form.errors.items()})
    return form.report()


def _pointed_at(kind: type[Report]) -> dict[str, str]:
    return {
        "code": kind.code,
        "title": kind.title,
        "sentence": kind.sentence,
        "page": reverse("reports:report", args=[kind.code]),
        "resource": reverse(f"api:{kind.code}-report"),
        "list": reverse(f"api:{kind.code}-figure-list"),
        "workbook": reverse(f"api:{kind.code}-workbook"),
    }


def _told(report: Report) -> dict[str, Any]:
    return {
        "month": f"{report.first:%Y-%m}",
        "council": report.scope,
        "as_at": report.month.as_at,
        "notes": report.notes,
        "tables": tables_told(report.tables),
    }
