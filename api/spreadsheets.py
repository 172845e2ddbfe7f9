"""Imports and exports: the same steps as the pages', each answered with where the import or export then stands."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django_filters import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.parsers import JSONParser, MultiPartParser
from api.row_pages import RowPages
from api.rows import AnyFile, Rows
from api.spreadsheet_shapes import (
    ApplySerializer,
    ChoicesSerializer,
    ExportSerializer,
    ImportDetailSerializer,
    ImportRowSerializer,
    ImportSerializer,
    MappingSerializer,
    NewExportSerializer,
    NewImportSerializer,
    VersionSerializer,
)
from servicedesk.files.storing import CSV, XLSX, download
from servicedesk.forms import FilterForm
from servicedesk.jobs import running
from servicedesk.jobs.models import Job
from servicedesk.people.access import open_door
from servicedesk.people.models import Person
from servicedesk.spreadsheets import importing, taking_out
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Action, Export, Import, WrongStep
from servicedesk.spreadsheets.reading import Refused
from servicedesk.spreadsheets.rejects import write_rejects

RELATED = ("council", "file", "started_by", "job", "profile")


class RowFilters(FilterSet):
    """What narrows the rows of an import."""

    action = ChoiceFilter(choices=Action.choices)
    problem = CharFilter(max_length=60)
    field = CharFilter(max_length=60)

    class Meta:
        form = FilterForm


class ImportViewSet(Rows):
    """Imports of the councils whose rows the person may change."""

    serializer_class = ImportSerializer
    orderings = {"started": ("started_at", "id")}
    ordering = "-started"

    def rows(self, person) -> QuerySet[Import]:
        imports = Import.objects.visible_to(person).select_related(*RELATED)
        return imports.defer("sheets", "notes", "unknown") if self.action == "list" else imports

    @extend_schema(responses=ImportDetailSerializer)
    def retrieve(self, request, *args, **kwargs) -> Response:
        """One import: where it stands, what its columns are, and what is wrong with the file."""
        return self._shown(self.get_object())

    @extend_schema(
        request={"multipart/form-data": NewImportSerializer}, responses={201: ImportDetailSerializer}
    )
    def create(self, request) -> Response:
        """Send a spreadsheet. It is read, its columns are found, and where they say enough its rows are checked.

        A file that cannot be read is kept as an import that says in `refused` why.
        """
        given = self.given(NewImportSerializer)
        file = given["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            raise RequestDataTooBig
        started = importing.start(file, file.name, kinds()[given["kind"]], given["council"], by=request.user)
        try:
            if started.mapping:
                started = importing.begin_check(started, by=request.user)
        except Refused:
            pass  # the import says so itself
        return self._shown(started, status.HTTP_201_CREATED)

    @extend_schema(operation_id="imports_map", request=MappingSerializer, responses=ImportDetailSerializer)
    @action(detail=True, methods=["put"])
    def mapping(self, request, pk: str) -> Response:
        """Say what the columns are, as read at `version`, and check every row: where they are many, by the `job`."""
        started = self.get_object()
        said = self.given(MappingSerializer)
        version, create = said.pop("version"), said.pop("create", None)
        save_as = said.pop("save_as", None)
        chosen = importing.choose(
            started, said, by=request.user, create=create, version=version, save_as=save_as, remember=True
        )
        return self._shown(importing.begin_check(chosen, by=request.user))

    @extend_schema(
        operation_id="imports_apply", request=ApplySerializer, responses={202: ImportDetailSerializer}
    )
    @action(detail=True, methods=["post"])
    def apply(self, request, pk: str) -> Response:
        """Have the good rows written by a job, as checked at `version`; asked for again, it changes nothing.

        `whole` wants all of the rows or none. Where `warnings` says that very much would change, it answers 409 until
        it is asked for with `confirmed`.
        """
        started = self.get_object()
        given = self.given(ApplySerializer)
        return self._shown(importing.apply(started, by=request.user, **given), status.HTTP_202_ACCEPTED)

    @extend_schema(operation_id="imports_decide", request=ChoicesSerializer, responses=ImportDetailSerializer)
    @action(detail=True, methods=["put"])
    def choices(self, request, pk: str) -> Response:
        """Say which of ours a row is that matches several, or whose value counts where two have changed one, and check
        every row again."""
        started = self.get_object()
        said = self.given(ChoicesSerializer)
        version = said.pop("version")
        return self._shown(importing.decide(started, said, by=request.user, version=version))

    @extend_schema(
        operation_id="imports_undo", request=VersionSerializer, responses={202: ImportDetailSerializer}
    )
    @action(detail=True, methods=["post"])
    def undo(self, request, pk: str) -> Response:
        """Have taken back what nobody has changed since, by a job; `undone` then lists the rest."""
        started = self.get_object()
        version = self.given(VersionSerializer)["version"]
        return self._shown(
            importing.undo(started, by=request.user, version=version), status.HTTP_202_ACCEPTED
        )

    @extend_schema(operation_id="imports_cancel", request=None, responses=ImportDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk: str) -> Response:
        """Ask for the check, import or undoing that is under way to stop, for whoever asked for it; what was begun is
        then not written."""
        _stop(self.get_object().job, "Nothing of this import is under way.", by=request.user)
        return self._shown(self.get_object())

    @extend_schema(operation_id="imports_file", responses={(200, XLSX): OpenApiTypes.BINARY})
    @action(detail=True, renderer_classes=[AnyFile])
    def file(self, request, pk: str) -> FileResponse:
        """The file as it was sent."""
        return download(self.get_object().file)

    @extend_schema(operation_id="imports_rows", responses=ImportRowSerializer(many=True))
    @action(
        detail=True,
        url_path="rows",
        filterset_class=RowFilters,
        pagination_class=RowPages,
        orderings={},
        ordering="",
    )
    def staged(self, request, pk: str) -> Response:
        """What each row says, would do, and what is wrong with it, in the order of the file."""
        started = self.get_object()
        filters = RowFilters(request.query_params, queryset=Import.objects.none())
        if not filters.is_valid():
            raise ValidationError(filters.errors)
        page = self.paginate_queryset((started, filters.form.cleaned_data))
        hidden = started.kind_of_row.hidden_from(request.user, started.council_id)
        context = {"hidden": hidden, "sheet": started.mapping.get("sheet")}
        return self.get_paginated_response(ImportRowSerializer(page, many=True, context=context).data)

    @extend_schema(operation_id="imports_rejects", responses={(200, XLSX): OpenApiTypes.BINARY})
    @action(detail=True, renderer_classes=[AnyFile])
    def rejects(self, request, pk: str) -> HttpResponse:
        """The refused rows as a workbook, to correct and send again."""
        started = self.get_object()
        answer = HttpResponse(content_type=XLSX)
        answer["Content-Disposition"] = f'attachment; filename="To correct, import {started.pk}.xlsx"'
        answer["Cache-Control"] = "private, no-store"
        write_rejects(started, answer)
        return answer

    def get_parsers(self) -> list:
        sends_file = self.request is None or self.action_map.get(str(self.request.method).lower()) == "create"
        return [MultiPartParser()] if sends_file else [JSONParser()]

    def _shown(self, started: Import, code: int = status.HTTP_200_OK) -> Response:
        return Response(ImportDetailSerializer(started).data, status=code)


class ExportViewSet(Rows):
    """The person's own exports."""

    serializer_class = ExportSerializer
    orderings = {"wanted": ("wanted_at", "id")}
    ordering = "-wanted"

    def rows(self, person) -> QuerySet[Export]:
        return Export.objects.visible_to(person).select_related("job", "file")

    @extend_schema(request=NewExportSerializer, responses={201: ExportSerializer, 202: ExportSerializer})
    def create(self, request) -> Response:
        """Take rows out: 201 when the file is ready, 202 when a job makes it because they are many."""
        given = NewExportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        kind = kinds()[wanted["kind"]]
        export = taking_out.start(
            kind, wanted["filters"], wanted["format"], by=request.user, columns=wanted["columns"]
        )
        code = status.HTTP_201_CREATED if export.file else status.HTTP_202_ACCEPTED
        return Response(ExportSerializer(export).data, status=code)

    @extend_schema(
        operation_id="exports_file",
        responses={(200, XLSX): OpenApiTypes.BINARY, (200, CSV.split(";")[0]): OpenApiTypes.BINARY},
    )
    @action(detail=True, renderer_classes=[AnyFile])
    def file(self, request, pk: str) -> FileResponse:
        """The file itself; 404 until it is ready."""
        export = self.get_object()
        if export.file is None:
            raise Http404
        return download(export.file)

    @extend_schema(operation_id="exports_cancel", request=None, responses=ExportSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk: str) -> Response:
        """Ask for the job that makes the file to stop; unless it is about to end, no file is made."""
        _stop(self.get_object().job, "Nothing of this export is under way.", by=request.user)
        return Response(ExportSerializer(self.get_object()).data)


def _stop(job: Job | None, why_not: str, *, by: Person) -> None:
    """Ask for a job to stop, where the person asked for it. Raises WrongStep where none is under way."""
    if job is None or job.ended:
        raise WrongStep(why_not)
    running.cancel(open_door(by, Job.objects, pk=job.pk))
