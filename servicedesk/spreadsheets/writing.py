"""Workbooks and CSV files that people can edit and send back without loss: nothing hidden, no formula, no author.

    write_xlsx(target, sheets)                  target: path or binary file
    write_csv(target, headings, rows)           target: path or binary file
    SheetOut(name, columns, rows)   Column(heading, kind, choices, width, grey)   Marked(value, severity)

Text is written as text whatever it begins with, so that nothing is run, rounded or turned into a date.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

from servicedesk.spreadsheets import formulas

FORMATS = {
    "identifier": "@",
    "text": "General",
    "yesno": "General",
    "integer": "0",
    "money": "#,##0.00",
    "date": "dd/mm/yyyy",
    "datetime": "dd/mm/yyyy hh:mm",
}
WIDTHS = {"date": 12, "datetime": 17, "money": 12, "integer": 10, "yesno": 8}
LONGEST = 32_767
LONGEST_LIST = 255  # of a drop-down that stands in its cell's own rule
LONGEST_TITLE = 31
FORBIDDEN_IN_TITLE = re.compile(r"[\\/?*\[\]:\x00-\x1f]")
LAST_ROW = 1_048_576
ERROR, WARNING, GREY, HEADING = (  # the reader knows these as ours and takes no meaning from them
    PatternFill("solid", fgColor=colour) for colour in ("FFF6D7D2", "FFFFF7BF", "FFF3F2F1", "FFDBE5EC")
)
MARKS = {"error": ERROR, "warning": WARNING}
BOLD = Font(bold=True)
ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
SURROGATE = re.compile("[\ud800-\udfff]")


class Marked(NamedTuple):
    """A value whose cell is coloured: severity error or warning."""

    value: object
    severity: str


@dataclass(frozen=True)
class Column:
    """One column. `kind`: identifier (text that Excel must never take for a number), text, yesno, integer, money,
    date or datetime. `choices` become a drop-down where they fit into 255 characters and hold no comma or quote.
    `grey` says that what is typed there is not read back.
    """

    heading: str
    kind: str = "text"
    choices: Sequence[str] = ()
    width: int | None = None
    grey: bool = False


@dataclass(frozen=True)
class SheetOut:
    """One sheet: rows are as wide as columns; a cell is a plain value, None or Marked.

    Without columns it is a cover: each row one line of text.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]


COVER = [Column("")]


def write_xlsx(target: str | Path | BinaryIO, sheets: Iterable[SheetOut]) -> None:
    """Write the sheets in order. Rows are consumed one by one and never held together."""
    book = Workbook(write_only=True)
    book.properties.creator = None
    for sheet in sheets:
        _write_sheet(book, sheet)
    book.save(target)


def write_csv(
    target: str | Path | BinaryIO, headings: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Write UTF-8 with a byte order mark, by which Excel knows it; every cell quoted, formulas escaped, dates ISO."""
    if isinstance(target, str | Path):
        with open(target, "wb") as file:
            write_csv(file, headings, rows)
        return
    text = io.TextIOWrapper(target, encoding="utf-8-sig", errors="replace", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([formulas.escape(heading) for heading in headings])
    writer.writerows([_csv_cell(value) for value in row] for row in rows)
    text.detach()


def _csv_cell(value: object) -> str:
    if isinstance(value, str):
        return formulas.escape(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    return _plain(value)


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return value.isoformat() if isinstance(value, date) else str(value)


def _write_sheet(book: Workbook, sheet: SheetOut) -> None:
    ws = book.create_sheet(_title(sheet.name))
    if sheet.columns:
        _lay_out(ws, sheet.columns)
        ws.append([_heading(ws, column) for column in sheet.columns])
    else:
        ws.column_dimensions["A"].width = 100
    cells = [_own_cell(ws, column) for column in sheet.columns or COVER]
    for row in sheet.rows:
        ws.append([_fill_in(ws, cell, value) for cell, value in zip(cells, row, strict=True)])


def _title(name: str) -> str:
    """A name that Excel takes for a sheet."""
    return FORBIDDEN_IN_TITLE.sub(" ", name)[:LONGEST_TITLE].strip(" '") or "Sheet"


def _lay_out(ws: WriteOnlyWorksheet, columns: Sequence[Column]) -> None:
    ws.freeze_panes = "A2"
    for index, column in enumerate(columns, 1):
        letter = get_column_letter(index)
        width = column.width or max(WIDTHS.get(column.kind, 18), len(column.heading) + 3)
        ws.column_dimensions[letter].width = width
        choices = ",".join(column.choices)
        if (
            choices
            and len(choices) <= LONGEST_LIST
            and choices.count(",") == len(column.choices) - 1
            and '"' not in choices
        ):
            rule = DataValidation("list", formula1=f'"{choices}"', allow_blank=True)
            rule.add(f"{letter}2:{letter}{LAST_ROW}")
            ws.data_validations.append(rule)


def _heading(ws: WriteOnlyWorksheet, column: Column) -> Cell:
    cell = WriteOnlyCell(ws)
    cell.fill, cell.font = GREY if column.grey else HEADING, BOLD
    return _fill_in(ws, cell, column.heading)


def _own_cell(ws: WriteOnlyWorksheet, column: Column) -> Cell:
    """The cell that serves for a whole column, as rows are written one by one."""
    cell = WriteOnlyCell(ws)
    if column.grey:
        cell.fill = GREY
    if FORMATS[column.kind] != "General":
        cell.number_format = FORMATS[column.kind]
    return cell


def _fill_in(ws: WriteOnlyWorksheet, cell: Cell, value: object) -> Cell | None:
    """The column's own cell with this value, or a cell of its own where it is marked; None for an empty plain one.

    The value goes past openpyxl's guessing, which would make formulas and error cells of text.
    """
    if value is None and not cell.has_style:
        return None
    if isinstance(value, Marked):
        marked = WriteOnlyCell(ws)
        marked.fill = MARKS[value.severity]
        marked.number_format = cell.number_format
        return _fill_in(ws, marked, value.value)
    if isinstance(value, bool):
        value = _plain(value)
    if isinstance(value, str):
        cell._value, cell.data_type = _xml_text(value), "s"
    elif isinstance(value, int | float | Decimal) or value is None:
        cell._value, cell.data_type = value, "n"
    else:
        cell._value, cell.data_type = value, "d"
    return cell


def _xml_text(text: str) -> str:
    """What stands for `text` in a workbook, where characters that XML has not are written _xHHHH_."""
    text = SURROGATE.sub("\ufffd", text[:LONGEST])
    return ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
