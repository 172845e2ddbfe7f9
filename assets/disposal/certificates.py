"""Reading a facility's certificate: pasted lines or a spreadsheet, a thing a line."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File

from assets.disposal.models import Outcome
from assets.disposal.reconciling import Certified
from servicedesk.spreadsheets.formats.workbook import Cell, Workbook
from servicedesk.spreadsheets.reading import Refused, read_pasted, read_upload

HEADINGS = {
    "name": {"serial", "serial number", "serial no", "serial no.", "s/n", "asset", "asset tag", "tag"},
    "certificate_number": {"certificate", "certificate number", "certificate no", "cert", "cert no"},
    "outcome": {"outcome", "result", "disposal", "treatment", "method", "fate"},
}
WORDS = {
    Outcome.DESTROYED: ("destroy", "shred", "crush"),
    Outcome.RECYCLED: ("recycl", "scrap", "weee"),
    Outcome.RESOLD: ("resold", "resale", "resell", "sold", "reuse", "remarket"),
    Outcome.DONATED: ("donat", "charit"),
}
SHEETS = (".xlsx", ".xlsb", ".xls", ".ods", ".csv", ".tsv", ".txt")
MOST_NAMED = 10


def is_sheet(name: str) -> bool:
    """Whether a file is one that lines can be read from, by its name."""
    return Path(name).suffix.lower() in SHEETS


def lines_of_text(text: str, number: str, outcome: str) -> list[Certified]:
    """What was pasted. `number` and `outcome` stand for lines that say none. Raises ValidationError."""
    try:
        return _lines(read_pasted(text), number, outcome)
    except Refused as refused:
        raise ValidationError({"lines": str(refused)}) from refused


def lines_of_file(file: File, number: str, outcome: str) -> list[Certified]:
    """What a spreadsheet holds, of its visible sheet with most rows. Raises ValidationError."""
    with NamedTemporaryFile() as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        file.seek(0)
        try:
            return _lines(read_upload(copy.name, file.name or ""), number, outcome)
        except Refused as refused:
            raise ValidationError({"file": str(refused)}) from refused


def _lines(book: Workbook, number: str, outcome: str) -> list[Certified]:
    visible = [sheet for sheet in book.sheets if sheet.visibility == "visible"]
    if not visible:
        raise ValidationError({"file": "This workbook has no sheet that can be seen"})
    sheet = max(visible, key=lambda one: len(one.rows))
    rows = [
        (at, [_text(cell) for cell in row]) for at, row in zip(sheet.row_numbers, sheet.rows, strict=True)
    ]
    rows = [(at, row) for at, row in rows if any(row)]
    places = {"name": 0, "certificate_number": 1, "outcome": 2}
    for index, (_, row) in enumerate(rows):
        if found := _headings(row):
            places, rows = found, rows[index + 1 :]
            break
    read = [(at, _said(row, places)) for at, row in rows]
    return _checked([(at, said) for at, said in read if said["name"]], number, outcome)


def _checked(rows: Iterable[tuple[int, dict[str, str]]], number: str, outcome: str) -> list[Certified]:
    lines, wrong = [], []
    for at, said in rows:
        became = _outcome(said["outcome"]) if said["outcome"] else outcome
        certificate = said["certificate_number"] or number
        if not certificate:
            wrong.append(f"Row {at}, {said['name']}: it has no certificate number")
        elif not became:
            wrong.append(
                f"Row {at}, {said['name']}: “{said['outcome'][:40]}” says nothing of what became of it"
            )
        else:
            lines.append(Certified(at, said["name"][:100], certificate[:60], became))
    if wrong:
        raise ValidationError({"lines": wrong[:MOST_NAMED]})
    return lines


def _headings(row: Sequence[str]) -> dict[str, int]:
    """Where each thing stands, where this is the row of headings. The serial number goes before the tag."""
    found: dict[str, int] = {}
    for at, text in enumerate(row):
        for name, known in HEADINGS.items():
            if text.casefold() in known and (name not in found or text.casefold().startswith("serial")):
                found[name] = at
    return found if "name" in found else {}


def _said(row: Sequence[str], places: dict[str, int]) -> dict[str, str]:
    return {
        name: row[places[name]] if name in places and places[name] < len(row) else "" for name in HEADINGS
    }


def _outcome(text: str) -> str:
    lowered = text.casefold()
    found: list[Any] = [outcome for outcome, words in WORDS.items() if any(word in lowered for word in words)]
    return found[0] if len(found) == 1 else ""


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else " ".join(str(cell).split())
