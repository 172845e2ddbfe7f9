"""What is told of the sheets of a file before anybody has said what they are: where the headings stand, what is below
them and left out, how full each column is, what it is taken for, and what its dates say of their order.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from servicedesk.spreadsheets.evidence import Known, weigh
from servicedesk.spreadsheets.headers import Match, match
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.problems import describe as in_words
from servicedesk.spreadsheets.reading import Cell, Note, Sheet, Workbook
from servicedesk.spreadsheets.staging import shown
from servicedesk.spreadsheets.table import Table, find_table
from servicedesk.spreadsheets.texts import storable
from servicedesk.spreadsheets.values import date_order

SAMPLES, SAMPLES_TO_DECIDE = 3, 5
LOOKED_AT = 200
PREVIEWED_ROWS, PREVIEWED_COLUMNS, PREVIEWED_TEXT = 15, 12, 40
DATES = ("date", "end_date", "datetime", "warranty")
NUMERIC = re.compile(r"\d\d?[/.-]\d\d?[/.-]\d\d")
NOTHING_SKIPPED = {"blank": 0, "subtotal_or_total": 0, "repeated_header": 0}


def describe(
    workbook: Workbook, kind: Kind, header_rows: Mapping[str, int] = {}, known: Known | None = None
) -> list[dict[str, Any]]:
    """Every sheet: where its headings stand, what is below them, and what each column is taken for.

    `known` is what the importing council has, by which the values of a column say what it is.
    """
    tables = [(sheet, table_of(sheet, kind, header_rows.get(sheet.name))) for sheet in workbook.sheets]
    return [
        {
            **_sheet(sheet, table, kind, known),
            "date_1904": workbook.date_1904,
            "encoding": workbook.encoding,
            "notes": told([*workbook.notes, *_notes(sheet, table)]),
        }
        for sheet, table in tables
    ]


def table_of(sheet: Sheet, kind: Kind, header_row: int | None = None) -> Table | None:
    """The table in a sheet, by the headings that the kind knows."""
    return find_table(sheet, kind.synonyms.known, header_row)


def _sheet(sheet: Sheet, table: Table | None, kind: Kind, known: Known | None) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "visibility": sheet.visibility,
        "header_row": table.header_row if table else None,
        "data_rows": len(table.rows) if table else 0,
        "skipped": table.skipped if table else NOTHING_SKIPPED,
        "preview": _preview(sheet),
        "columns": _columns(table, kind, known) if table else [],
    }


def _notes(sheet: Sheet, table: Table | None) -> Sequence[Note]:
    """What is to be said of a sheet: of what its table holds or, where there is none, of the sheet as a whole."""
    return table.notes if table else [note for note in sheet.notes if note.row is None]


def told(notes: Sequence[Note]) -> list[dict[str, Any]]:
    """Notes in words, those that say the same once: how many there are, and where the first stands."""
    first: dict[tuple[str, str], Note] = {}
    count: Counter[tuple[str, str]] = Counter()
    for note in notes:
        key = note.code, in_words(note.code, note.value).message
        first.setdefault(key, note)
        count[key] += 1
    return [_told(note, count[key]) for key, note in first.items()]


def _told(note: Note, count: int) -> dict[str, Any]:
    where = {"row": note.row, "column": note.column or "", "count": count}
    return {"code": note.code, **in_words(note.code, note.value)._asdict(), **where}


def _preview(sheet: Sheet) -> list[dict[str, Any]]:
    """The first rows as they stand in the file, to see where its headings are."""
    rows = zip(sheet.row_numbers, sheet.rows[:PREVIEWED_ROWS], strict=False)
    return [
        {"row": number, "cells": [shown(cell)[:PREVIEWED_TEXT] for cell in row[:PREVIEWED_COLUMNS]]}
        for number, row in rows
    ]


def _columns(table: Table, kind: Kind, known: Known | None) -> list[dict[str, Any]]:
    columns: list[Sequence[Cell]] = list(zip(*table.rows, strict=True)) or [()] * len(table.headings)
    looked_at = [column[:LOOKED_AT] for column in columns]
    found = match(table.headings, looked_at, kind.synonyms)
    because: dict[int, str] = {}
    if known:
        found, because = weigh(found, looked_at, kind, known)
    return [
        _column(each, columns[each.index], kind) | {"because": because.get(each.index, "")} for each in found
    ]


def _column(found: Match, cells: Sequence[Cell], kind: Kind) -> dict[str, Any]:
    field = kind.by_name.get(found.field or "")
    few = SAMPLES_TO_DECIDE if found.question else SAMPLES
    samples = {shown(cell): cell for cell in reversed(cells[:LOOKED_AT]) if cell is not None}
    samples = dict(list(reversed(samples.items()))[:few])
    written = _written(cells)
    return {
        "letter": found.letter,
        "heading": found.heading,
        "field": field.name if field else None,
        "why": found.why if field or not found.field else "not_kept",
        "question": found.question,
        "filled": len(cells) - cells.count(None),
        "samples": list(samples),
        "cells": [keep_cell(cell) for cell in samples.values()],
        "order": _order(written) if field and field.kind in DATES else None,
        "written": written,
    }


def _written(cells: Sequence[Cell]) -> dict[str, int]:
    """How many dates of a column are written so that the day or the month must come first, or either may; {} where
    there are none. A few cells say whether the column is looked at whole."""
    if not any(_is_written(cell) for cell in cells[:LOOKED_AT]):
        return {}
    orders: Counter[str] = Counter()
    for cell, count in Counter(cell for cell in cells if isinstance(cell, str)).items():
        if _is_written(cell):
            orders[date_order([cell])] += count
    return {order: orders[order] for order in ("dmy", "mdy", "either")}


def _is_written(cell: Cell) -> bool:
    return isinstance(cell, str) and NUMERIC.search(cell) is not None


def _order(written: Mapping[str, int]) -> str | None:
    """What the written dates of a column say of their order, None where the order cannot matter."""
    if not written:
        return None
    if written["dmy"] and written["mdy"]:
        return "mixed"
    return "dmy" if written["dmy"] else "mdy" if written["mdy"] else "either"


def keep_cell(cell: Cell) -> Any:
    """A cell as JSON keeps it; `as_cell` gives it back."""
    if isinstance(cell, datetime | date):
        return {
            "moment": datetime.combine(cell, datetime.min.time()).isoformat()
            if not isinstance(cell, datetime)
            else cell.isoformat()
        }
    if isinstance(cell, str):
        return cell if storable(cell) == cell else {"escaped": cell.encode("unicode_escape").decode()}
    if isinstance(cell, float) and not math.isfinite(cell):
        return {"beyond": str(cell)}  # no JSON in a database has a word for it
    return cell if isinstance(cell, int | float | bool) else shown(cell)


def as_cell(kept: Any) -> Cell:
    if not isinstance(kept, dict):
        return kept
    if "escaped" in kept:
        return kept["escaped"].encode().decode("unicode_escape")
    if "beyond" in kept:
        return float(kept["beyond"])
    return datetime.fromisoformat(kept["moment"])
