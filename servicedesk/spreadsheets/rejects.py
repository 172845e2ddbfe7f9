"""The refused rows handed back: the workbook as it came with those rows alone, and beside each what is wrong with it.

What is no .xlsx, or too large to be made anew while somebody waits, comes back as its texts, columns and order.
"""

import math
from collections.abc import Sequence
from typing import Any

from servicedesk.spreadsheets.mapping import chosen_table
from servicedesk.spreadsheets.models import HELD_BACK, Import, WrongStep
from servicedesk.spreadsheets.reading import Cell, Limits, Workbook, given_back
from servicedesk.spreadsheets.staging import column_index
from servicedesk.spreadsheets.stored_rows import StoredRow, rows_of
from servicedesk.spreadsheets.table import Table
from servicedesk.spreadsheets.writing import GREY, MARKS, Column, Marked, SheetOut, write_xlsx

State = Import.State
CHECKED = (State.CHECKED, State.APPLYING, State.APPLIED, State.UNDOING, State.UNDONE)
MOST_CELLS = 200_000
"""A workbook with more cells than these takes too long to be made anew."""
WHILE_SOMEBODY_WAITS = Limits(cpu=15, wall=30.0)
PLAINLY = (
    "These are the texts, columns and order of {file}. Its colours, formats and other sheets could not be kept: the "
    "workbook is too large for that, or holds what we do not make anew."
)


def write_rejects(started: Import, target: Any) -> int:
    """Write a workbook of the refused rows that can be mended and uploaded again. Returns how many there are.

    Raises WrongStep where no rows stand as they were checked.
    """
    if started.state not in CHECKED and not started.given_up:
        raise WrongStep("This import has no checked rows. Check the rows first.")
    workbook = started.workbook
    sheet, table = chosen_table(workbook, started.mapping, started.kind_of_row)
    rows = list(rows_of(started, HELD_BACK))
    cells = dict(zip(table.row_numbers, table.rows, strict=True))
    if book := _as_it_came(started, workbook, table, [_wanted(row, cells[row.number]) for row in rows]):
        _write(target, book)
        return len(rows)
    columns = [Column(heading) for heading in table.headings]
    columns += [Column("Result", grey=True), Column("Problem", grey=True, width=80)]
    out = SheetOut(sheet.name or "Rows to correct", columns, [_row(row, cells[row.number]) for row in rows])
    about = SheetOut("About", (), [[PLAINLY.format(file=started.file.name)]])
    write_xlsx(target, [out, about] if workbook.format == "xlsx" else [out])
    return len(rows)


def _as_it_came(
    started: Import, workbook: Workbook, table: Table, rows: Sequence[dict[str, Any]]
) -> bytes | None:
    """The workbook itself with these rows alone, where it is one that we make anew."""
    cells = sum(len(each.rows) * len(each.rows[0]) for each in workbook.sheets if each.rows)
    if workbook.format != "xlsx" or cells > MOST_CELLS:
        return None
    wanted = {
        "sheet": table.sheet,
        "header_row": table.header_row,
        "columns": len(table.headings),
        "grey": GREY.fgColor.rgb,
        "rows": rows,
    }
    return given_back(started.file.content.path, wanted, WHILE_SOMEBODY_WAITS)


def _wanted(row: StoredRow, cells: tuple[Cell, ...]) -> dict[str, Any]:
    """A row as it is to be given back; of a formula that has no value, its text."""
    formulas = [(at, cell) for at, cell in enumerate(cells, 1) if isinstance(cell, str) and cell[:1] == "="]
    marked = [(at + 1, MARKS[severity].fgColor.rgb) for at, severity in _at_fault(row).items()]
    return {"number": row.number, "formulas": formulas, "marked": marked, "told": _told(row)}


def _write(target: Any, book: bytes) -> None:
    if hasattr(target, "write"):
        target.write(book)
    else:
        target.write_bytes(book)


def _row(row: StoredRow, cells: tuple[Cell, ...]) -> list[Any]:
    """One row: the cells at fault coloured by how grave it is."""
    marked: list[Any] = [each if _is_writable(each) else str(each) for each in cells]
    for index, severity in _at_fault(row).items():
        if index < len(cells):
            marked[index] = Marked(marked[index], severity)
    return [*marked, *_told(row)]


def _is_writable(cell: Cell) -> bool:
    """Whether a workbook has a word for it: for a number beyond all numbers it has none."""
    return not isinstance(cell, float) or math.isfinite(cell)


def _at_fault(row: StoredRow) -> dict[int, str]:
    """The columns at fault, counted from 0, and how gravely."""
    found = sorted(row.problems, key=lambda problem: problem["severity"] == "error")
    return {
        column_index(problem["column"]): problem["severity"]
        for problem in found
        if problem["column"] and problem["severity"] != "info"
    }


def _told(row: StoredRow) -> list[str]:
    """What became of a row, and why."""
    told = [f"{problem['message']}. {problem['remedy']}." for problem in row.problems]
    if row.line:
        told.insert(0, f"Row {row.number}, line {row.line} of the file.")
    return [row.get_action_display(), "\n".join(told)]
