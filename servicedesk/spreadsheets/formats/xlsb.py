"""A binary workbook (.xlsb): the parts of an .xlsx, written as records and not as XML."""

import io
import struct
from collections.abc import Iterator

import python_calamine

from servicedesk.spreadsheets.formats import binary, package
from servicedesk.spreadsheets.formats.binary import Findings
from servicedesk.spreadsheets.formats.calamine import damage_refused
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.workbook import Limits, Note, Reading, Refused

BOOK = "xl/workbook.bin"
ROW, FIRST_CELL, ERROR, FORMULA_ERROR, LAST_CELL, RICH_CELL = 0, 1, 3, 11, 11, 62
COLUMNS, SETTINGS, SHEET, MERGED = 60, 153, 156, 176


def read(data: bytes, limits: Limits) -> Reading:
    """Every worksheet with its rows and notes, and a warning of what such a file does not tell. Raises Refused."""
    parts = package.open_parts(data, limits, ".bin")
    date_1904, sheets = _frame(parts)
    try:
        findings = {name: _findings(parts[part]) for name, part in sheets.items()}
    except (struct.error, IndexError, KeyError):
        raise Refused(DAMAGED) from None
    with damage_refused():
        book = python_calamine.load_workbook(io.BytesIO(package.repack(parts)))
    notes = [Note("binary_workbook")]
    if any(name.startswith("xl/externalLinks/") for name in parts):
        notes.append(Note("external_links"))
    return Reading("xlsb", binary.sheets(book, findings, limits), date_1904=date_1904, notes=notes)


def _records(part: bytes) -> Iterator[tuple[int, int, int]]:
    """Every record: kind, where its content begins, how long it is."""
    at, end = 0, len(part)
    while at < end:
        kind = part[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | part[at] << 7
            at += 1
        length = part[at]
        at += 1
        if length & 0x80:
            length, at = _longer(part, length & 0x7F, at)
        yield kind, at, length
        at += length
    if at > end:
        raise Refused(DAMAGED)


def _longer(part: bytes, length: int, at: int) -> tuple[int, int]:
    for shift in (7, 14, 21):
        byte = part[at]
        length, at = length | (byte & 0x7F) << shift, at + 1
        if byte < 0x80:
            break
    return length, at


def _frame(parts: package.Parts) -> tuple[bool, dict[str, str]]:
    """Whether days count from 1904, and the part of each worksheet by its name."""
    relations = package.relations(parts, BOOK)
    date_1904, sheets = False, {}
    try:
        for kind, at, length in _records(parts[BOOK]):
            if kind == SETTINGS and length:
                date_1904 = bool(parts[BOOK][at] & 1)
            elif kind == SHEET:
                relation, after = _text(parts[BOOK], at + 8)
                name, _ = _text(parts[BOOK], after)
                what, target = relations.get(relation, ("", ""))
                if what == "worksheet":
                    sheets[name] = target
    except (struct.error, IndexError):
        raise Refused(DAMAGED) from None
    if not sheets:
        raise Refused(DAMAGED)
    return date_1904, sheets


def _text(part: bytes, at: int) -> tuple[str, int]:
    end = at + 4 + 2 * struct.unpack_from("<I", part, at)[0]
    return part[at + 4 : end].decode("utf-16-le", errors="replace"), end


def _findings(part: bytes) -> Findings:
    found = Findings()
    row = far_row = far_column = 0
    number = struct.Struct("<I").unpack_from
    for kind, at, _ in _records(part):
        if FIRST_CELL <= kind <= LAST_CELL or kind == RICH_CELL:
            column = number(part, at)[0]
            far_row, far_column = max(far_row, row), max(far_column, column)
            if kind in (ERROR, FORMULA_ERROR):
                found.error(row, column, part[at + 8])
        elif kind == ROW:
            row = number(part, at)[0]
            if part[at + 11] & 0x10:
                found.hidden_rows.append(row)
        elif kind == COLUMNS and part[at + 16] & 1:
            first, last = struct.unpack_from("<II", part, at)
            found.hidden_columns.append((first, last))
        elif kind == MERGED:
            top, bottom, left, right = struct.unpack_from("<IIII", part, at)
            found.merged.append((top, left, bottom, right))
    found.last = far_row, far_column
    return found
