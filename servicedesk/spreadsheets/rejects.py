"""The refused rows handed back: the columns as they came, in their order, with what is wrong beside them."""

from typing import Any

from servicedesk.spreadsheets.mapping import chosen_table
from servicedesk.spreadsheets.models import HELD_BACK, Import, WrongStep
from servicedesk.spreadsheets.reading import Cell
from servicedesk.spreadsheets.staging import column_index
from servicedesk.spreadsheets.stored_rows import StoredRow, rows_of
from servicedesk.spreadsheets.writing import Column, Marked, SheetOut, write_xlsx

State = Import.State
CHECKED = (State.CHECKED, State.APPLYING, State.APPLIED, State.UNDOING, State.UNDONE)


def write_rejects(started: Import, target: Any) -> int:
    """Write a workbook of the refused rows that can be mended and uploaded again. Returns how many there are.

    Raises WrongStep where no rows stand as they were checked.
    """
    if started.state not in CHECKED and not started.given_up:
        raise WrongStep("This import has no checked rows. Check the rows first.")
    sheet, table = chosen_table(started.workbook, started.mapping, started.kind_of_row)
    cells = dict(zip(table.row_numbers, table.rows, strict=True))
    columns = [Column(heading) for heading in table.headings]
    columns += [Column("Result", grey=True), Column("Problem", grey=True, width=80)]
    rows = [_row(row, cells[row.number]) for row in rows_of(started, HELD_BACK)]
    write_xlsx(target, [SheetOut(sheet.name or "Rows to correct", columns, rows)])
    return len(rows)


def _row(row: StoredRow, cells: tuple[Cell, ...]) -> list[Any]:
    """One row: the cells at fault coloured by how grave it is."""
    marked: list[Any] = list(cells)
    for problem in sorted(row.problems, key=lambda problem: problem["severity"] == "error"):
        if problem["column"] and problem["severity"] != "info":
            index = column_index(problem["column"])
            if index < len(cells):
                marked[index] = Marked(cells[index], problem["severity"])
    told = [f"{problem['message']}. {problem['remedy']}." for problem in row.problems]
    return [*marked, row.get_action_display(), "\n".join(told)]
