"""A .csv or .tsv file, or pasted rows. Quotes that do not match are kept or refused, never eaten."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count

from servicedesk.spreadsheets import formulas
from servicedesk.spreadsheets.formats.workbook import Reading, Refused, SheetReading

DELIMITERS = "\t,;|"
SAMPLE_LINES = 100
QUOTED = r'"(?:[^"]|"")*"'
SEPARATOR_LINE = r"[sS][eE][pP]=(.)\s*"
LONE_SURROGATE = rb"\xed[\xa0-\xbf][\x80-\xbf]"
BEYOND = r"[^\x00-\x7f]"
MISPLACED = r"(?<=[^\W\d_])[‘“•£€°½¼¾±©]|[”…•](?=[^\W\d_])"
USUAL = "£€–—‘’“”•…°½¼¾±×®©™\xa0éèêëáàâäãåæçñíìîïóòôöõøœßúùûüÿ"
SELDOM = "ÉÈÊËÁÀÂÄÃÅÆÇÑÍÌÎÏÓÒÔÖØÚÙÛÜ²³·µ§¶†«»¿¡"


def read(data: bytes, encoding: str = "") -> Reading:
    """The file as a workbook of one sheet, in the named encoding or the one that it seems to have.

    A quote that is never closed is refused as its rows are asked for.
    """
    if encoding:
        text = data.decode(encoding, errors="replace").removeprefix("\ufeff")
    else:
        text, encoding = _decode(data)
    delimiter = _delimiter(text)
    lines: list[tuple[int, int]] = []
    rows = _records(text, delimiter, lines)
    if '="' in text or "'" in text:
        rows = ([_plain(cell) for cell in row] for row in rows)
    return Reading("csv", iter([SheetReading("", rows, lines=lines)]), encoding, delimiter)


def is_utf16(data: bytes) -> bool:
    """Whether the bytes are text in UTF-16, with or without a byte order mark."""
    return _utf16(data) is not None


def _utf16(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = data[:4_000]
    even, odd = (part.count(0) / max(len(part), 1) for part in (sample[::2], sample[1::2]))
    if even > 0.4 and odd < 0.05:
        return "utf-16-be"
    return "utf-16-le" if odd > 0.4 and even < 0.05 else None


def _decode(data: bytes) -> tuple[str, str]:
    """The text and the name of its encoding. What no encoding explains becomes U+FFFD, an error of its cell."""
    if encoding := _utf16(data):
        return data.decode(encoding, errors="replace"), encoding
    encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError:
        pass
    if encoding == "utf-8-sig" or re.search(LONE_SURROGATE, data) or _is_mostly_utf8(data):
        return data.decode(encoding, errors="replace"), encoding
    encoding = max(("cp1252", "mac_roman"), key=lambda name: _likelihood(data, name))
    return data.decode(encoding, errors="replace"), encoding


def _likelihood(data: bytes, encoding: str) -> int:
    """How much the characters beyond ASCII look like those of a British register, if this is how they are read."""
    text = re.sub(MISPLACED, "\ufffd", data.decode(encoding, errors="replace"))
    return sum(count * _weight(character) for character, count in Counter(re.findall(BEYOND, text)).items())


def _weight(character: str) -> int:
    return 2 if character in USUAL else 1 if character in SELDOM else -1


def _is_mostly_utf8(data: bytes) -> bool:
    verdicts = Counter(_is_utf8(line) for line in data.splitlines() if not line.isascii())
    return verdicts[True] >= verdicts[False]


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    if told := re.match(SEPARATOR_LINE, text):
        return told[1]
    sample = [line for _, line in zip(range(SAMPLE_LINES), io.StringIO(text, newline=""), strict=False)]
    lines = re.sub(QUOTED, "", "".join(sample)).splitlines()
    return max(DELIMITERS, key=lambda delimiter: _regularity(lines, delimiter))


def _regularity(lines: list[str], delimiter: str) -> tuple[int, int]:
    """How many lines hold the delimiter equally often, and how often that is."""
    counts = Counter(filter(None, (line.count(delimiter) for line in lines)))
    return max(((lines, count) for count, lines in counts.items()), default=(0, 0))


def _records(text: str, delimiter: str, placed: list[tuple[int, int]]) -> Iterator[Sequence[str]]:
    """The records; `placed` is told from which of them on they begin in another line than one would think."""
    if '"' not in text:
        for line in io.StringIO(text, newline=""):
            line = line.rstrip("\r\n")
            yield line.split(delimiter) if line else []
        return
    csv.field_size_limit(len(text))
    lines = _Remembering(io.StringIO(text, newline=""))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    ahead = 0
    for number in count(1):
        before = reader.line_num
        if before + 1 - number != ahead:
            ahead = before + 1 - number
            placed.append((number, before + 1))
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if reader.line_num - before > 1 or "end of data" in str(error):
                raise Refused(_unclosed(before + 1)) from None
            yield _literal(lines.last, delimiter)


def _unclosed(line: int) -> str:
    return f'A quotation mark is opened on line {line} and not closed. Add the missing " or take it out, and try again.'


class _Remembering:
    """Lines, with the last one kept, because the csv module does not say what it failed on."""

    def __init__(self, lines: io.StringIO) -> None:
        self.lines = lines
        self.last = ""

    def __iter__(self) -> "_Remembering":
        return self

    def __next__(self) -> str:
        self.last = next(self.lines)
        return self.last


def _literal(line: str, delimiter: str) -> list[str]:
    """The cells of a line whose quotes do not match: the well quoted ones unquoted, the rest as they stand."""
    mark = re.escape(delimiter)
    cells = re.findall(rf'(?:^|{mark})("(?:[^"]|"")*"(?={mark}|$)|[^{mark}]*)', line.rstrip("\r\n"))
    return [
        cell[1:-1].replace('""', '"') if re.fullmatch(r'"(?:[^"]|"")*"', cell) else cell for cell in cells
    ]


def _plain(cell: str) -> str:
    """What a cell stands for that was written ="00456", or with an apostrophe, so as to stay text."""
    if len(cell) > 2 and cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1]
    return formulas.unescape(cell)
