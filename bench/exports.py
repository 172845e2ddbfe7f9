"""Taking out 100,000 rows, beside the least that openpyxl can do with them."""

import resource
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from subprocess import run

from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from bench.measuring import Figure, ratio
from servicedesk.spreadsheets.writing import Column, SheetOut, write_xlsx

ROWS, TURNS = 100_000, 2
MOST_MB = 60
KINDS = (
    *("identifier", "identifier", "text", "text", "text", "text", "text", "text", "text", "text"),
    *("text", "date", "date", "money", "identifier", "text", "date", "integer", "text", "text"),
    *("yesno", "datetime", "date", "text", "integer"),
)
CODED = {5: ("Laptop", "Desktop", "Monitor"), 6: ("In use", "In stock"), 20: ("Yes", "No")}
COLUMNS = [
    Column(f"Heading {number}", kind, CODED.get(number, ()), grey=number == len(KINDS) - 1)
    for number, kind in enumerate(KINDS)
]
FIRST = date(2019, 4, 1)


def figures() -> Iterator[Figure]:
    rows = [_row(number) for number in range(ROWS)]
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = Path(folder, "ours.xlsx"), Path(folder, "theirs.xlsx")
        yield ratio(
            f"openpyxl's write-only mode for {ROWS:,} rows of {len(COLUMNS)} columns, to our export of them",
            4,
            lambda: _plain(theirs, rows),
            lambda: write_xlsx(ours, [SheetOut("Assets", COLUMNS, rows, table=True)]),
            turns=TURNS,
            least=True,
            detail="Theirs without styles; ours with styles, drop-downs, a table and headings that stay in view.",
        )
        yield _read_back(ours, rows)
    yield _memory()


def _plain(path: Path, rows: list[tuple]) -> None:
    """The rows by openpyxl alone, without any style."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Assets")
    sheet.append([column.heading for column in COLUMNS])
    for row in rows:
        sheet.append(row)
    book.save(path)


def _read_back(path: Path, rows: list[tuple]) -> Figure:
    """Cells that openpyxl and calamine read otherwise than they were written."""
    cells = [_read_as(value) for row in rows for value in row]
    sheet = load_workbook(path, read_only=True)["Assets"]
    by_openpyxl = [_read_as(value) for row in sheet.iter_rows(min_row=2, values_only=True) for value in row]
    found = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    by_calamine = [_read_as(value) for row in found[1:] for value in row]
    wrong = sum(a != b for read in (by_openpyxl, by_calamine) for a, b in zip(cells, read, strict=True))
    return Figure(
        "Cells that openpyxl or calamine read back otherwise", str(wrong), "0", f"{len(cells):,} cells"
    )


def _read_as(value: object) -> object:
    """A value as every reader gives it: numbers as one kind, a day as its midnight, nothing as an empty text."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int | Decimal):
        return float(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return "" if value is None else value


def _memory() -> Figure:
    """How much more memory a process of its own holds after an export whose rows come one by one."""
    told = run(  # noqa: S603
        [sys.executable, "-c", "from bench import exports; exports.grow()"],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    grown = float(told.stdout)
    return Figure(
        f"Memory that an export of {ROWS:,} rows takes", f"{grown:.0f} MB", f"at most {MOST_MB} MB", ""
    )


def grow() -> None:
    """Print by how many MB this process has grown."""
    for count in (10, ROWS):
        before = _most_held()
        with tempfile.TemporaryFile() as file:
            write_xlsx(file, [SheetOut("Assets", COLUMNS, map(_row, range(count)), table=True)])
    print((_most_held() - before) / 1024)  # noqa: T201


def _most_held() -> int:
    """The most memory that this process has held, in kB. What `getrusage` says counts that of its parent too."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))


def _row(number: int) -> tuple:
    bought = FIRST + timedelta(number % 2500)
    return (
        f"{number:06}",
        f"5CG{number:07}",
        f"LT-{number:06}",
        ("OCC", "CDC")[number % 2],
        f"ThinkPad T{number % 40}",
        ("Laptop", "Desktop", "Monitor")[number % 3],
        ("In use", "In stock")[number % 2],
        f"Site {number % 60}",
        f"{number % 7}.{number % 40}",
        f"Person {number % 9000}",
        f"person.{number % 9000}@council.example",
        bought,
        bought + timedelta(14),
        Decimal(600 + number % 400),
        f"PO{number % 900:06}",
        f"Supplier & Sons {number % 9}",
        bought + timedelta(1095),
        36,
        "Windows 11",
        ("23H2", "24H2")[number % 2],
        number % 5 > 0,
        datetime(2026, 11, 23, 9, number % 60),
        None if number % 3 else bought + timedelta(200),
        f"Note {number}\nsecond line" if number % 10 == 0 else None,
        number % 12,
    )
