"""A report as a workbook: a sheet for each of its tables, with what the page shows and no more."""

from io import BytesIO

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone

from servicedesk import wording
from servicedesk.files.storing import XLSX
from servicedesk.history.recording import change_set, record
from servicedesk.people.models import Person
from servicedesk.reports.service_report import ServiceReport, Table
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.writing import Column, SheetOut, write_xlsx

KIND = "service-report"
WIDEST = 46


def take_out(report: ServiceReport, *, by: Person) -> HttpResponse:
    """The workbook; who took it out, when and of what, is kept. The file itself is not: it says what was known today.

    Raises PermissionDenied for who may not take out the requests of every council in it.
    """
    if not report.may_be_taken_out:
        raise PermissionDenied("You need the right to export.")
    with change_set(by=by, reason="Export of the monthly service report") as deed:
        export = Export.objects.create(
            kind=KIND,
            filters={"month": f"{report.first:%Y-%m}", "council": report.scope},
            format="xlsx",
            wanted_by=by,
            wanted_at=report.now,
            rows=sum(len(table.rows) for table in report.tables),
        )
        record(deed, [export])
    return _response(report, workbook(report))


def workbook(report: ServiceReport) -> bytes:
    """The bytes of the workbook."""
    target = BytesIO()
    cover = SheetOut("About", (), ([line] for line in _about(report)))
    write_xlsx(target, [cover, *map(_sheet, report.tables)])
    return target.getvalue()


def _sheet(table: Table) -> SheetOut:
    columns = [Column("", width=WIDEST), *(Column(column.heading) for column in table.columns)]
    rows = ([row.heading, *(cell.value for cell in row.cells)] for row in table.rows)
    return SheetOut(table.heading, columns, rows)


def _about(report: ServiceReport) -> list[str]:
    return [
        f"Monthly service report, {report.first:%B %Y}: {report.heading}",
        f"As at: {wording.moment(report.month.as_at)}",
        f"Taken out by: {report.person}, {wording.moment(report.now)}",
        *report.notes,
    ]


def _response(report: ServiceReport, body: bytes) -> HttpResponse:
    response = HttpResponse(body, content_type=XLSX)
    name = (
        f"Service report {report.first:%Y-%m} {report.scope}, {timezone.localdate(report.now):%Y-%m-%d}.xlsx"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
