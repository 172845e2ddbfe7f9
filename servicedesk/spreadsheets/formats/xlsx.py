"""An .xlsx workbook: checked, mended, and only then given to calamine, which sees exactly the checked bytes."""

import io
import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager

import python_calamine

from servicedesk.spreadsheets.formats import package, safe_xml
from servicedesk.spreadsheets.formats.package import Parts
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.sheet_xml import LAST_COLUMN, SheetXml
from servicedesk.spreadsheets.formats.styles import Styles, read_styles
from servicedesk.spreadsheets.formats.workbook import Limits, Note, Reading, Refused, SheetReading

VISIBILITY = {"hidden": "hidden", "veryHidden": "very_hidden"}
PANIC = "PanicException"
DECLARED_COUNT = re.compile(rb"""\s(?:uniqueCount|count)=["'][^"']*["']""")


def read(data: bytes, limits: Limits) -> Reading:
    """Every worksheet with its rows and notes. Raises Refused, also as rows are asked for."""
    parts = package.open_parts(data, limits)
    path = _target(parts, "", "officeDocument")
    if path not in parts:
        raise Refused(package.NOT_A_WORKBOOK)
    frame = safe_xml.elements(parts[path])
    _forget_declared_counts(parts, _target(parts, path, "sharedStrings"))
    return Reading(
        format="xlsx",
        sheets=_read(
            parts, _sheets(parts, path, frame), read_styles(parts.get(_target(parts, path, "styles")))
        ),
        date_1904=any(at[-1] == "workbookPr" and it.get("date1904") in ("1", "true") for at, it in frame),
        notes=[Note("external_links")] if any(name.startswith("xl/externalLinks/") for name in parts) else [],
    )


def _relations(parts: Parts, source: str) -> dict[str, tuple[str, str]]:
    folder, name = posixpath.split(source)
    part = parts.get(posixpath.join(folder, "_rels", f"{name}.rels"), b"")
    return {
        it.get("Id", ""): (
            it.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, it.get("Target", "")))[1:],
        )
        for at, it in (safe_xml.elements(part) if part else ())
        if at[-1] == "Relationship"
    }


def _target(parts: Parts, source: str, kind: str) -> str:
    return next((target for found, target in _relations(parts, source).values() if found == kind), "")


def _forget_declared_counts(parts: Parts, shared_strings: str) -> None:
    part = parts.get(shared_strings, b"")
    start = part.find(b"sst")
    end = part.find(b">", start) + 1
    if start > 0:
        parts[shared_strings] = part[:start] + DECLARED_COUNT.sub(b"", part[start:end]) + part[end:]


def _sheets(parts: Parts, path: str, frame: list[safe_xml.Element]) -> dict[str, tuple[str, str]]:
    """By name: the part of each worksheet, and its visibility. Chart sheets have no rows and are left out."""
    relations = _relations(parts, path)
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


def _mended(part: bytes, styles: Styles) -> SheetXml:
    sheet = SheetXml(part)
    sheet.gather_far_rows()
    sheet.mend(styles)
    return sheet


def _read(parts: Parts, sheets: dict[str, tuple[str, str]], styles: Styles) -> Iterator[SheetReading]:
    """Each sheet, read by calamine from the checked and mended parts and nothing else."""
    xml = {name: _mended(parts[part], styles) for name, (part, _) in sheets.items()}
    parts.update({part: xml[name].part for name, (part, _) in sheets.items()})
    with _damage_refused():
        book = python_calamine.load_workbook(io.BytesIO(package.repack(parts)))
    for name, (_, visibility) in sheets.items():
        with _damage_refused():
            sheet = book.get_sheet_by_name(name)
        if sheet.end and sheet.end[1] >= LAST_COLUMN:
            raise Refused(DAMAGED)
        notes = [Note("hidden_sheet", value=name)] if visibility != "visible" else []
        notes += xml[name].notes(styles)
        yield SheetReading(name, _rows(sheet), visibility, xml[name].row_numbers, notes)


def _rows(sheet: python_calamine.CalamineSheet) -> Iterator[list]:
    """The rows from the first of the sheet, with the empty columns on the left that calamine leaves out."""
    margin = [""] * (sheet.start[1] if sheet.start else 0)
    with _damage_refused():
        yield from (margin + row for row in sheet.iter_rows()) if margin else sheet.iter_rows()


@contextmanager
def _damage_refused() -> Iterator[None]:
    try:
        yield
    except python_calamine.CalamineError:
        raise Refused(DAMAGED) from None
    except BaseException as panic:
        if type(panic).__name__ != PANIC:
            raise
        raise Refused(DAMAGED) from None
