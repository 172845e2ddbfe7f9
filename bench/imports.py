"""Bringing in a register of 20,000 rows, beside the least that reading and inserting it could cost."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

from django.core.files import File
from django.db import transaction
from django.db.models import Field
from python_calamine import CalamineWorkbook

from assets.register.models import Asset
from bench.measuring import Figure, ratio
from servicedesk import bulk
from servicedesk.people.models import Council, Site
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.writing import Column, SheetOut, write_xlsx

ROWS, TURNS, SITES = 20_000, 3, 12
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
)
OWN = (
    *("asset_tag", "serial_number", "hostname", "category", "state", "site", "room", "purchase_date"),
    *("purchase_cost_ex_vat", "supplier", "warranty_end", "os_name", "os_version", "last_audit_at", "notes"),
)
FIRST = date(2019, 4, 1)


def figures() -> Iterator[Figure]:
    content = _register()
    councils = iter([_council(number) for number in range(2 * (TURNS + 1) + 1)])
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        file.write(content)
        file.flush()
        started = _start(content, next(councils))
        yield ratio(
            f"Check of a register of {ROWS:,} rows, to a bare read of it by calamine",
            3,
            lambda: importing.check(Import.objects.get(pk=started.pk), by=None),
            lambda: CalamineWorkbook.from_path(file.name).get_sheet_by_index(0).to_python(),
            turns=TURNS,
            detail="Read in a child process, clean, match, compare, keep every row.",
        )
    checked = iter([importing.check(_start(content, next(councils)), by=None) for _ in range(TURNS + 1)])
    ready = iter([_asset_rows(next(councils)) for _ in range(TURNS + 1)])
    yield ratio(
        f"Import of {ROWS:,} new rows with history and search, to a bare set-based insert of them",
        3,
        lambda: write(next(checked), by=None),
        lambda: _insert(next(ready)),
        turns=TURNS,
    )


def _council(number: int) -> Council:
    council = Council.objects.create(code=f"B{number}", name=f"Council {number} of the bench")
    Site.objects.bulk_create(Site(council=council, name=f"Site {site}") for site in range(SITES))
    return council


def _start(content: bytes, council: Council) -> Import:
    return importing.start(File(BytesIO(content)), "register.xlsx", kinds()["assets"], council, by=None)


def _register() -> bytes:
    target = BytesIO()
    write_xlsx(target, [SheetOut("Register", COLUMNS, map(_row, range(ROWS)))])
    return target.getvalue()


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
        f"Supplier {number % 9}",
        bought + timedelta(1095),
        "Windows 11",
        ("23H2", "24H2")[number % 2],
        bought + timedelta(200),
        "" if number % 3 else f"Note {number}",
    )


def _asset_rows(council: Council) -> list[list]:
    """The same rows as a table of assets holds them."""
    sites = list(Site.objects.filter(council=council).values_list("pk", flat=True))
    given = {field.name: field.get_default() for field in _asset_columns()}
    given |= {"council": council.pk, "registered_at": datetime.now(UTC)}
    rows = []
    for number in range(ROWS):
        values = given | dict(zip(OWN, _row(number), strict=True))
        coded = {"category": "laptop", "state": "in_use", "site": sites[number % SITES]}
        rows.append(list((values | coded).values()))
    return rows


def _asset_columns() -> list[Field]:
    return [field for field in Asset._meta.concrete_fields if not (field.generated or field.primary_key)]


def _insert(rows: list[list]) -> None:
    """Rows that are ready into the same table, and nothing else."""
    with transaction.atomic():
        bulk.insert(Asset, [field.name for field in _asset_columns()], rows)
