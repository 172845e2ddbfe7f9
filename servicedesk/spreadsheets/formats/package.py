"""The zip that a workbook is: what must hold of its directory, and its XML parts, inflated within a budget."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from servicedesk.spreadsheets.formats import safe_xml
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.workbook import Limits, Refused

SAVE_AS_XLSX = "Open it, choose Save as, Excel workbook (.xlsx), and upload that."
NOT_A_WORKBOOK = "This is a compressed folder, not a workbook. Upload a workbook (.xlsx) or a .csv file."
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
OTHER_DOCUMENTS = {
    "mimetype": f"This is an OpenDocument file (.ods). {SAVE_AS_XLSX}",
    "xl/workbook.bin": f"This is a binary workbook (.xlsb). {SAVE_AS_XLSX}",
    "word/document.xml": "This is a Word document, not a workbook. Upload a workbook (.xlsx) or a .csv file.",
    "ppt/presentation.xml": "This is a presentation, not a workbook. Upload a workbook (.xlsx) or a .csv file.",
    "Index/Document.iwa": "This is a Numbers file. Export it as Excel (.xlsx) and upload that.",
}

Parts = dict[str, bytes]


def open_parts(data: bytes, limits: Limits) -> Parts:
    """The XML parts of the workbook by name, each checked. Raises Refused."""
    with _opened(data) as package:
        entries = package.infolist()
        _check_directory(entries, limits)
        parts = {entry.filename: _inflate(package, entry) for entry in entries if _is_xml(entry.filename)}
    for part in parts.values():
        safe_xml.check(part)
    return parts


def only_csv(data: bytes, limits: Limits) -> bytes | None:
    """The .csv file that a compressed folder holds and nothing else, or None. Raises Refused."""
    with _opened(data) as package:
        entries = package.infolist()
        if len(entries) != 1 or not entries[0].filename.lower().endswith(".csv"):
            return None
        _check_sizes(entries, limits)
        return _inflate(package, entries[0])


def repack(parts: Parts) -> bytes:
    """A workbook of exactly these parts, so that the reader behind sees what was checked and nothing else."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name, part in parts.items():
            package.writestr(zipfile.ZipInfo(name), part)
    return target.getvalue()


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
    if unpacked > limits.unpacked:
        raise Refused(
            f"This file is too large when unpacked ({unpacked / 1e6:,.0f} MB; the limit is"
            f" {limits.unpacked / 1e6:,.0f} MB). Split it into several files."
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("The file has a password. Take the password off, save it as .xlsx and upload that.")


def _check_directory(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    _check_sizes(entries, limits)
    names = {entry.filename for entry in entries}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(f"Workbooks with macros are not accepted. {SAVE_AS_XLSX}")
    for name, sentence in OTHER_DOCUMENTS.items():
        if name in names:
            raise Refused(sentence)
    if "[Content_Types].xml" not in names:
        raise Refused(NOT_A_WORKBOOK)
    if len({name.lower() for name in names}) < len(entries) or any(_is_odd(entry) for entry in entries):
        raise Refused(DAMAGED)


def _is_odd(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    return (
        name.startswith("/") or "\\" in name or ".." in name.split("/") or entry.compress_type not in METHODS
    )


def _is_xml(name: str) -> bool:
    return name.lower().endswith((".xml", ".rels"))


def _inflate(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with package.open(entry) as stream:
        return stream.read(entry.file_size + 1)
