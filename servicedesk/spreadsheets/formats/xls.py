"""An Excel workbook of the old kind (.xls). Excel stopped writing it in 2007; old systems have not."""

import io
import struct
from collections.abc import Iterator

import python_calamine

from servicedesk.spreadsheets.formats import binary, package
from servicedesk.spreadsheets.formats.binary import Findings
from servicedesk.spreadsheets.formats.calamine import damage_refused
from servicedesk.spreadsheets.formats.compound import Compound
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.workbook import Limits, Note, Reading, Refused

FORMULA, END_OF_PART, DATE_MODE, PASSWORD, COLUMNS, SHEET = 0x06, 0x0A, 0x22, 0x2F, 0x7D, 0x85
MERGED, OTHER_BOOK, BOOL_OR_ERROR, ROW, BEGIN = 0xE5, 0x1AE, 0x205, 0x208, 0x809
CELLS = {FORMULA, BOOL_OR_ERROR, 0x201, 0x203, 0x204, 0xD6, 0xFD, 0x27E}
SEVERAL_CELLS = {0xBD, 0xBE}
WORKSHEET, MACRO_SHEET = 0, 1
OWN_BOOK = b"\x01\x04"
DOCUMENTS = {
    "WordDocument": "This is a Word document, not a workbook. Upload a workbook (.xlsx) or a .csv file.",
    "PowerPoint Document": "This is a presentation, not a workbook. Upload a workbook (.xlsx) or a .csv file.",
    "__properties_version1.0": "This is an email, not a workbook. Upload a workbook (.xlsx) or a .csv file.",
}

Record = tuple[int, int, int]


def read(data: bytes, limits: Limits) -> Reading:
    """Every worksheet with its rows and notes, and a warning of what such a file does not tell. Raises Refused."""
    try:
        stream = _stream(Compound(data))
        about = _Globals(stream)
        findings = {at: _findings(stream, start) for at, start in about.sheets}
    except (struct.error, IndexError):
        raise Refused(DAMAGED) from None
    with damage_refused():
        book = python_calamine.load_workbook(io.BytesIO(data))
    if not findings:
        raise Refused(DAMAGED)
    # the reader gives the sheets their names; here they are known by their order
    names = [each.name for each in book.sheets_metadata]
    notes = [Note("old_workbook")] + [Note("external_links")] * about.external
    named = {names[at]: found for at, found in findings.items() if at < len(names)}
    return Reading("xls", binary.sheets(book, named, limits), date_1904=about.date_1904, notes=notes)


def _stream(file: Compound) -> bytes:
    if "EncryptedPackage" in file.entries:
        raise Refused(
            "The workbook has a password. Open it, take the password off, save it as .xlsx and upload that."
        )
    for name, sentence in DOCUMENTS.items():
        if name in file.entries:
            raise Refused(sentence)
    if {"_VBA_PROJECT_CUR", "_VBA_PROJECT"} & file.entries.keys():
        raise Refused(package.MACROS_REFUSED)
    return file.stream("Workbook" if "Workbook" in file.entries else "Book")


def _records(stream: bytes, at: int) -> Iterator[Record]:
    """The records from `at` to the end of their part: kind, where the content begins, how long it is."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += (kind == BEGIN) - (kind == END_OF_PART)
        if depth <= 1:  # what is deeper is a chart
            yield kind, at + 4, length
        if depth <= 0:
            return
        at += 4 + length
    raise Refused(DAMAGED)


class _Globals:
    """What stands before the sheets: where each begins (by its place among them), and what holds for all."""

    def __init__(self, stream: bytes) -> None:
        self.sheets: list[tuple[int, int]] = []
        self.date_1904 = self.external = False
        count = 0
        for kind, at, length in _records(stream, 0):
            if kind == PASSWORD:
                raise Refused(package.PROTECTED)
            if kind == DATE_MODE:
                self.date_1904 = stream[at] == 1
            elif kind == OTHER_BOOK:
                self.external |= stream[at + 2 : at + 4] != OWN_BOOK or length > 4
            elif kind == SHEET:
                start, _, what = struct.unpack_from("<IBB", stream, at)
                if what == MACRO_SHEET:
                    raise Refused(package.MACROS_REFUSED)
                if what == WORKSHEET:
                    self.sheets.append((count, start))
                count += 1


def _findings(stream: bytes, start: int) -> Findings:
    found = Findings()
    far_row = far_column = 0
    for kind, at, length in _records(stream, start):
        if kind in CELLS:
            row, column = struct.unpack_from("<HH", stream, at)
            far_row, far_column = max(far_row, row), max(far_column, column)
            _note_error(found, stream, kind, at)
        elif kind in SEVERAL_CELLS:
            far_row = max(far_row, struct.unpack_from("<H", stream, at)[0])
            far_column = max(far_column, struct.unpack_from("<H", stream, at + length - 2)[0])
        else:
            _note_frame(found, stream, kind, at)
    found.last = far_row, far_column
    return found


def _note_error(found: Findings, stream: bytes, kind: int, at: int) -> None:
    row, column = struct.unpack_from("<HH", stream, at)
    if kind == BOOL_OR_ERROR and stream[at + 7]:
        found.error(row, column, stream[at + 6])
    elif kind == FORMULA and stream[at + 12 : at + 14] == b"\xff\xff" and stream[at + 6] == 2:
        found.error(row, column, stream[at + 8])


def _note_frame(found: Findings, stream: bytes, kind: int, at: int) -> None:
    if kind == ROW and stream[at + 12] & 0x20:
        found.hidden_rows.append(struct.unpack_from("<H", stream, at)[0])
    elif kind == COLUMNS and stream[at + 8] & 1:
        first, last = struct.unpack_from("<HH", stream, at)
        found.hidden_columns.append((first, last))
    elif kind == MERGED:
        for index in range(struct.unpack_from("<H", stream, at)[0]):
            top, bottom, left, right = struct.unpack_from("<HHHH", stream, at + 2 + 8 * index)
            found.merged.append((top, left, bottom, right))
