"""A report as a workbook: a sheet for each of its tables, with what the page shows and no more."""

from io import BytesIO

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone

from servicedesk import wording
from servicedesk.files.storing import XLSX
from servicedesk.history.recording import change_set, record
from servicedesk.people.models import Person
from servicedesk.reports.report import Report
from servicedesk.reports.tables import Table
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.writing import Column, SheetOut, write_xlsx

WIDEST = 46


def take_out(report: Report, *, by: Person) -> HttpResponse:
    """The workbook; who took it out, when and of what, is kept. The file itself is not, but for a day under
    the Idempotency-Key of a program: it says what was known today.

    Raises PermissionDenied for who may not take out the requests of every council in it.
    """
    if not report.may_be_taken_out:
        raise PermissionDenied("You need the right to export.")
    with change_set(by=by, reason=f"Export of the {report.title.lower()}") as deed:
        export = Export.objects.create(
            kind=f"{report.code}-report",
            filters={"month": f"{report.first:%Y-%m}", "council": report.scope},
            format="xlsx",
            wanted_by=by,
            wanted_at=report.now,
            rows=sum(len(table.rows) for table in report.tables),
        )
        record(deed, [export])
    today = timezone.localdate(report.now)
    name = f"{report.title} {report.first:%Y-%m} {report.scope}, {today:%Y-%m-%d}.xlsx"
    return response(workbook(report), name)


def workbook(report: Report) -> bytes:
    """The bytes of the workbook."""
    target = BytesIO()
    cover = SheetOut("About", (), ([line] for line in _about(report)))
    write_xlsx(target, [cover, *map(sheet_of, report.tables)])
    return target.getvalue()


def sheet_of(table: Table) -> SheetOut:
    """A table of figures as a sheet: money to the penny, where a column has any."""
    kinds = [
        "money" if any(row.cells[at].unit == "money" for row in table.rows) else "text"
        for at in range(len(table.columns))
    ]
    columns = [
        Column("", width=WIDEST),
        *(Column(column.heading, kind) for column, kind in zip(table.columns, kinds, strict=True)),
    ]
    rows = ([row.heading, *(cell.value for cell in row.cells)] for row in table.rows)
    return SheetOut(table.heading, columns, rows)


def _about(report: Report) -> list[str]:
    return [
        f"{report.title}, {report.first:%B %Y}: {report.heading}",
        f"As at: {wording.moment(report.month.as_at)}",
        f"Taken out by: {report.person}, {wording.moment(report.now)}",
        *report.notes,
    ]


def response(body: bytes, name: str) -> HttpResponse:
    """A workbook that is downloaded, and kept by nobody on the way."""
    answer = HttpResponse(body, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
