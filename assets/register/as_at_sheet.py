"""The estate on a day as a workbook: what its page lists, whole, with a cover that says how far it can be trusted."""

from datetime import datetime
from io import BytesIO

from django.http import HttpResponse
from django.utils import timezone

from assets.register.as_at import estate
from assets.register.as_at_report import NAMES, PLACES, Report, passes
from assets.register.facts import label
from servicedesk import wording
from servicedesk.history.recording import change_set, record
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.reports.sheets import response
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.writing import Column, SheetOut, write_xlsx

KIND = "estate-on-a-day"
IDENTIFIERS = {"asset_tag", "serial_number", "hostname"}


def may_be_taken_out(found: Report, person: Person) -> bool:
    """Whether the person may take out the assets of every council in it."""
    return bool(found.count) and found.councils <= councils_of(person, Permission.EXPORT)


def take_out(found: Report, *, by: Person, now: datetime | None = None) -> HttpResponse:
    """The workbook; who took it out, when and of what, is kept. The file is not: history tells it again."""
    now = now or timezone.now()
    wanted = found.form.cleaned_data
    day, site = wanted["day"], wanted["site"]
    codes = dict(Council.objects.filter(pk__in=found.councils).values_list("pk", "code"))
    with change_set(by=by, reason="Export of the estate on a day") as deed:
        export = Export.objects.create(
            kind=KIND,
            filters={
                "as_at": day.isoformat(),
                "councils": sorted(codes.values()),
                **{name: wanted[name] for name in ("category", "state") if wanted[name]},
                **({"site": site.pk} if site else {}),
            },
            format="xlsx",
            wanted_by=by,
            wanted_at=now,
            rows=found.count,
        )
        record(deed, [export])
    return response(_workbook(found, codes, by, now), f"Estate {day:%Y-%m-%d}.xlsx")


def _workbook(found: Report, codes: dict[int, str], by: Person, now: datetime) -> bytes:
    wanted, target = found.form.cleaned_data, BytesIO()
    about = [
        f"The estate on {wording.day(wanted['day'])}: {', '.join(sorted(codes.values()))}",
        "As the register knew it at the end of that day. What was registered later is not in it.",
        f"Removed since by undoing an import, and not in it: {found.removed}",
        f"Taken out by: {by}, {wording.moment(now)}",
    ]
    columns = [Column(label(name), "identifier" if name in IDENTIFIERS else "text") for name in NAMES]
    lines = (
        [codes[row.council], *(row.values[PLACES[name]].words for name in NAMES)]
        for row in estate(wanted["day"], NAMES, found.councils)
        if passes(row, wanted)
    )
    cover = SheetOut("About", (), ([line] for line in about))
    write_xlsx(target, [SheetOut("Estate", [Column("Council"), *columns], lines, table=True), cover])
    return target.getvalue()
