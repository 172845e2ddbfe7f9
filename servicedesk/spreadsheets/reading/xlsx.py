"""An .xlsx workbook: checked, mended, and only then given to calamine, which sees exactly the checked bytes."""

import io
import posixpath
import re

import python_calamine

from servicedesk.spreadsheets.reading import package, safe_xml
from servicedesk.spreadsheets.reading.package import Parts
from servicedesk.spreadsheets.reading.safe_xml import DAMAGED
from servicedesk.spreadsheets.reading.sheet_xml import LAST_COLUMN, SheetXml
from servicedesk.spreadsheets.reading.styles import Styles, read_styles
from servicedesk.spreadsheets.reading.workbook import Limits, Note, Refused, Sheet, Workbook

VISIBILITY = {"hidden": "hidden", "veryHidden": "very_hidden"}
DECLARED_COUNT = re.compile(rb"""\s(?:uniqueCount|count)=["'][^"']*["']""")


def read(data: bytes, limits: Limits) -> Workbook:
    """Every worksheet with its rows and notes. Raises Refused."""
    parts = package.open_parts(data, limits)
    path = _target(parts, "", "officeDocument")
    if path not in parts:
        raise Refused(package.NOT_A_WORKBOOK)
    frame = safe_xml.elements(parts[path])
    styles = read_styles(parts.get(_target(parts, path, "styles")))
    _forget_declared_counts(parts, _target(parts, path, "sharedStrings"))
    sheets = _sheets(parts, path, frame)
    xml = {name: SheetXml(parts[part]) for name, (part, _) in sheets.items()}
    for sheet in xml.values():
        sheet.gather_far_rows()
        sheet.mend(styles)
    rows = _read_rows(parts, sheets, xml, styles)
    return Workbook(
        format="xlsx",
        sheets=[
            _sheet(name, state, xml[name], rows[name], styles, limits) for name, (_, state) in sheets.items()
        ],
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
    if not sheets or any(target not in parts for target, _ in sheets.values()):
        raise Refused(DAMAGED)
    return sheets


def _read_rows(
    parts: Parts, sheets: dict[str, tuple[str, str]], xml: dict[str, SheetXml], styles: Styles
) -> dict:
    try:
        return _calamine_rows(parts, sheets, xml)
    except (Refused, MemoryError):
        raise
    except BaseException:  # calamine panics on a date out of range, and its panic is no Exception
        for sheet in xml.values():
            sheet.mend_dates(styles)
    try:
        return _calamine_rows(parts, sheets, xml)
    except BaseException as panic:
        if isinstance(panic, Refused | MemoryError):
            raise
        raise Refused(DAMAGED) from None


def _calamine_rows(
    parts: Parts, sheets: dict[str, tuple[str, str]], xml: dict[str, SheetXml]
) -> dict[str, list]:
    parts.update({part: xml[name].part for name, (part, _) in sheets.items()})
    try:
        book = python_calamine.load_workbook(io.BytesIO(package.repack(parts)))
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in sheets}
    except python_calamine.CalamineError:
        raise Refused(DAMAGED) from None


def _sheet(name: str, visibility: str, xml: SheetXml, rows: list, styles: Styles, limits: Limits) -> Sheet:
    if len(rows) - 1 > limits.rows:
        raise Refused(
            f"The sheet {name} has more than {limits.rows:,} rows. Split it into several workbooks."
        )
    if rows and len(rows[0]) > LAST_COLUMN:
        raise Refused(DAMAGED)
    notes = xml.notes(styles)
    if visibility != "visible":
        notes.insert(0, Note("hidden_sheet", value=name))
    numbers = xml.row_numbers[: len(rows)] if xml.row_numbers else range(1, len(rows) + 1)
    return Sheet(name, rows, numbers, visibility, notes)
