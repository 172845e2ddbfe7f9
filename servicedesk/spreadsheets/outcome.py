"""What an import found and did, as the command prints it and the API answers it."""

from collections.abc import Iterator
from typing import Any

from servicedesk.spreadsheets.models import Import, ImportRow

SHEET = ("name", "header_row", "data_rows", "skipped")
PROBLEM = ("sheet", "row", "column", "code", "severity", "value", "message", "remedy")


def outcome(started: Import) -> dict[str, Any]:
    """The whole import in the shape that was agreed for programs."""
    return {
        "file": started.file.name,
        "kind": started.kind,
        "council": started.council.code,
        "refused": started.refused or None,
        "sheets": [{name: sheet[name] for name in SHEET} for sheet in started.sheets],
        "counts": {each: started.counts.get(each, 0) for each in ImportRow.Action.values},
        "problems": list(problems(started)),
        "applied": started.state == Import.State.APPLIED,
        "change_set": started.change_set_id,
    }


def problems(started: Import) -> Iterator[dict[str, Any]]:
    """Everything found wrong: of the file first, then row by row."""
    for note in started.notes:
        yield _problem(note)
    sheet = started.mapping.get("sheet")
    rows = started.rows.exclude(worst="").order_by("number").values_list("number", "problems")
    for number, found in rows.iterator(chunk_size=2000):
        for problem in found:
            yield _problem({**problem, "sheet": sheet, "row": number})


def _problem(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in PROBLEM} | {"column": found["column"] or None}
