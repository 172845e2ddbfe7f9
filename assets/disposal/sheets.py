"""The disposal register as a workbook, with what the page shows and no more. Who took it out is kept."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone

from assets.disposal.leaving import Line
from servicedesk import wording
from servicedesk.history.recording import change_set, record
from servicedesk.people.access import councils_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.reports.sheets import response
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.writing import Column, SheetOut, write_xlsx

KIND = "disposal-register"
COLUMNS = [
    Column("Asset tag", "identifier"),
    Column("Serial number", "identifier"),
    Column("Kind", width=30),
    Column("Council"),
    Column("How it left"),
    Column("Date", "date"),
    Column("Wipe certificate", "identifier"),
    Column("Facility’s certificate", "identifier"),
    Column("Security incident", width=24),
    Column("Evidence missing", "yesno"),
    Column("Consignment", "identifier"),
    Column("Firm or buyer", width=24),
    Column("Facility or recipient", width=24),
    Column("Weight in kg, share"),
]
WHY_NOT_BACK = [
    "This is a document. It cannot be brought back: what is changed in it changes nothing.",
    "The register is evidence. Each line is drawn from the certificates, disposals and consignments that were recorded "
    "as they happened, and nobody edits those afterwards, in no sheet either.",
    "What is missing from a line is added where it belongs: on the page of the asset or of its consignment.",
]
INCOME = Column("Income excluding VAT", "money")


def take_out(lines: Sequence[Line], *, by: Person, filters: dict[str, Any]) -> HttpResponse:
    """The workbook of these lines. Raises PermissionDenied for who may not take out every council's in it."""
    if not {line.asset.council_id for line in lines} <= councils_of(by, Permission.EXPORT):
        raise PermissionDenied("You need the right to export.")
    now = timezone.now()
    with change_set(by=by, reason="Export of the disposal register", now=now) as deed:
        export = Export.objects.create(
            kind=KIND, filters=filters, format="xlsx", wanted_by=by, wanted_at=now, rows=len(lines)
        )
        record(deed, [export])
    return response(workbook(lines, by), f"Disposal register {timezone.localdate(now):%Y-%m-%d}.xlsx")


def workbook(lines: Sequence[Line], person: Person) -> bytes:
    """The bytes of the workbook. A column of income is there for who sees a council's money, and holds no other's."""
    money = bool(councils_of(person, Permission.SEE_ASSET_MONEY))
    about = [
        "Disposal register",
        f"Taken out by: {person}, {wording.moment(timezone.now())}",
        "",
        *WHY_NOT_BACK,
    ]
    columns = [*COLUMNS, INCOME] if money else COLUMNS
    rows = ([*_cells(line), *([line.income] if money else [])] for line in lines)
    target = BytesIO()
    cover = SheetOut("About", (), ([line] for line in about))
    write_xlsx(target, [cover, SheetOut("Disposals", columns, rows, table=True)])
    return target.getvalue()


def _cells(line: Line) -> list[Any]:
    return [
        line.asset.asset_tag,
        line.asset.serial_number,
        line.what,
        line.asset.council.code,
        line.how,
        line.on,
        line.wipe_certificate,
        line.facility_certificate,
        line.incident_in_words,
        "yes" if line.evidence_missing else "no",
        line.reference,
        line.firm,
        line.facility,
        None if line.weight_kg is None else float(line.weight_kg),
    ]
