"""How the child hands over what it reads: lines of JSON, because nothing that a hostile file made may run elsewhere.

    {"format": …}       the workbook
    {"name": …}         a sheet, then its rows in batches:
    {"columns": […]}      of equally wide rows, column by column: texts and dates joined, other cells listed
    {"rows": […]}         of rows of different widths, all text
    {"end": true}       all is told; without this line the child has died

or {"refused": sentence} at any time. Among listed cells a date, datetime or time is a list of one ISO string; no cell
is a list otherwise. The parent reads while the child still makes rows. Joining is twice as fast as listing.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice, starmap
from typing import Any, BinaryIO

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
SEPARATOR = "|"  # rare, and JSON writes it as it is; a column that holds it is listed


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
        told = json.loads(line)
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
    return json.dumps(told, default=_moment_out, separators=(",", ":"), check_circular=False).encode() + b"\n"


def _batch_out(batch: list[Sequence]) -> dict[str, list]:
    if len(set(map(len, batch))) > 1 or not batch[0]:
        return {"rows": [[cell[:CUT] or None for cell in row] for row in batch]}
    return {"columns": [*map(_column_out, zip(*batch, strict=True))]}


def _column_out(cells: tuple) -> str | dict[str, str] | list:
    kinds = set(map(type, cells))
    if kinds == {str}:
        joined = SEPARATOR.join(cells)
        if len(joined) > CUT:
            joined = SEPARATOR.join([cell[:CUT] for cell in cells])
        if joined.count(SEPARATOR) == len(cells) - 1:
            return joined
    elif kinds == {date} or (kinds == {date, str} and {cell for cell in cells if type(cell) is str} == {""}):
        return {"dates": SEPARATOR.join(map(str, cells))}
    return [(cell[:CUT] or None) if type(cell) is str else cell for cell in cells]


def _column_in(told: str | dict[str, str] | list) -> list[Cell]:
    if isinstance(told, str):
        return [cell or None for cell in told.split(SEPARATOR)]
    if isinstance(told, dict):
        return [date.fromisoformat(cell) if cell else None for cell in told["dates"].split(SEPARATOR)]
    return [_moment_in(cell[0]) if type(cell) is list else cell for cell in told]


def _sheet_in(told: dict[str, Any], rows: list[Row]) -> Sheet:
    numbers = (told["row_numbers"] or range(1, len(rows) + 1))[: len(rows)]
    return Sheet(told["name"], rows, numbers, told["visibility"], _notes_in(told))


def _notes_in(told: dict[str, Any]) -> list[Note]:
    return [Note(**note) for note in told["notes"]]


def _moment_out(value: date | time | timedelta) -> list[str] | str:
    return str(value) if isinstance(value, timedelta) else [value.isoformat()]


def _moment_in(text: str) -> date | datetime | time:
    if "T" in text:
        return datetime.fromisoformat(text)
    return time.fromisoformat(text) if ":" in text else date.fromisoformat(text)
