"""The zip that a workbook is: what must hold of its directory, and its XML parts, inflated within a budget."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from servicedesk.spreadsheets.formats import safe_xml
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.workbook import Limits, Refused

SAVE_AS_XLSX = "Open it, choose Save as, Excel workbook (.xlsx), and upload that."
NOT_A_WORKBOOK = "This is a compressed folder, not a workbook. Upload a workbook (.xlsx) or a .csv file."
# Sheets of honest rows are packed to a tenth, of repeated ones to a fiftieth: more is a bomb, unless it is small.
OF_ANY_RATIO, MOST_RATIO = 50_000_000, 200
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
OTHER_DOCUMENTS = {
    "word/document.xml": "This is a Word document, not a workbook. Upload a workbook (.xlsx) or a .csv file.",
    "ppt/presentation.xml": "This is a presentation, not a workbook. Upload a workbook (.xlsx) or a .csv file.",
    "Index/Document.iwa": "This is a Numbers file. Export it as Excel (.xlsx) and upload that.",
}
PROTECTED = "The file has a password. Take the password off, save it as .xlsx and upload that."
MACROS_REFUSED = f"Workbooks with macros are not accepted. {SAVE_AS_XLSX}"
XML = (".xml", ".rels")
TEXTS = (".csv", ".tsv")
MACROS = re.compile(
    r"(?:.*/)?vbaproject\.bin|xl/macrosheets/.+|basic/(?!script-l[bc]\.xml).+[^/]|scripts/.+[^/]", re.I
)

Parts = dict[str, bytes]


def kind(data: bytes, limits: Limits) -> str:
    """What the zip is by its directory: csv (one such file and no more), ods, xlsb or xlsx. Raises Refused."""
    with _opened(data) as package:
        entries = package.infolist()
        names = {entry.filename for entry in entries}
        if len(entries) == 1 and entries[0].filename.lower().endswith(TEXTS):
            return "csv"
        _check_directory(entries, limits)
    if "xl/workbook.bin" in names:
        return "xlsb"
    if names >= {"mimetype", "content.xml"}:
        return "ods"
    if "[Content_Types].xml" not in names:
        raise Refused(NOT_A_WORKBOOK)
    return "xlsx"


def open_parts(data: bytes, limits: Limits, *also: str) -> Parts:
    """The XML parts of the workbook by name, each checked, and those with other endings as they are. Raises Refused."""
    with _opened(data) as package:
        entries = package.infolist()
        _check_directory(entries, limits)
        parts = {
            entry.filename: _inflate(package, entry)
            for entry in entries
            if entry.filename.lower().endswith(XML + also)
        }
    for name, part in parts.items():
        if name.lower().endswith(XML):
            safe_xml.check(part)
    return parts


def only_part(data: bytes, limits: Limits) -> bytes:
    """The one file that a compressed folder holds. Raises Refused."""
    with _opened(data) as package:
        entries = package.infolist()
        _check_sizes(entries, limits)
        return _inflate(package, entries[0])


def repack(parts: Parts) -> bytes:
    """A workbook of exactly these parts, so that the reader behind sees what was checked and nothing else."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name, part in parts.items():
            package.writestr(zipfile.ZipInfo(name), part)
    return target.getvalue()


def relations(parts: Parts, source: str) -> dict[str, tuple[str, str]]:
    """What a part refers to: by its name there the kind and the part it means."""
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


def target(parts: Parts, source: str, kind: str) -> str:
    """The first part of that kind that `source` refers to, "" where there is none."""
    return next((part for found, part in relations(parts, source).values() if found == kind), "")


@contextmanager
def _opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            yield package
    except (Refused, MemoryError):
        raise
    except Exception:  # zipfile raises whatever a damaged directory makes it stumble on
        raise Refused(DAMAGED) from None


def _check_sizes(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.entries:
        raise Refused(
            f"This file is made of {len(entries):,} parts. The most we accept is {limits.entries:,}."
        )
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    most = min(limits.unpacked, max(OF_ANY_RATIO, MOST_RATIO * packed))
    if unpacked > most:
        raise Refused(
            f"This file is too large when unpacked ({unpacked / 1e6:,.0f} MB; the limit is {most / 1e6:,.0f} MB)."
            " Split it into several files."
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(PROTECTED)


def _check_directory(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    _check_sizes(entries, limits)
    names = {entry.filename for entry in entries}
    if any(map(MACROS.fullmatch, names)):
        raise Refused(MACROS_REFUSED)
    for name, sentence in OTHER_DOCUMENTS.items():
        if name in names:
            raise Refused(sentence)
    if len({name.lower() for name in names}) < len(entries) or any(_is_odd(entry) for entry in entries):
        raise Refused(DAMAGED)


def _is_odd(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    return (
        name.startswith("/") or "\\" in name or ".." in name.split("/") or entry.compress_type not in METHODS
    )


def _inflate(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with package.open(entry) as stream:
        return stream.read(entry.file_size + 1)
