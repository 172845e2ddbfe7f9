"""How an import came out, in the shape that was agreed for programs."""

from collections.abc import Iterator
from typing import Any

from servicedesk.spreadsheets.models import Action, Import
from servicedesk.spreadsheets.stored_rows import rows_of

SHEET = ("name", "header_row", "data_rows", "skipped")
PROBLEM = ("sheet", "row", "column", "code", "severity", "value", "message", "remedy")
COUNTED = {
    "create": (Action.CREATE,),
    "update": (Action.UPDATE,),
    "unchanged": (Action.UNCHANGED,),
    "ambiguous": (Action.AMBIGUOUS,),
    "error": (Action.ERROR, Action.DISAGREE, Action.STALE),
}
"""Rows whose keys disagree, or that wait for a choice, are refused like any other as long as nobody decides."""


def outcome(started: Import) -> dict[str, Any]:
    """The whole import in the shape that was agreed for programs."""
    return {
        "file": started.file.name,
        "kind": started.kind,
        "council": started.council.code,
        "refused": started.refused or None,
        "sheets": [{name: sheet[name] for name in SHEET} for sheet in started.sheets],
        "counts": counted(started),
        "problems": list(problems(started)),
        "applied": started.state == Import.State.APPLIED,
        "change_set": started.change_set_id,
    }


def counted(started: Import) -> dict[str, int]:
    """How many rows there are of each of the five outcomes."""
    return {name: sum(started.counts.get(each, 0) for each in actions) for name, actions in COUNTED.items()}


def problems(started: Import) -> Iterator[dict[str, Any]]:
    """Everything found wrong: of the file first, then row by row."""
    for note in started.notes:
        yield _problem(note)
    sheet = started.mapping.get("sheet")
    for row in rows_of(started):
        for problem in row.problems:
            yield _problem({**problem, "sheet": sheet, "row": row.number})


def _problem(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in PROBLEM} | {"column": found["column"] or None}
