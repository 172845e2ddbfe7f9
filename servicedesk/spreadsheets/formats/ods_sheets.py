"""The sheets of an OpenDocument spreadsheet, gathered from the events of its XML."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import ClassVar

from servicedesk.spreadsheets.formats.ods_styles import OdsStyles
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED, DEEPEST
from servicedesk.spreadsheets.formats.workbook import (
    TOO_MUCH,
    Cell,
    Limits,
    Note,
    Refused,
    SheetReading,
    letter,
    too_many_rows,
)

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MOST_COLOURED = 20_000
LONGEST_TEXT = 40_000
ELSEWHERE = "'file:"
CURRENCIES = {"USD": "$", "EUR": "€"}
DURATION = re.compile(r"PT(\d{1,6})H(\d{1,2})M(\d{1,2})(?:[.,]\d+)?S")

Attributes = dict[str, str]


class Walk:
    """The handlers of a parser; afterwards `sheets` holds what was found. Raises Refused while it is fed."""

    def __init__(self, styles: OdsStyles, limits: Limits) -> None:
        self.styles, self.limits = styles, limits
        self.sheets: list[SheetReading] = []
        self.external = self.date_1904 = False
        self.names = _Names()
        self.path: list[str] = []
        self.sheet: _Sheet | None = None
        self.row: list[Cell] = []
        self.row_about: Attributes = {}
        self.cell: Attributes | None = None
        self.paragraphs: list[str] = []
        self.writing = False
        self.cells = self.blanks = self.depth = 0

    def start(self, name: str, attributes: Attributes) -> None:
        local = name.rpartition(" ")[2]
        self.path.append(local)
        if len(self.path) > DEEPEST:
            raise Refused(DAMAGED)
        if handler := self.STARTS.get(local):
            handler(self, {self.names[key]: value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        if handler := self.ENDS.get(self.path.pop()):
            handler(self)

    def text(self, text: str) -> None:
        if self.writing and len(self.paragraphs[-1]) < LONGEST_TEXT:
            self.paragraphs[-1] += text

    def _null_date(self, attributes: Attributes) -> None:
        self.date_1904 = attributes.get("date-value") == "1904-01-01"

    def _begin_sheet(self, attributes: Attributes) -> None:
        if self.path[-2:-1] != ["spreadsheet"] or self.cell is not None:
            return
        name = attributes.get("name", "")
        if name.startswith(ELSEWHERE):
            self.external = True
            return
        self.sheet = _Sheet(name, attributes.get("style-name") in self.styles.hidden, self.styles)

    def _end_sheet(self) -> None:
        if self.sheet and self.path[-1:] == ["spreadsheet"]:
            self.sheets.append(self.sheet.reading())
            self.sheet = None

    def _column(self, attributes: Attributes) -> None:
        if self.sheet and self.cell is None:
            self.sheet.add_columns(_repeated(attributes, "columns"), attributes)

    def _begin_group(self, attributes: Attributes) -> None:
        if self.sheet:
            self.sheet.groups.append(attributes.get("display") == "false")

    def _end_group(self) -> None:
        if self.sheet and self.sheet.groups:
            self.sheet.groups.pop()

    def _begin_row(self, attributes: Attributes) -> None:
        self.row, self.row_about, self.blanks = [], attributes, 0

    def _end_row(self) -> None:
        if not self.sheet or self.cell is not None:
            return
        times = _repeated(self.row_about, "rows")
        self._count(times * len(self.row))
        self.sheet.add_row(self.row, times, self.row_about, self.limits)

    def _count(self, cells: int) -> None:
        self.cells += cells
        if self.cells > self.limits.cells:
            raise Refused(TOO_MUCH)

    def _begin_cell(self, attributes: Attributes) -> None:
        if self.sheet and self.cell is None and self.path[-2:-1] == ["table-row"]:
            self.cell, self.paragraphs, self.depth = attributes, [], len(self.path)

    def _end_cell(self) -> None:
        if not self.sheet or self.cell is None or len(self.path) != self.depth - 1:
            return
        about, self.cell = self.cell, None
        at, times = len(self.row) + self.blanks + 1, _repeated(about, "columns")
        value = self.sheet.value(about, self.paragraphs, at, self.row_about)
        self.sheet.note_merged(about, at)
        if value is None:
            self.blanks += times
            return
        if at + times - 1 > LAST_COLUMN:
            raise Refused(DAMAGED)
        self.row += [None] * self.blanks + [value] * times
        self.blanks = 0
        self.sheet.note_colour(about, at, self.row_about)

    def _begin_paragraph(self, _: Attributes) -> None:
        if self.cell is not None and len(self.path) == self.depth + 1:
            self.paragraphs.append("")
            self.writing = True

    def _end_paragraph(self) -> None:
        if self.cell is not None and len(self.path) == self.depth:
            self.writing = False

    def _space(self, attributes: Attributes) -> None:
        self.text(" " * min(_number(attributes.get("c", "1")), LONGEST_TEXT))

    def _tab(self, _: Attributes) -> None:
        self.text("\t")

    def _break(self, _: Attributes) -> None:
        self.text("\n")

    STARTS: ClassVar[dict[str, Callable[["Walk", Attributes], None]]] = {
        "null-date": _null_date,
        "table": _begin_sheet,
        "table-column": _column,
        "table-row-group": _begin_group,
        "table-row": _begin_row,
        "table-cell": _begin_cell,
        "covered-table-cell": _begin_cell,
        "p": _begin_paragraph,
        "s": _space,
        "tab": _tab,
        "line-break": _break,
    }
    ENDS: ClassVar[dict[str, Callable[["Walk"], None]]] = {
        "table": _end_sheet,
        "table-row-group": _end_group,
        "table-row": _end_row,
        "table-cell": _end_cell,
        "covered-table-cell": _end_cell,
        "p": _end_paragraph,
    }


class _Names(dict[str, str]):
    """Attributes by their local names; those that a program added to a standard one begin with a star."""

    def __missing__(self, name: str) -> str:
        space, _, local = name.rpartition(" ")
        self[name] = f"*{local}" if "calcext" in space else local
        return self[name]


class _Sheet:
    """One sheet on its way: its rows that hold something, and what is to be said of them."""

    def __init__(self, name: str, hidden: bool, styles: OdsStyles) -> None:
        self.name, self.hidden, self.styles = name, hidden, styles
        self.rows: list[list[Cell]] = []
        self.row_numbers: list[int] = []
        self.next = 1
        self.notes: list[Note] = []
        self.groups: list[bool] = []
        self.column_styles: list[tuple[int, str]] = []
        self.hidden_columns: list[tuple[int, int]] = []
        self.columns = self.coloured = 0

    def add_columns(self, times: int, about: Attributes) -> None:
        first = self.columns + 1
        self.columns = min(self.columns + times, LAST_COLUMN)
        self.column_styles.append((self.columns, about.get("default-cell-style-name", "")))
        if about.get("visibility", "visible") != "visible":
            self.hidden_columns.append((first, self.columns))

    def add_row(self, row: list[Cell], times: int, about: Attributes, limits: Limits) -> None:
        first, self.next = self.next, self.next + times
        if not row:
            return
        if self.next > LAST_ROW + 1 or len(self.rows) + times > limits.rows + 1:
            raise Refused(too_many_rows(self.name, limits))
        self.rows += [row] * times
        self.row_numbers += range(first, self.next)
        if any(self.groups) or about.get("visibility", "visible") != "visible":
            self.notes += [Note("hidden_row", number) for number in range(first, self.next)]

    def _style(self, about: Attributes, column: int, row: Attributes) -> str:
        own = about.get("style-name") or row.get("default-cell-style-name")
        return own or next((style for last, style in self.column_styles if column <= last), "")

    def value(self, about: Attributes, paragraphs: list[str], column: int, row: Attributes) -> Cell:
        kind = about.get("value-type")
        if about.get("*value-type") == "error" and paragraphs:
            return self._error(paragraphs[0], column)
        if kind is None:
            formula = about.get("formula", "")
            return "=" + formula.partition(":=")[2] if formula else "\n".join(paragraphs) or None
        if kind == "string":
            return about.get("string-value") or "\n".join(paragraphs) or None
        value = _typed(kind, about)
        digits = self.styles.digits.get(self._style(about, column, row), 0) if self.styles.digits else 0
        if digits and isinstance(value, float) and value.is_integer() and value >= 0:
            return f"{value:.0f}".zfill(digits)
        return value

    def _error(self, shown: str, column: int) -> str:
        """An error as Excel has it: LibreOffice has numbers for some."""
        if shown == "#N/A":
            self.notes.append(Note("not_available", self.next, letter(column), shown))
        return shown if shown.startswith("#") else "#VALUE!"

    def note_colour(self, about: Attributes, column: int, row: Attributes) -> None:
        if not self.styles.fills or self.coloured >= MOST_COLOURED:
            return
        if colour := self.styles.fills.get(self._style(about, column, row)):
            self.coloured += 1
            self.notes.append(Note("coloured_cells", self.next, letter(column), colour))

    def note_merged(self, about: Attributes, column: int) -> None:
        wide, high = (_number(about.get(f"number-{way}-spanned", "1")) for way in ("columns", "rows"))
        if wide > 1 or high > 1:
            first, last = f"{letter(column)}{self.next}", f"{letter(column + wide - 1)}{self.next + high - 1}"
            self.notes.append(Note("merged_cells", self.next, letter(column), f"{first}:{last}"))

    def reading(self) -> SheetReading:
        width = max(map(len, self.rows), default=0)
        rows = [[*row, *[None] * (width - len(row))] for row in self.rows]
        notes = [Note("hidden_sheet", value=self.name)] if self.hidden else []
        notes += [
            Note("hidden_column", column=letter(column))
            for first, last in self.hidden_columns
            for column in range(first, min(last, width) + 1)
        ]
        visibility = "hidden" if self.hidden else "visible"
        return SheetReading(self.name, rows, visibility, self.row_numbers, notes + self.notes)


def _typed(kind: str, about: Attributes) -> Cell:
    if kind == "date":
        return _moment(about.get("date-value", ""))
    if kind == "time":
        return _time(about.get("time-value", ""))
    if kind == "boolean":
        return about.get("boolean-value") == "true"
    value = about.get("value", "")
    if symbol := CURRENCIES.get(about.get("currency", "")):
        return symbol + value
    try:
        return float(value)
    except ValueError:
        raise Refused(DAMAGED) from None


def _moment(text: str) -> Cell:
    try:
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError:
        return text or None


def _time(text: str) -> Cell:
    found = DURATION.fullmatch(text)
    if not found:
        return text or None
    hours, minutes, seconds = map(int, found.groups())
    if hours < 24 and minutes < 60 and seconds < 60:
        return time(hours, minutes, seconds)
    return f"{hours}:{minutes:02}:{seconds:02}"


def _repeated(about: Attributes, of: str) -> int:
    return max(_number(about.get(f"number-{of}-repeated", "1")), 1)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 1
