"""XML parts of a workbook: what must hold before anything parses them, and a small walk over the short ones."""

import re
from xml.parsers import expat

from servicedesk.spreadsheets.reading.workbook import Refused

DAMAGED = (
    "The workbook is damaged and cannot be read. Open it in Excel, let Excel repair it, save it as .xlsx and upload"
    " that."
)
UNSAFE = (
    "This is not a safe spreadsheet: it holds instructions that a workbook never needs. Copy the rows into a new"
    " workbook, save it as .xlsx and upload that."
)
DEEPEST = 64
FOREIGN_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["'](?!utf-?8["'])""", re.I)
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

Element = tuple[tuple[str, ...], dict[str, str]]


def check(part: bytes) -> None:
    """Raise Refused unless the part is plain UTF-8 XML without document type or NUL."""
    if part.startswith(UTF16_MARKS) or FOREIGN_ENCODING.match(part[:200]) or b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise Refused(UNSAFE)
    if b"\0" in part:
        raise Refused(DAMAGED)


def elements(part: bytes) -> list[Element]:
    """Every element of a checked part in order: its path of local names, and its attributes by local name."""
    found: list[Element] = []
    path: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        path.append(_local(name))
        if len(path) > DEEPEST:
            raise Refused(DAMAGED)
        found.append((tuple(path), {_local(key): value for key, value in attributes.items()}))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: path.pop()
    try:
        parser.Parse(part, True)
    except expat.ExpatError:
        raise Refused(DAMAGED) from None
    return found


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
