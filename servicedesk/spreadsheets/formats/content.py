"""What a file is, by its content; its name decides nothing."""

import re

from servicedesk.spreadsheets.formats import delimited, ods, package, xls, xlsb, xlsx
from servicedesk.spreadsheets.formats.workbook import Limits, Reading, Refused

ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE_AS = "Open it in Excel, choose Save as, Excel workbook (.xlsx), and upload that."
NO_SPREADSHEET = "This is not a spreadsheet, or it is damaged. Upload a workbook (.xlsx) or a .csv file."

ZIPPED = {"xlsx": xlsx.read, "xlsb": xlsb.read, "ods": ods.read}
OTHER_FORMATS = {
    b"\x1f\x8b": "a compressed file (gzip)",
    b"7z\xbc\xaf": "a compressed file (7-Zip)",
    b"Rar!": "a compressed file (RAR)",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"{\\rtf": "a text document (RTF)",
}
WEB_PAGE = rb"<(!doctype html|html|head|body|table|meta|script)\b"
CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1a"))


def read(data: bytes, limits: Limits, encoding: str = "") -> Reading:
    """What `data` holds; `encoding` is what a text is written in, "" to find that out.

    Raises Refused for anything but a spreadsheet and a compressed folder of one .csv.
    """
    if not data.strip():
        raise Refused("The file is empty. Choose a file that has headings and rows in it.")
    if data.startswith((ZIP, EMPTY_ZIP)):
        kind = package.kind(data, limits)
        if kind == "csv":
            return read(package.only_part(data, limits), limits, encoding)
        return ZIPPED[kind](data, limits)
    if data.startswith(COMPOUND_FILE):
        return xls.read(data, limits)
    _refuse_other_formats(data)
    return delimited.read(data, encoding)


def _refuse_other_formats(data: bytes) -> None:
    for magic, what in OTHER_FORMATS.items():
        if data.startswith(magic):
            raise Refused(f"This is {what}, not a spreadsheet. Upload a workbook (.xlsx) or a .csv file.")
    head = data[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if re.match(WEB_PAGE, head, re.I):
        raise Refused(f"This is a web page, not a workbook, whatever its name says. {SAVE_AS}")
    if head.startswith(b"<?xml"):
        raise Refused(f"This is an XML file, not a workbook. {SAVE_AS}")
    sample = data[:65_536]
    if (
        not delimited.is_utf16(data)
        and len(sample) - len(sample.translate(None, CONTROL)) > len(sample) / 100
    ):
        raise Refused(NO_SPREADSHEET)
