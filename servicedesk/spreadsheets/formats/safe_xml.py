"""XML parts of a workbook: what must hold before anything parses them, and a small walk over the short ones."""

import re
from xml.parsers import expat

from servicedesk.spreadsheets.formats.workbook import Refused

DAMAGED = (
    "The workbook is damaged and cannot be read. Open it in Excel, let Excel repair it, save it as .xlsx and upload"
    " that."
)
UNSAFE = (
    "This is not a safe spreadsheet: it holds instructions that a workbook never needs. Copy the rows into a new"
    " workbook, save it as .xlsx and upload that."
)
DEEPEST = 64
FOREIGN_ENCODING = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["'](?!utf-?8["'])""", re.I)
PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.S)
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

Element = tuple[tuple[str, ...], dict[str, str]]


def check(part: bytes) -> None:
    """Raise Refused unless the part is plain UTF-8 XML without a document type (which can only stand first) or NUL."""
    if (
        part.startswith(UTF16_MARKS)
        or FOREIGN_ENCODING.match(part)
        or part.startswith(b"<!", _prologue_end(part))
    ):
        raise Refused(UNSAFE)
    if b"\0" in part:
        raise Refused(DAMAGED)


def _prologue_end(part: bytes) -> int:
    found = PROLOGUE.match(part)
    return found.end() if found else 0


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
