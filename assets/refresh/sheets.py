"""The forecast as a workbook: a sheet for each of its tables, with what the page shows and no more."""

from io import BytesIO

from django.http import HttpResponse

from assets.refresh.figures import EstateForecast
from assets.refresh.tables import ForecastTables
from servicedesk import wording
from servicedesk.history.recording import change_set, record
from servicedesk.people.access import councils_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.reports.sheets import response, sheet_of
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.writing import SheetOut, write_xlsx

KIND = "refresh-forecast"


def may_be_taken_out(forecast: EstateForecast, person: Person) -> bool:
    """Whether the person may take out the assets of every council in it."""
    return set(forecast.basis.councils) <= councils_of(person, Permission.EXPORT)


def take_out(tables: ForecastTables, *, by: Person) -> HttpResponse:
    """The workbook; who took it out, when and of what, is kept. The file is not: it says what was known today."""
    forecast = tables.forecast
    with change_set(by=by, reason="Export of the refresh forecast") as deed:
        export = Export.objects.create(
            kind=KIND,
            filters={
                "as_at": forecast.as_at.isoformat(),
                "councils": [council.code for council in forecast.councils],
            },
            format="xlsx",
            wanted_by=by,
            wanted_at=forecast.now,
            rows=sum(len(table.rows) for table in tables.tables),
        )
        record(deed, [export])
    return response(workbook(tables, by), f"Refresh forecast {forecast.as_at:%Y-%m-%d}.xlsx")


def workbook(tables: ForecastTables, person: Person) -> bytes:
    """The bytes of the workbook."""
    forecast, target = tables.forecast, BytesIO()
    about = [
        f"Refresh forecast: {', '.join(council.name for council in forecast.councils)}",
        f"As at: {wording.day(forecast.as_at)}",
        f"Taken out by: {person}, {wording.moment(forecast.now)}",
        *tables.notes,
        *(f"{words}. {remedy}" for words, remedy, _ in tables.gaps),
    ]
    write_xlsx(target, [SheetOut("About", (), ([line] for line in about)), *map(sheet_of, tables.tables)])
    return target.getvalue()
