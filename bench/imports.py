"""Bringing in a register of 100,000 rows, beside the least that reading and inserting it could cost."""

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

from django.core.files import File
from django.db import connection, transaction
from django.db.models import Field
from python_calamine import CalamineWorkbook

from assets.register.models import Asset, Manufacturer, Supplier
from bench.measuring import Figure, own_process, ratio, seconds, short
from servicedesk import bulk
from servicedesk.people.models import Council, Department, Grant, Person, Site
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.writing import Column, SheetOut, write_xlsx
from servicedesk.tickets.raising import raise_ticket

ROWS, TURNS, SITES = 100_000, 2, 12
COLUMNS = (
    Column("Asset tag", "identifier"),
    Column("Serial number", "identifier"),
    Column("Hostname"),
    Column("Category"),
    Column("State"),
    Column("Site"),
    Column("Room"),
    Column("Purchase date", "date"),
    Column("Purchase cost (ex VAT)", "money"),
    Column("Supplier"),
    Column("Warranty end", "date"),
    Column("OS"),
    Column("OS version"),
    Column("Last audit", "date"),
    Column("Notes"),
    Column("Manufacturer"),
    Column("Ownership"),
    Column("Condition"),
    Column("Department"),
    Column("Holder note"),
    Column("Purchase order", "identifier"),
    Column("MAC address"),
    Column("IP address"),
    Column("Encrypted"),
    Column("In service date", "date"),
)
OWN = (
    *("asset_tag", "serial_number", "hostname", "category", "state", "site", "room", "purchase_date"),
    *("purchase_cost_ex_vat", "supplier", "warranty_end", "os_name", "os_version", "last_audit_at", "notes"),
    *("manufacturer", "ownership", "condition", "department", "holder_note", "po_number", "mac_address"),
    *("ip_address", "encrypted", "in_service_date"),
)
FIRST = date(2019, 4, 1)
UNDO = """\
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.taking_back import take_back
take_back(Import.objects.get(pk={}), by=None)
"""
MAKERS, DEPARTMENTS = ("Dell", "HP", "Lenovo"), ("Finance", "Housing", "Libraries")
SUPPLIERS = tuple(f"Supplier {number}" for number in range(9))


def figures() -> Iterator[Figure]:
    content = _register()
    councils = iter([a_council(f"B{number}") for number in range(3 * (TURNS + 1) + 3)])
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(content)
        file.flush()
        _insert(_asset_rows(next(councils)))
        yield from _alone(file.name, next(councils))
        yield ratio(
            f"Upload to finished check of {ROWS:,} rows and {len(COLUMNS)} columns, to a bare read by calamine",
            2.5,
            lambda: importing.check(_start(content, next(councils)), by=None),
            lambda: CalamineWorkbook.from_path(file.name).get_sheet_by_index(0).to_python(),
            turns=TURNS,
            detail="Read in a child process, columns found, cleaned, matched, compared, every row kept.",
        )
    started: list[Import] = []
    yield _edit(
        next(councils),
        content,
        lambda: started.append(importing.check(_start(content, next(councils)), by=None)),
    )
    checked = iter(started)
    ready = iter([_asset_rows(next(councils)) for _ in range(TURNS + 1)])
    yield ratio(
        f"Import of {ROWS:,} new rows with history and search, to a bare set-based insert of them",
        3,
        lambda: write(next(checked), by=None),
        lambda: _insert(next(ready)),
        turns=TURNS,
    )


def _edit(council: Council, content: bytes, check: Callable[[], object]) -> Figure:
    """The same register again and again, a tenth of its rows edited, into the council that has it; to the first check
    of it for an empty council."""
    write(importing.check(_start(content, council), by=None), by=None)
    edited = iter([_register(room=f"Floor {turn}") for turn in range(TURNS + 1)])
    return ratio(
        f"A tenth of {ROWS:,} rows edited, uploaded, checked and applied, to the first upload and check",
        1.5,
        lambda: write(importing.check(_start(next(edited), council), by=None), by=None),
        check,
        turns=TURNS,
    )


def _alone(path: str, council: Council) -> Iterator[Figure]:
    """An import in a process of its own, as the command does it, its undo in another, and somebody who raises tickets
    meanwhile. Another council has as many rows already."""
    command = ["import_sheet", "assets", path, "--council", council.code, "--apply", "--json"]
    yield from _beside_tickets("import", "read, checked and written", command, council)
    started = Import.objects.get(council=council)
    command = ["shell", "--no-imports", "-c", UNDO.format(started.pk)]
    yield from _beside_tickets("undo", "taken back", command, council)


