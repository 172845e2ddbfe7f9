"""A child process that gives an .xlsx workbook back: as it came, but on one sheet only the rows that are asked for.

From standard input come a line of JSON and the file; to standard output goes the workbook. Styles, widths, formats and
other sheets stay. Values stand in place of formulas, and nothing leads anywhere: macros, pictures, charts, pivots,
comments, connections and links to the web or to other workbooks are left behind.
"""

import io
import json
import os
import re
import sys
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from openpyxl import Workbook, load_workbook
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.worksheet import Worksheet

from servicedesk.spreadsheets.formats import child, package, safe_xml
from servicedesk.spreadsheets.formats.sheet_xml import LAST_COLUMN
from servicedesk.spreadsheets.formats.workbook import Limits

OF_SHEET = re.compile(r".*/worksheets/_rels/[^/]+\.rels")
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
)
KEPT = ("table", "hyperlink")
"""What openpyxl insists on, and we let go afterwards."""
PLAIN_RANGE = re.compile(
    r"(?:'(?P<quoted>(?:[^'\[\]]|'')+)'|(?P<bare>[\w.]+))!\$?[A-Z]{1,3}\$?[0-9]+(?::\$?[A-Z]{1,3}\$?[0-9]+)?"
)
ELSEWHERE = re.compile(r"\[|https?:|file:", re.I)
WIDE = 80


def main() -> int:
    limits = Limits(**json.loads(sys.argv[1]))
    child.bind(limits, writing=limits.unpacked)  # openpyxl puts each sheet into a file for a moment
    source = sys.stdin.buffer
    wanted = json.loads(source.readline())
    book = _opened(source.read(), limits)
    _keep(book[wanted["sheet"]], wanted)
    target = io.BytesIO()
    book.save(target)
    sys.stdout.buffer.write(target.getvalue())
    sys.stdout.buffer.flush()
    return 0


def _opened(data: bytes, limits: Limits) -> Workbook:
    """The workbook without anything that leads elsewhere, and without an author."""
    parts = package.open_parts(data, limits)
    for name in filter(OF_SHEET.fullmatch, parts):
        parts[name] = _let_go(parts[name])
    book = load_workbook(io.BytesIO(package.repack(parts)), data_only=True, keep_links=False)
    book.properties, book.security = DocumentProperties(creator=None), WorkbookProtection()
    for name in list(book.custom_doc_props.names):
        del book.custom_doc_props[name]
    for chart in book.chartsheets:
        book.remove(chart)
    for named in (book.defined_names, *(sheet.defined_names for sheet in book.worksheets)):
        for name in [name for name, each in named.items() if not _is_range_of(book, each.value or "")]:
            del named[name]
    for sheet in book.worksheets:
        _close(sheet)
    return book


def _let_go(part: bytes) -> bytes:
    """What a sheet refers to, without what is left behind."""
    kept = [
        "".join(f" {name}={quoteattr(value)}" for name, value in given.items())
        for at, given in safe_xml.elements(part)
        if at[-1] == "Relationship" and given.get("Type", "").rpartition("/")[2] in KEPT
    ]
    return (RELATIONS % "".join(f"<Relationship{given}/>" for given in kept)).encode()


def _is_range_of(book: Workbook, words: str) -> bool:
    """Whether a name stands for cells of this workbook, and computes nothing."""
    found = PLAIN_RANGE.fullmatch(words)
    return found is not None and (found["bare"] or found["quoted"].replace("''", "'")) in book.sheetnames


def _close(sheet: Worksheet) -> None:
    """Let nothing of the sheet lead elsewhere, and nothing keep its owner from typing."""
    for cell in sheet._cells.values():
        if cell.hyperlink:
            cell.hyperlink = None
        if cell.data_type == "f":  # what a file calls so without a formula would become one
            cell.data_type = "s"
    sheet._hyperlinks = []
    sheet.protection.sheet = False
    rules = sheet.data_validations.dataValidation
    sheet.data_validations.dataValidation = [
        rule for rule in rules if not ELSEWHERE.search(f"{rule.formula1} {rule.formula2}")
    ]
    if any(
        ELSEWHERE.search(str(rule.formula)) for each in sheet.conditional_formatting for rule in each.rules
    ):
        sheet.conditional_formatting = ConditionalFormattingList()


def _keep(sheet: Worksheet, wanted: Mapping[str, Any]) -> None:
    """Keep the rows that are asked for below the headings, say what became of each, and colour the cells at fault."""
    head, column = wanted["header_row"], max(wanted["columns"], sheet.max_column) + 1
    if column >= LAST_COLUMN:
        raise ValueError("There is no room for two more columns.")
    rows = {number: number for number in range(1, head + 1)}
    rows |= {row["number"]: place for place, row in enumerate(wanted["rows"], head + 1)}
    _let_go_of_what_spans_rows(sheet, head)
    _move_rows(sheet, rows)
    for at, (words, width) in enumerate((("Result", None), ("Problem", WIDE)), column):
        cell = sheet.cell(head, at, words)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=wanted["grey"])
        if width:
            sheet.column_dimensions[get_column_letter(at)].width = width
    for place, row in enumerate(wanted["rows"], head + 1):
        for at, text in row["formulas"]:
            cell = sheet.cell(place, at)
            cell.value, cell.data_type = text, "s"
        for at, colour in row["marked"]:
            sheet.cell(place, at).fill = PatternFill("solid", fgColor=colour)
        for at, words in enumerate(row["told"], column):
            cell = sheet.cell(place, at)
            cell.value, cell.data_type = words, "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _let_go_of_what_spans_rows(sheet: Worksheet, head: int) -> None:
    """Tables, filters, merged cells and rules that name the places of rows: the rows move."""
    for each in [str(each) for each in sheet.merged_cells.ranges if each.max_row > head]:
        sheet.unmerge_cells(each)
    for name in list(sheet.tables):
        del sheet.tables[name]
    sheet.auto_filter.ref = None
    sheet.auto_filter.filterColumn = []
    sheet.conditional_formatting = ConditionalFormattingList()
    sheet.print_area = None
    sheet.row_breaks.brk = []


def _move_rows(sheet: Worksheet, rows: Mapping[int, int]) -> None:
    """Move rows to their new places, with what they look like; the others go. None of them is hidden."""
    cells = {}
    for (number, column), cell in sheet._cells.items():
        if number in rows:
            cell.row = rows[number]
            cells[rows[number], column] = cell
    sheet._cells = cells
    looks = {number: sheet.row_dimensions[number] for number in rows if number in sheet.row_dimensions}
    sheet.row_dimensions.clear()
    for number, look in looks.items():
        look.index, look.hidden, look.outlineLevel = rows[number], False, 0
        sheet.row_dimensions[rows[number]] = look


if __name__ == "__main__":
    os._exit(main())
