"""Workbooks and CSV files that people can edit and send back without loss: nothing hidden, no formula, no author.

    write_xlsx(target, sheets)                  target: path or binary file
    write_csv(target, headings, rows)           target: path or binary file
    SheetOut(name, columns, rows, table)   Column(heading, kind, choices, width, grey)   Marked(value, severity)

Text is written as text whatever it begins with, so that nothing is run, rounded or turned into a date. openpyxl makes
the workbook, without rows: styles, drop-downs, tables, what stays in view. The rows go into its sheets as they come.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableStyleInfo
from openpyxl.worksheet.worksheet import Worksheet

from servicedesk.spreadsheets import formulas
from servicedesk.spreadsheets.streaming import Marked, Styles, rows_xml

__all__ = ["Column", "Marked", "SheetOut", "write_csv", "write_xlsx"]

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
LONGEST_LIST = 255  # of a drop-down that stands in its cell's own rule
LONGEST_TITLE = 31
LISTS = "Lists"
FORBIDDEN_IN_TITLE = re.compile(r"[\\/?*\[\]:\x00-\x1f]")
FORBIDDEN_IN_LIST = re.compile(r'[,"\n]|^\s|\s$|^$')
LAST_ROW = 1_048_576
ERROR, WARNING, GREY, HEADING = (  # the reader knows these as ours and takes no meaning from them
    PatternFill("solid", fgColor=colour) for colour in ("FFF6D7D2", "FFFFF7BF", "FFF3F2F1", "FFDBE5EC")
)
MARKS = {"error": ERROR, "warning": WARNING}
BOLD, PALE = Font(bold=True), Font(color="FF505A5F")
TABLE_LOOK = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
ROWS = re.compile(rb"<sheetData\s*/>|<sheetData>\s*</sheetData>")
SIZE = re.compile(rb"<dimension [^>]*/>")
SQUEEZED = 1  # a third of the time of the usual 6, for files that are a third larger
UNCHANGED = "What is typed in this column is not read back."


@dataclass(frozen=True)
class Column:
    """One column. `kind`: identifier (text that Excel must never take for a number), text, yesno, integer, money,
    date or datetime. `choices` become a drop-down; long ones stand on a sheet of their own, "Lists". `grey` says that
    what is typed there is not read back.
    """

    heading: str
    kind: str = "text"
    choices: Sequence[str] = ()
    width: int | None = None
    grey: bool = False


@dataclass(frozen=True)
class SheetOut:
    """One sheet: rows are as wide as columns; a cell is a plain value, None or Marked.

    Without columns it is a cover: each row one line of text. With `table`, whose headings must all differ, it can be
    sorted and filtered by its headings.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]
    table: bool = False


COVER = [Column("", width=100)]


@dataclass
class Part:
    """A sheet as its template leaves it: what is still to be written into it, and the table that grows with it."""

    sheet: SheetOut
    styles: list[Styles]
    headings: list[Styles]
    table: str = ""
    written: int = field(default=0)

    def rows(self) -> Iterator[bytes]:
        """The rows of the sheet as XML; `written` is the last of them."""
        if self.sheet.columns:
            self.written = 1
            yield from rows_xml([[column.heading for column in self.sheet.columns]], self.headings, 1)
        yield from rows_xml(self._counted(), self.styles, self.written + 1)

    def _counted(self) -> Iterator[Sequence[object]]:
        for row in self.sheet.rows:
            self.written += 1
            yield row


def write_xlsx(target: str | Path | BinaryIO, sheets: Iterable[SheetOut]) -> None:
    """Write the sheets in order. Rows are consumed one by one and never held together."""
    book = Workbook()
    book.properties.creator = None
    del book[book.sheetnames[0]]
    wanted = list(sheets)
    lists = _lists(wanted)
    parts = [_template(book, sheet, lists) for sheet in wanted]
    if lists:
        parts.append(_template(book, _sheet_of_lists(lists), {}))
    empty = io.BytesIO()
    book.save(empty)
    with (
        zipfile.ZipFile(empty) as template,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=SQUEEZED) as package,
    ):
        _fill(template, package, parts)


def _fill(template: zipfile.ZipFile, package: zipfile.ZipFile, parts: Sequence[Part]) -> None:
    """The template with the rows in their places. A table is written after its rows, whose number it names."""
    sheets = {f"xl/worksheets/sheet{number}.xml": part for number, part in enumerate(parts, 1)}
    with_tables = [part for part in parts if part.table]
    tables = {f"xl/tables/table{number}.xml": part for number, part in enumerate(with_tables, 1)}
    later = [*sheets, *tables]
    names = [name for name in template.namelist() if name not in later]
    for name in sorted(names, key=lambda name: name != "[Content_Types].xml"):
        package.writestr(name, template.read(name))
    for name, part in sheets.items():
        before, after = ROWS.split(SIZE.sub(b"", template.read(name)))
        with package.open(name, "w", force_zip64=True) as entry:
            entry.write(before + b"<sheetData>")
            for rows in part.rows():
                entry.write(rows)
            entry.write(b"</sheetData>" + after)
    for name, part in tables.items():
        whole = part.table.removesuffix("2") + str(max(2, part.written))
        package.writestr(name, template.read(name).replace(part.table.encode(), whole.encode()))


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
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return value.isoformat() if isinstance(value, date) else str(value)


