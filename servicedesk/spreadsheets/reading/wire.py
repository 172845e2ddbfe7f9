"""How the child hands its answer over: JSON, because the parent must not trust what a hostile file made of the child.

A date, datetime or time travels as a list of one ISO string; no cell is a list otherwise, and only rows that are
equally wide (those of a workbook) hold any.
"""

import gc
import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta

from servicedesk.spreadsheets.reading.workbook import Cell, Note, Refused, Row, Sheet, Workbook


def pack(workbook: Workbook) -> bytes:
    """The workbook as bytes. Rows may be lists or tuples, empty cells None or ""."""
    answer = {
        "format": workbook.format,
        "encoding": workbook.encoding,
        "delimiter": workbook.delimiter,
        "date_1904": workbook.date_1904,
        "notes": [asdict(note) for note in workbook.notes],
        "sheets": [_sheet_out(sheet) for sheet in workbook.sheets],
    }
    text = json.dumps(answer, default=_moment_out, separators=(",", ":"), check_circular=False)
    return (
        text.replace(',""', ",null").replace('[""', "[null").encode()
    )  # after , or [ two quotes are an empty string


def pack_refusal(sentence: str) -> bytes:
    return json.dumps({"refused": sentence}).encode()


def unpack(answer: bytes) -> Workbook:
    """The workbook that `pack` was given; raises Refused if it was a refusal.

    The garbage collector rests meanwhile: it would walk half a million new cells again and again, for a third of the
    time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _unpacked(json.loads(answer))
    finally:
        if collecting:
            gc.enable()


def _unpacked(told: dict) -> Workbook:
    if "refused" in told:
        raise Refused(told["refused"])
    return Workbook(
        format=told["format"],
        encoding=told["encoding"],
        delimiter=told["delimiter"],
        date_1904=told["date_1904"],
        notes=[Note(**note) for note in told["notes"]],
        sheets=[_sheet_in(sheet) for sheet in told["sheets"]],
    )


def _sheet_out(sheet: Sheet) -> dict:
    numbers = sheet.row_numbers
    return {
        "name": sheet.name,
        "visibility": sheet.visibility,
        "row_numbers": [numbers.start, numbers.stop]
        if isinstance(numbers, range)
        else {"listed": list(numbers)},
        "notes": [asdict(note) for note in sheet.notes],
        "rows": sheet.rows,
    }


def _sheet_in(told: dict) -> Sheet:
    numbers = told["row_numbers"]
    rows = told["rows"]
    return Sheet(
        name=told["name"],
        visibility=told["visibility"],
        row_numbers=numbers["listed"] if isinstance(numbers, dict) else range(*numbers),
        notes=[Note(**note) for note in told["notes"]],
        rows=_equal_rows_in(rows) if len(set(map(len, rows))) == 1 else list(map(tuple, rows)),
    )


def _equal_rows_in(rows: list[list]) -> list[Row]:
    return list(zip(*map(_column_in, zip(*rows, strict=True)), strict=True))


def _column_in(cells: tuple) -> Iterable[Cell]:
    if list in set(map(type, cells)):
        return [_moment_in(cell[0]) if type(cell) is list else cell for cell in cells]
    return cells


def _moment_out(value: date | time | timedelta) -> list[str] | str:
    return str(value) if isinstance(value, timedelta) else [value.isoformat()]


def _moment_in(text: str) -> date | datetime | time:
    if "T" in text:
        return datetime.fromisoformat(text)
    return time.fromisoformat(text) if ":" in text else date.fromisoformat(text)
