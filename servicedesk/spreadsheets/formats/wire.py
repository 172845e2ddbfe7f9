"""How the child hands over what it reads: lines of JSON, because nothing that a hostile file made may run elsewhere.

    {"format": …}       the workbook
    {"name": …}         a sheet, then its rows in batches:
    {"columns": […]}      of equally wide rows, column by column, an empty cell as ""
    {"rows": […]}         of rows of different widths, all text
    {"end": true}       all is told; without this line the child has died

or {"refused": sentence} at any time. A column is a list of cells; or {"dates": […]} of nothing but dates; or
{"mixed": […]}, where a list of one text is what JSON has no word for: a date, a time, or a number beyond all numbers.
The parent reads while the child still makes rows.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice, starmap
from math import isfinite
from typing import Any, BinaryIO

import orjson

from servicedesk.spreadsheets.formats.workbook import (
    Cell,
    Limits,
    Note,
    Reading,
    Refused,
    Row,
    Sheet,
    SheetReading,
    Workbook,
)

BATCH = 1_000
CUT = 32_768  # one character more than a cell may have, so that a longer one is known and nobody holds 5 MB of it
TOO_MUCH = (
    "This file holds more than we read at once. Split it into several files, and delete what stands far to the right"
    " of the table."
)


def send(out: BinaryIO, reading: Reading, limits: Limits) -> None:
    """Write the whole reading. Raises Refused for a sheet with too many rows, or more than the parent should hold."""
    out.write(_line(_without(reading, "sheets")))
    cells = size = 0
    for sheet in reading.sheets:
        out.write(_line(_without(sheet, "rows")))
        rows, count = iter(sheet.rows), 0
        while batch := list(islice(rows, BATCH)):
            size += out.write(_line(_batch_out(batch)))
            cells += sum(map(len, batch))
            count += len(batch)
            if count - 1 > limits.rows:
                raise Refused(
                    f"The sheet {sheet.name} has more than {limits.rows:,} rows. Split it into several."
                )
            if cells > limits.cells or size > limits.unpacked:
                raise Refused(TOO_MUCH)
    out.write(_line({"end": True}))


def send_refusal(out: BinaryIO, sentence: str) -> None:
    out.write(_line({"refused": sentence}))


def receive(lines: Iterable[bytes]) -> Workbook | None:
    """The workbook that was sent, or None if the sender died. Raises Refused if that is what was sent."""
    head: dict[str, Any] = {}
    sheets: list[tuple[dict[str, Any], list[Row]]] = []
    for line in lines:
        told = orjson.loads(line)
        if "columns" in told:
            sheets[-1][1].extend(zip(*map(_column_in, told["columns"]), strict=True))
        elif "rows" in told:
            sheets[-1][1].extend(map(tuple, told["rows"]))
        elif "refused" in told:
            raise Refused(told["refused"])
        elif "end" in told:
            return Workbook(**head | {"sheets": [*starmap(_sheet_in, sheets)], "notes": _notes_in(head)})
        elif "format" in told:
            head = told
        else:
            sheets.append((told, []))
    return None


def _without(record: Reading | SheetReading, name: str) -> dict[str, Any]:
    told = record._asdict() | {"notes": [note._asdict() for note in record.notes]}
    del told[name]
    return told


def _line(told: object) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _batch_out(batch: list[Sequence]) -> dict[str, list]:
    if len(set(map(len, batch))) > 1 or not batch[0]:
        return {"rows": [[cell[:CUT] or None for cell in row] for row in batch]}
    return {"columns": [*map(_column_out, zip(*batch, strict=True))]}


def _column_out(cells: tuple) -> orjson.Fragment | dict[str, Any]:
    kinds = set(map(type, cells))
    if kinds == {date} or (kinds == {date, str} and not any(cell for cell in cells if type(cell) is str)):
        return {"dates": cells}
    told = _encoded(cells)
    if len(told) > CUT or b"null" in told:
        told = _encoded([*map(_tellable, cells)])
    return {"mixed": orjson.Fragment(told)} if told.find(b"[", 1) > 0 else orjson.Fragment(told)


def _encoded(cells: Sequence) -> bytes:
    return orjson.dumps(cells, default=_moment_out, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _tellable(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell[:CUT]
    return [str(cell)] if isinstance(cell, float) and not isfinite(cell) else cell


def _column_in(told: list | dict[str, list]) -> list[Cell]:
    if isinstance(told, list):
        return [None if cell == "" else cell for cell in told]
    if "dates" in told:
        return [date.fromisoformat(cell) if cell else None for cell in told["dates"]]
    return [
        _rare_in(cell[0]) if type(cell) is list else None if cell == "" else cell for cell in told["mixed"]
    ]


def _sheet_in(told: dict[str, Any], rows: list[Row]) -> Sheet:
    numbers = (told["row_numbers"] or range(1, len(rows) + 1))[: len(rows)]
    return Sheet(told["name"], rows, numbers, told["visibility"], _notes_in(told))


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
