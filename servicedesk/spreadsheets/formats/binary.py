"""What the two binary kinds of workbook, .xls and .xlsb, have in common: what a walk over their records found, put over
what the fast reader makes of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import python_calamine

from servicedesk.spreadsheets.formats.calamine import damage_refused, rows
from servicedesk.spreadsheets.formats.workbook import TOO_MUCH, Limits, Note, Refused, SheetReading, letter

VISIBILITY = {"SheetVisibleEnum.Hidden": "hidden", "SheetVisibleEnum.VeryHidden": "very_hidden"}
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
MOST_COLUMNS = 16_384


@dataclass
class Findings:
    """What the records of one sheet say beside its values. Rows and columns count from 0; `last` is the far corner."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    last: tuple[int, int] = (0, 0)

    def error(self, row: int, column: int, code: int) -> None:
        """Keep an error of a cell, which the reader would give as an empty one."""
        self.errors.setdefault(row, {})[column] = ERRORS.get(code, "#VALUE!")

    def notes(self) -> Iterator[Note]:
        for first, last in self.hidden_columns:
            for column in range(first, min(last, self.last[1], MOST_COLUMNS) + 1):
                yield Note("hidden_column", column=letter(column + 1))
        for top, left, bottom, right in self.merged:
            place = f"{letter(left + 1)}{top + 1}:{letter(right + 1)}{bottom + 1}"
            yield Note("merged_cells", top + 1, letter(left + 1), place)
        for row in self.hidden_rows:
            yield Note("hidden_row", row + 1)
        for row, errors in self.errors.items():
            for column, error in errors.items():
                if error == "#N/A":
                    yield Note("not_available", row + 1, letter(column + 1), error)


def sheets(
    book: python_calamine.CalamineWorkbook, findings: Mapping[str, Findings], limits: Limits
) -> Iterator[SheetReading]:
    """Each worksheet as the reader has it, with its errors and notes. Raises Refused."""
    for about in book.sheets_metadata:
        if about.name not in findings:
            continue
        found, visibility = findings[about.name], VISIBILITY.get(str(about.visible), "visible")
        if (found.last[0] + 1) * (found.last[1] + 1) > limits.cells:
            raise Refused(TOO_MUCH)
        with damage_refused():
            sheet = book.get_sheet_by_name(about.name)
        notes = [Note("hidden_sheet", value=about.name)] if visibility != "visible" else []
        own = _with_errors(rows(sheet), found) if found.errors else rows(sheet)
        yield SheetReading(about.name, own, visibility, notes=[*notes, *found.notes()])


def _with_errors(plain: Iterator[list], found: Findings) -> Iterator[list]:
    """All the rows, equally wide, with the errors where they stand: the reader may end before the last of them."""
    number = -1
    for number, row in enumerate(plain):
        yield _with_own(row, found.errors.get(number, {}), found.last[1] + 1)
    for missing in range(number + 1, max(found.errors) + 1):
        yield _with_own([], found.errors.get(missing, {}), found.last[1] + 1)


def _with_own(row: list, errors: Mapping[int, str], width: int) -> list:
    row.extend([""] * (width - len(row)))
    for column, text in errors.items():
        row[column] = text
    return row
