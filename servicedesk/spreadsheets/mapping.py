"""Which column of which sheet is which field: proposed from the headings and values, corrected by a person."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from servicedesk.spreadsheets.headers import match
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.reading import Cell, Refused, Sheet, Workbook
from servicedesk.spreadsheets.staging import shown
from servicedesk.spreadsheets.table import Table, find_table
from servicedesk.spreadsheets.values import date_order

SAMPLES = 3
LOOKED_AT = 200
DATES = ("date", "end_date", "datetime", "warranty")
ORDERS = ("dmy", "mdy")
NUMERIC = re.compile(r"\d\d?[/.-]\d\d?[/.-]\d\d")


def describe(workbook: Workbook, kind: Kind, header_rows: Mapping[str, int] = {}) -> list[dict[str, Any]]:
    """Every sheet: where its headings stand, what is below them, and what each column is taken for."""
    return [
        _sheet(sheet, table_of(sheet, kind, header_rows.get(sheet.name)), kind) for sheet in workbook.sheets
    ]


def table_of(sheet: Sheet, kind: Kind, header_row: int | None = None) -> Table | None:
    """The table in a sheet, by the headings that the kind knows."""
    return find_table(sheet, kind.synonyms.known, header_row)


def chosen_table(workbook: Workbook, mapping: Mapping[str, Any], kind: Kind) -> tuple[Sheet, Table]:
    """The sheet that the mapping names, and the table in it. Raises Refused where there is none any more."""
    for sheet in workbook.sheets:
        table = table_of(sheet, kind, mapping["header_row"]) if sheet.name == mapping.get("sheet") else None
        if table:
            return sheet, table
    raise Refused("Every sheet that has headings is hidden. Choose the sheet that you mean.")


def _sheet(sheet: Sheet, table: Table | None, kind: Kind) -> dict[str, Any]:
    return {
        "name": sheet.name,
        "visibility": sheet.visibility,
        "header_row": table.header_row if table else None,
        "data_rows": len(table.rows) if table else 0,
        "skipped": table.skipped if table else {"blank": 0, "subtotal_or_total": 0, "repeated_header": 0},
        "columns": _columns(table, kind) if table else [],
    }


def _columns(table: Table, kind: Kind) -> list[dict[str, Any]]:
    looked_at = [list(column) for column in zip(*table.rows[:LOOKED_AT], strict=True)] or [
        [] for _ in table.headings
    ]
    columns = []
    for found in match(table.headings, looked_at, kind.synonyms):
        field = kind.by_name.get(found.field or "")
        cells = looked_at[found.index]
        columns.append(
            {
                "letter": found.letter,
                "heading": found.heading,
                "field": field.name if field else None,
                "why": found.why if field or not found.field else "not_kept",
                "question": found.question,
                "samples": list(dict.fromkeys(shown(cell) for cell in cells if cell is not None))[:SAMPLES],
                "order": _order(cells) if field and field.kind in DATES else None,
            }
        )
    return columns


def _order(cells: Sequence[Cell]) -> str | None:
    """What the written dates of a column say of their order, None where the order cannot matter."""
    written = any(isinstance(cell, str) and NUMERIC.search(cell) for cell in cells)
    return date_order(cells) if written else None


def propose(sheets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The mapping as we see it: the visible sheet with the most rows below headings that we know, {} without one."""
    tables = [sheet for sheet in sheets if sheet["header_row"] and sheet["visibility"] == "visible"]
    return _as_found(max(tables, key=lambda sheet: sheet["data_rows"])) if tables else {}


def _as_found(sheet: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "sheet": sheet["name"],
        "header_row": sheet["header_row"],
        "columns": {column["letter"]: column["field"] for column in sheet["columns"]},
        "dates": {},
        "values": {},
    }


def correct(
    sheets: Sequence[Mapping[str, Any]], proposed: Mapping[str, Any], said: Mapping[str, Any], kind: Kind
) -> dict:
    """The mapping with what somebody says in place of what was found. Raises Refused when it does not fit the file."""
    name = said.get("sheet", proposed.get("sheet"))
    sheet = next((each for each in sheets if each["name"] == name), None)
    if sheet is None:
        raise Refused(f"There is no sheet called {name}. Choose one of: {_listed(sheets)}.")
    if not sheet["header_row"]:
        raise Refused(f"We found no headings on the sheet {name}. Say in which row they stand.")
    mapping = _as_found(sheet) if proposed.get("sheet") != name else {**_as_found(sheet), **proposed}
    mapping["header_row"] = sheet["header_row"]
    _give(mapping["columns"], _named(said.get("columns", {}), mapping["columns"], kind))
    mapping["dates"] = {**mapping["dates"], **_orders(said.get("dates", {}), mapping["columns"])}
    mapping["values"] = {**mapping["values"], **said.get("values", {})}
    return mapping


def _named(said: Mapping[str, str | None], columns: Mapping[str, Any], kind: Kind) -> dict[str, str | None]:
    unknown = [name for name in said.values() if name and name not in kind.by_name]
    if unknown:
        raise Refused(
            f"There is no field called {', '.join(unknown)}. There are: {', '.join(f.name for f in kind.fields)}."
        )
    missing = [letter for letter in said if letter not in columns]
    if missing:
        raise Refused(f"The sheet has no column {', '.join(missing)}.")
    return {letter: kind.by_name[name].name if name else None for letter, name in said.items()}


def _give(columns: dict[str, str | None], said: Mapping[str, str | None]) -> None:
    """Put what was said over what was found; a field stands in one column only."""
    chosen = [name for name in said.values() if name]
    twice = sorted({name for name in chosen if chosen.count(name) > 1})
    if twice:
        raise Refused(f"Two columns cannot both be {', '.join(twice)}.")
    columns.update({letter: None for letter, name in columns.items() if name in chosen})
    columns.update(said)


def _orders(said: Mapping[str, str], columns: Mapping[str, Any]) -> dict[str, str]:
    if any(letter not in columns or order not in ORDERS for letter, order in said.items()):
        raise Refused("The order of a date column is dmy or mdy, by the letter of the column.")
    return dict(said)


def check_complete(mapping: Mapping[str, Any], kind: Kind) -> None:
    """Refuse a mapping by which no row could be recognised."""
    keys = [kind.by_name[key.name] for key in kind.keys]
    if not {key.name for key in keys} & set(mapping["columns"].values()):
        listed = ", ".join(key.heading for key in keys)
        raise Refused(
            f"No column says which {kind.one} a row is about. Choose a column for one of: {listed}."
        )


def _listed(sheets: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(sheet["name"] for sheet in sheets)
