"""Files that come in, made on the spot, and the steps that bring them in."""

import csv
from io import BytesIO, StringIO

from django.core.files import File
from django.utils import timezone
from openpyxl import Workbook

from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.exporting import write
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Export, Import
from servicedesk.spreadsheets.outgoing import outgoing
from servicedesk.spreadsheets.stored_rows import StoredRow
from servicedesk.spreadsheets.stored_rows import rows_of as stored

HEADINGS = ("Asset tag", "Serial number", "Category", "State", "Site", "Holder e-mail", "Notes")


def a_csv(*rows: tuple, name: str = "register.csv") -> File:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return File(BytesIO(text.getvalue().encode()), name)


def a_workbook(*rows: tuple, name: str = "register.xlsx", more: dict[str, list[tuple]] | None = None) -> File:
    book = Workbook()
    for title, content in {"Register": rows, **(more or {})}.items():
        sheet = book.create_sheet(title)
        for row in content:
            sheet.append(row)
    del book["Sheet"]
    target = BytesIO()
    book.save(target)
    return File(BytesIO(target.getvalue()), name)


def bring(file: File, council: Council, by: Person | None = None, kind: str = "assets", **options) -> Import:
    """Upload and check."""
    started = importing.start(file, file.name, kinds()[kind], council, by=by, **options)
    return importing.check(started, by=by)


def actions(started: Import) -> dict[int, str]:
    return {row.number: row.action for row in rows_of(started)}


def codes(started: Import) -> dict[int, list[str]]:
    """The codes of what is wrong, by row."""
    return {
        row.number: [problem["code"] for problem in row.problems] for row in rows_of(started) if row.problems
    }


def rows_of(started: Import, *actions: str) -> list[StoredRow]:
    return list(stored(started, actions))


def going_out(kind: str, rows, by: Person | None = None, council: Council | None = None) -> File:
    """The rows as they are taken out, by the system unless by somebody, to be brought in again."""
    target = BytesIO()
    export = Export(kind=kind, format="csv", wanted_at=timezone.now())
    if reckoned := kinds()[kind].reckoned:
        rows = rows.annotate(**reckoned())
    write(outgoing(kinds()[kind], by, council=council), rows, target, export)
    return File(BytesIO(target.getvalue()), "export.csv")