def _lists(sheets: Sequence[SheetOut]) -> dict[str, Sequence[str]]:
    """The choices that do not fit into the rule of a cell, by the heading of their column."""
    return {
        column.heading: column.choices
        for sheet in sheets
        for column in sheet.columns
        if column.choices and not _fits(column.choices)
    }


def _fits(choices: Sequence[str]) -> bool:
    return len(",".join(choices)) <= LONGEST_LIST and not any(map(FORBIDDEN_IN_LIST.search, choices))


def _sheet_of_lists(lists: Mapping[str, Sequence[str]]) -> SheetOut:
    """A column of choices for each heading, called so that nobody takes it for the column itself."""
    columns = [Column(f"Choices for {heading}", width=40, grey=True) for heading in lists]
    return SheetOut(LISTS, columns, zip_longest(*lists.values()))


def _template(book: Workbook, sheet: SheetOut, lists: Mapping[str, Sequence[str]]) -> Part:
    """Add the sheet to the book as it is without rows."""
    ws = book.create_sheet(_title(sheet.name))
    columns = sheet.columns or COVER
    for letter, column in _lettered(columns):
        _lay_out(ws, letter, column)
    part = Part(sheet, [_styles(ws, column) for column in columns], [_heading(ws, each) for each in columns])
    if sheet.columns:
        ws.freeze_panes = "A2"
        _add_rules(ws, sheet.columns, lists)
    if sheet.table:
        part.table = f"A1:{get_column_letter(len(columns))}2"
        _add_table(ws, sheet, part.table)
    return part


def _title(name: str) -> str:
    """A name that Excel takes for a sheet."""
    return FORBIDDEN_IN_TITLE.sub(" ", name)[:LONGEST_TITLE].strip(" '") or "Sheet"


def _lettered(columns: Sequence[Column]) -> Iterator[tuple[str, Column]]:
    for index, column in enumerate(columns, 1):
        yield get_column_letter(index), column


def _lay_out(ws: Worksheet, letter: str, column: Column) -> None:
    """The width and look of a column, which hold for what is typed below the rows too."""
    look = ws.column_dimensions[letter]
    look.width = column.width or max(WIDTHS.get(column.kind, 18), len(column.heading) + 3)
    if FORMATS[column.kind] != "General":
        look.number_format = FORMATS[column.kind]
    if column.grey:
        look.fill, look.font = GREY, PALE


def _styles(ws: Worksheet, column: Column) -> Styles:
    fill, font = (GREY, PALE) if column.grey else (None, None)
    format = FORMATS[column.kind]
    marked = {severity: _style(ws, mark, None, format) for severity, mark in MARKS.items()}
    return Styles(_style(ws, fill, font, format), marked)


def _heading(ws: Worksheet, column: Column) -> Styles:
    return Styles(_style(ws, GREY if column.grey else HEADING, BOLD, "General"), {})


def _style(ws: Worksheet, fill: PatternFill | None, font: Font | None, format: str) -> int:
    """The number under which the book keeps this look."""
    cell = WriteOnlyCell(ws)
    if fill:
        cell.fill = fill
    if font:
        cell.font = font
    if format != "General":
        cell.number_format = format
    return cell.style_id


def _add_rules(ws: Worksheet, columns: Sequence[Column], lists: Mapping[str, Sequence[str]]) -> None:
    """Drop-downs, which warn of other words and let them pass, and a word on the headings of grey columns."""
    places = list(lists)
    for letter, column in _lettered(columns):
        if column.choices:
            if column.heading in lists:
                own = get_column_letter(places.index(column.heading) + 1)
                formula = f"{LISTS}!${own}$2:${own}${len(column.choices) + 1}"
            else:
                formula = f'"{",".join(column.choices)}"'
            rule = DataValidation(
                "list",
                formula1=formula,
                allow_blank=True,
                showErrorMessage=True,
                errorStyle="warning",
                errorTitle=column.heading[:LONGEST_TITLE],
                error="This is not one of the choices.",
            )
            rule.add(f"{letter}2:{letter}{LAST_ROW}")
            ws.data_validations.append(rule)
        if column.grey:
            told = DataValidation(showInputMessage=True, allow_blank=True, prompt=UNCHANGED)
            told.add(f"{letter}1")
            ws.data_validations.append(told)


def _add_table(ws: Worksheet, sheet: SheetOut, place: str) -> None:
    name = re.sub(r"\W", "_", _title(sheet.name), flags=re.ASCII)
    table = Table(displayName=f"{name}_rows", ref=place, tableStyleInfo=TABLE_LOOK)
    table._initialise_columns()
    for own, column in zip(table.tableColumns, sheet.columns, strict=True):
        own.name = column.heading
    ws.add_table(table)
