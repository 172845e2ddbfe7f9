"""How the child hands over what it reads: lines of JSON, because nothing that a hostile file made may run elsewhere.

    {"format": …}       the workbook
    {"name": …}         a sheet, then its rows in batches:
    {"columns": […]}      of equally wide rows, column by column
    {"rows": […]}         of rows of different widths, all text
    {"from": 12}          what follows stands from row 12 on; rows left out are empty
    {"again": true}       forget the rows so far, they come anew
    {"notes": […]}        what is to be said of the sheet
    {"lines": […]}        in which lines of a text its records begin, as a Sheet has them
    {"end": true}       all is told; without this line the child has died

or {"refused": sentence} at any time. A column is a list of cells, all of them filled; or {"gaps": […]}, where "" is an
empty cell; or {"dates": […]} or {"moments": […]} of nothing else and ""; or {"of": column, "at": […]}, the places in a
shorter column of different cells; or {"mixed": […]}, where a list of one text is what JSON has no word for: a date, a
time, or a number beyond all numbers. The parent reads while the child still makes rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from math import isfinite
from typing import Any

import orjson

from servicedesk.spreadsheets.formats.workbook import (
    Cell,
    Note,
    Reading,
    Refused,
    Row,
    Sheet,
    SheetReading,
    Workbook,
)

BATCH = 1_000
SAMPLE, FEW = 40, 20  # a column whose first cells repeat is sent as its different cells and their places
TEXT, PLAIN = {str}, {str, float, int, bool, type(None)}
MOMENTS = {date: "dates", datetime: "moments"}
CUT = 32_768  # one character more than a cell may have, so that a longer one is known and nobody holds 5 MB of it


def head_out(record: Reading | SheetReading) -> bytes:
    """One line: what is known of the workbook or of a sheet, without its rows."""
    told = record._asdict() | {"notes": [note._asdict() for note in record.notes]}
    return _line(
        {name: value for name, value in told.items() if name not in ("sheets", "rows", "pieces", "lines")}
    )


def end_out() -> bytes:
    """One line: all is told."""
    return _line({"end": True})


def refusal_out(sentence: str) -> bytes:
    """One line: the file is not accepted."""
    return _line({"refused": sentence})


def batches(rows: Iterable[Sequence]) -> Iterator[list[Sequence]]:
    """The rows, some at a time."""
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch


def receive(lines: Iterable[bytes]) -> Workbook | None:
    """The workbook that was sent, or None if the sender died. Raises Refused if that is what was sent."""
    head: dict[str, Any] = {}
    sheets: list[_Receiving] = []
    for line in lines:
        if not line.endswith(b"\n"):  # the sender died in the middle of it
            return None
        told = orjson.loads(line)
        if "refused" in told:
            raise Refused(told["refused"])
        if "end" in told:
            return Workbook(
                **head | {"sheets": [sheet.whole() for sheet in sheets], "notes": _notes_in(head)}
            )
        if "format" in told:
            head = told
        elif "name" in told:
            sheets.append(_Receiving(told))
        else:
            sheets[-1].add(told)
    return None


class _Receiving:
    """A sheet that is still being received."""

    def __init__(self, head: dict[str, Any]) -> None:
        self.head = head
        self.rows: list[Row] = []
        self.notes = _notes_in(head)
        self.width: int | None = None
        self.lines: tuple[tuple[int, int], ...] = ()

    def add(self, told: dict[str, Any]) -> None:
        if "columns" in told:
            self.rows.extend(zip(*map(_column_in, told["columns"]), strict=True))
        elif "rows" in told:
            self.rows.extend(map(tuple, told["rows"]))
        elif "from" in told:
            self.width = max(self.width or 0, told["width"])
            self.rows.extend([()] * (told["from"] - 1 - len(self.rows)))
        elif "again" in told:
            self.rows, self.notes, self.width = [], _notes_in(self.head), None
        elif "lines" in told:
            self.lines = tuple((record, line) for record, line in told["lines"])
        else:
            self.notes += _notes_in(told)

    def whole(self) -> Sheet:
        if self.width is not None:
            self.rows = [
                row if len(row) == self.width else row + (None,) * (self.width - len(row))
                for row in self.rows
            ]
        numbers = (self.head["row_numbers"] or range(1, len(self.rows) + 1))[: len(self.rows)]
        return Sheet(self.head["name"], self.rows, numbers, self.head["visibility"], self.notes, self.lines)


def notes_out(notes: Sequence[Note]) -> bytes:
    """One line of notes, or nothing where there are none."""
    return _line({"notes": [note._asdict() for note in notes]}) if notes else b""


def lines_out(lines: Sequence[tuple[int, int]]) -> bytes:
    """One line: in which lines of a text its records begin."""
    return _line({"lines": lines})


def place_out(row: int, width: int) -> bytes:
    """One line: where the rows to come stand, and how wide they are."""
    return _line({"from": row, "width": width})


def again_out() -> bytes:
    """One line: the rows of the sheet come anew."""
    return _line({"again": True})


def _line(told: object) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def batch_out(batch: list[Sequence]) -> bytes:
    """One line of rows."""
    if len(set(map(len, batch))) > 1 or not batch[0]:
        return _line({"rows": [[cell[:CUT] or None for cell in row] for row in batch]})
    return _line({"columns": [*map(_column_out, zip(*batch, strict=True))]})


def _column_out(cells: Sequence) -> orjson.Fragment | dict[str, Any]:
    kinds = set(map(type, cells))
    if len(kinds - TEXT) < 2 and bool not in kinds and len(set(cells[:SAMPLE])) <= FEW:
        different = {cell: place for place, cell in enumerate(dict.fromkeys(cells))}
        if len(different) < len(cells) / 4:
            return {"of": _plain_out(tuple(different), kinds), "at": [*map(different.__getitem__, cells)]}
    return _plain_out(cells, kinds)


def _plain_out(cells: Sequence, kinds: set[type]) -> orjson.Fragment | dict[str, Any]:
    for kind, name in MOMENTS.items():
        if kinds == {kind} or (kinds == {kind, str} and not any(cell for cell in cells if type(cell) is str)):
            return {name: cells}
    told = _encoded(cells)
    beyond = float in kinds and b"null" in told
    if beyond or len(told) > CUT:
        told = _encoded([*map(_tellable, cells)])
    if beyond or not kinds <= PLAIN:
        return {"mixed": orjson.Fragment(told)}
    return {"gaps": orjson.Fragment(told)} if str in kinds and "" in cells else orjson.Fragment(told)


def _encoded(cells: Sequence) -> bytes:
    return orjson.dumps(cells, default=_moment_out, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _tellable(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell[:CUT]
    return [str(cell)] if isinstance(cell, float) and not isfinite(cell) else cell


def _column_in(told: list | dict[str, Any]) -> Sequence[Cell]:
    if isinstance(told, list):
        return told
    if "of" in told:
        return [*map(_column_in(told["of"]).__getitem__, told["at"])]
    if "gaps" in told:
        return [None if cell == "" else cell for cell in told["gaps"]]
    for kind, name in MOMENTS.items():
        if name in told:
            return [kind.fromisoformat(cell) if cell else None for cell in told[name]]
    return [
        _rare_in(cell[0]) if type(cell) is list else None if cell == "" else cell for cell in told["mixed"]
    ]


def _notes_in(told: dict[str, Any]) -> list[Note]:
    return [Note(**note) for note in told["notes"]]


def _moment_out(value: date | time | timedelta) -> list[str] | str:
    return str(value) if isinstance(value, timedelta) else [value.isoformat()]


def _rare_in(text: str) -> date | datetime | time | float:
    if not text[-1].isdigit():
        return float(text)
    if "T" in text:
        return datetime.fromisoformat(text)
    return time.fromisoformat(text) if ":" in text else date.fromisoformat(text)