def _beside_tickets(what: str, done: str, command: list[str], council: Council) -> Iterator[Figure]:
    person = Person.objects.create(
        council=council, display_name="Somebody", email=f"{what}@{council.code.lower()}.example"
    )
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    Grant.objects.create(person=person, role="requester", council=council, starts_at=long_ago)
    waits = []
    with own_process(command) as process:
        while process.poll() is None:
            waits.append(seconds(lambda: _ticket(person)))
            time.sleep(0.05)
    goal = "1.00 s" if connection.vendor == "postgresql" else "2.50 s"
    told = f"{len(waits)} tickets one after another while {ROWS:,} rows were {done}, beside as many of another council."
    yield Figure(f"The longest that a ticket waits for an {what}", short(max(waits)), f"at most {goal}", told)
    most = f"{process.peak:.0f} MB"
    yield Figure(f"Memory of the {what} of {ROWS:,} rows", most, "at most 400 MB", "The most that it held.")


def _ticket(person: Person) -> None:
    raise_ticket(by=person, requester=person, type="incident", title="It does not start")


def a_council(code: str) -> Council:
    """A council of the bench with what its register points at."""
    council = Council.objects.create(code=code, name=f"Council {code} of the bench")
    Site.objects.bulk_create(Site(council=council, name=f"Site {site}") for site in range(SITES))
    Department.objects.bulk_create(Department(council=council, name=name) for name in DEPARTMENTS)
    Manufacturer.objects.bulk_create((Manufacturer(name=name) for name in MAKERS), ignore_conflicts=True)
    Supplier.objects.bulk_create((Supplier(name=name) for name in SUPPLIERS), ignore_conflicts=True)
    return council


def _start(content: bytes, council: Council) -> Import:
    return importing.start(File(BytesIO(content)), "register.xlsx", kinds()["assets"], council, by=None)


def _register(room: str = "") -> bytes:
    """The register as a workbook; with a room, every tenth row stands in it."""
    target = BytesIO()
    rows = (
        (*row[:6], room, *row[7:]) if room and number % 10 == 0 else row
        for number, row in enumerate(map(_row, range(ROWS)))
    )
    write_xlsx(target, [SheetOut("Register", COLUMNS, rows)])
    return target.getvalue()


def rows_as_texts(count: int) -> list[dict[str, str]]:
    """Rows as a newcomer to another tool would hand them over: texts by heading."""
    headings = [column.heading for column in COLUMNS]
    return [dict(zip(headings, map(str, _row(number)), strict=True)) for number in range(count)]


def _row(number: int) -> tuple:
    bought = FIRST + timedelta(number % 2500)
    return (
        f"{number:06}",
        f"5CG{number:07}",
        f"LT-{number:06}",
        ("Laptop", "Desktop", "Monitor", "Notebook")[number % 4],
        ("In use", "In stock", "Active")[number % 3],
        f"Site {number % SITES}",
        f"{number % 7}.{number % 40}",
        bought,
        Decimal(600 + number % 400),
        SUPPLIERS[number % len(SUPPLIERS)],
        bought + timedelta(1095),
        "Windows 11",
        ("23H2", "24H2")[number % 2],
        bought + timedelta(200),
        "" if number % 3 else f"Note {number}",
        MAKERS[number % 3],
        ("Owned", "Leased")[number % 2],
        "ABCD"[number % 4],
        DEPARTMENTS[number % 3],
        f"Desk {number % 900}",
        f"PO{4500000 + number % 5000}",
        f"02:00:{number >> 16:02X}:{number >> 8 & 255:02X}:{number & 255:02X}:01",
        f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
        ("Yes", "No")[number % 2],
        bought + timedelta(14),
    )


def _asset_rows(council: Council) -> list[list]:
    """The same rows as a table of assets holds them."""
    sites, departments = (
        list(model.objects.filter(council=council).values_list("pk", flat=True))
        for model in (Site, Department)
    )
    makers = list(Manufacturer.objects.values_list("pk", flat=True))
    suppliers = list(Supplier.objects.values_list("pk", flat=True))
    given = {field.name: field.get_default() for field in _asset_columns()}
    given |= {"council": council.pk, "registered_at": datetime.now(UTC)}
    rows = []
    for number in range(ROWS):
        values = given | dict(zip(OWN, _row(number), strict=True))
        coded = {
            "category": "laptop",
            "state": "in_use",
            "ownership": "owned",
            "encrypted": True,
            "site": sites[number % SITES],
            "manufacturer": makers[number % 3],
            "supplier": suppliers[number % len(SUPPLIERS)],
            "department": departments[number % 3],
        }
        rows.append(list((values | coded).values()))
    return rows


def _asset_columns() -> list[Field]:
    return [field for field in Asset._meta.concrete_fields if not (field.generated or field.primary_key)]


def _insert(rows: list[list]) -> None:
    """Rows that are ready into the same table, and nothing else."""
    with transaction.atomic():
        bulk.insert(Asset, [field.name for field in _asset_columns()], rows)
