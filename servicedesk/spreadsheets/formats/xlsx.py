"""An .xlsx workbook: checked, mended, and only then given to calamine, which sees exactly the checked bytes."""

import io
import re
from collections.abc import Iterator
from functools import partial

import python_calamine

from servicedesk.spreadsheets.formats import package, safe_xml
from servicedesk.spreadsheets.formats.calamine import damage_refused, rows, rows_of_piece
from servicedesk.spreadsheets.formats.package import Parts
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.sheet_xml import LAST_COLUMN, SheetXml
from servicedesk.spreadsheets.formats.styles import Styles, read_styles
from servicedesk.spreadsheets.formats.workbook import (
    Limits,
    Note,
    Piece,
    Pieces,
    Reading,
    Refused,
    SheetReading,
)

VISIBILITY = {"hidden": "hidden", "veryHidden": "very_hidden"}
DECLARED_COUNT = re.compile(rb"""\s(?:uniqueCount|count)=["'][^"']*["']""")


def read(data: bytes, limits: Limits) -> Reading:
    """Every worksheet with its rows and notes. Raises Refused, also as rows are asked for."""
    parts = package.open_parts(data, limits)
    path = package.target(parts, "", "officeDocument")
    if path not in parts:
        raise Refused(package.NOT_A_WORKBOOK)
    frame = safe_xml.elements(parts[path])
    strings = package.target(parts, path, "sharedStrings")
    _forget_declared_counts(parts, strings)
    styles = read_styles(parts.get(package.target(parts, path, "styles")))
    return Reading(
        format="xlsx",
        sheets=_Book(parts, styles, strings, limits).read(_sheets(parts, path, frame)),
        date_1904=any(at[-1] == "workbookPr" and it.get("date1904") in ("1", "true") for at, it in frame),
        notes=[Note("external_links")] if any(name.startswith("xl/externalLinks/") for name in parts) else [],
    )


def _forget_declared_counts(parts: Parts, shared_strings: str) -> None:
    part = parts.get(shared_strings, b"")
    start = part.find(b"sst")
    end = part.find(b">", start) + 1
    if start > 0:
        parts[shared_strings] = part[:start] + DECLARED_COUNT.sub(b"", part[start:end]) + part[end:]


def _sheets(parts: Parts, path: str, frame: list[safe_xml.Element]) -> dict[str, tuple[str, str]]:
    """By name: the part of each worksheet, and its visibility. Chart sheets have no rows and are left out."""
    relations = package.relations(parts, path)
    sheets = {}
    for at, it in frame:
        if at[-2:] == ("sheets", "sheet"):
            kind, target = relations.get(it.get("id", ""), ("", ""))
            if kind == "worksheet":
                sheets[it.get("name", "")] = (target, VISIBILITY.get(it.get("state", ""), "visible"))
    targets = [target for target, _ in sheets.values()]
    if not sheets or len(set(targets)) < len(targets) or not parts.keys() >= set(targets):
        raise Refused(DAMAGED)
    return sheets


class _Book:
    """The parts of a workbook without its sheets, which are read by calamine from the checked and mended bytes."""

    def __init__(self, parts: Parts, styles: Styles, strings: str, limits: Limits) -> None:
        self.parts, self.styles, self.limits = parts, styles, limits
        self.strings = len(parts.get(strings, b""))

    def read(self, sheets: dict[str, tuple[str, str]]) -> Iterator[SheetReading]:
        """Each sheet: a large one in pieces, the others together."""
        xml = {name: SheetXml(self.parts.pop(target)) for name, (target, _) in sheets.items()}
        pieces = {name: self._pieces(name, sheets[name][0], sheet) for name, sheet in xml.items()}
        small = {}
        for name, sheet in xml.items():
            if not pieces[name]:
                sheet.gather_far_rows()
                sheet.mend(self.styles)
                small[sheets[name][0]] = sheet.part
        book = self._open(small)
        for name, (_, visibility) in sheets.items():
            sheet = xml[name]
            notes = [Note("hidden_sheet", value=name)] if visibility != "visible" else []
            notes += sheet.notes_on_frame()
            if pieces[name]:
                yield SheetReading(name, (), visibility, None, notes, pieces[name])
            else:
                notes += sheet.notes_on_cells(self.styles)
                yield SheetReading(name, rows(_sheet(book, name)), visibility, sheet.row_numbers, notes)

    def _open(self, sheets: Parts) -> python_calamine.CalamineWorkbook:
        with damage_refused():
            return python_calamine.load_workbook(io.BytesIO(package.repack(self.parts | sheets)))

    def _pieces(self, name: str, target: str, sheet: SheetXml) -> Pieces | None:
        """The pieces of a large sheet. The strings are read anew for each: where they are many, the pieces are few."""
        size = len(sheet.part)
        count = min(size // self.limits.piece + 1, max(2, size // (4 * self.strings + 1)))
        places = sheet.split(count + count % 2) if count > 1 and self.strings < size else []
        if not places or sheet.has_far_rows():
            return None
        make = partial(self._piece, name, target, sheet)
        return Pieces([partial(make, *place) for place in places], partial(make, *sheet.inside))

    def _piece(self, name: str, target: str, sheet: SheetXml, first: int, last: int) -> Piece:
        xml = sheet.piece(first, last)
        xml.mend(self.styles)
        found = _sheet(self._open({target: xml.part}), name)
        row = found.start[0] + 1 if found.start else 1
        return Piece(row, rows_of_piece(found), xml.notes_on_cells(self.styles))


def _sheet(book: python_calamine.CalamineWorkbook, name: str) -> python_calamine.CalamineSheet:
    with damage_refused():
        sheet = book.get_sheet_by_name(name)
    if sheet.end and sheet.end[1] >= LAST_COLUMN:
        raise Refused(DAMAGED)
    return sheet
