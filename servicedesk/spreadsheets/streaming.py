"""Rows into the XML of a sheet, a column of many rows at a time: what a workbook of 100,000 rows spends its time on.

    for part in rows_xml(rows, styles, first): file.write(part)

`styles` says for each column the number of its cells' style, and how marked cells look. Nothing is kept but the rows
at hand. Text is written as text whatever it begins with, and each cell names its place, which Excel and LibreOffice
both want.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import NamedTuple, cast

from openpyxl.utils import get_column_letter

AT_ONCE = 500
LONGEST = 32_767
FIRST_DAY = date(1899, 12, 30)
FROM_HERE_ON = date(1900, 3, 1)  # before it the spreadsheets do not agree which day a number is
SECONDS = 86_400
APART = "\x1f"
UNSAFE = re.compile("[&<>\x00-\x1e\x7f\ud800-\udfff\ufffe\uffff]|_x| \x1f|\x1f |^ | $|  ")
ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
SURROGATE = re.compile("[\ud800-\udfff]")
MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
TEXTS = {str, type(None)}
NUMBERS = {int, float, Decimal, type(None)}


class Marked(NamedTuple):
    """A value whose cell is coloured: severity error or warning."""

    value: object
    severity: str


class Styles(NamedTuple):
    """The style of one column's cells, by number, and those of its marked cells by severity."""

    plain: int
    marked: Mapping[str, int]


def rows_xml(rows: Iterable[Sequence[object]], styles: Sequence[Styles], first: int) -> Iterator[bytes]:
    """The <row> elements of these rows, the first of which is row `first` of the sheet. Rows are as wide as styles."""
    letters = [get_column_letter(index) for index in range(1, len(styles) + 1)]
    coming = iter(rows)
    while chunk := list(islice(coming, AT_ONCE)):
        numbers = [str(number) for number in range(first, first + len(chunk))]
        first += len(chunk)
        columns = zip(letters, styles, zip(*chunk, strict=True), strict=True)
        cells = [_column(letter, style, values, numbers) for letter, style, values in columns]
        lines = zip(numbers, zip(*cells, strict=True) if cells else [()] * len(chunk), strict=True)
        yield "".join([f'<row r="{number}">{"".join(line)}</row>' for number, line in lines]).encode()


def _column(letter: str, style: Styles, values: Sequence[object], numbers: Sequence[str]) -> list[str]:
    """The cells of one column: all at once where they are of one type, as they mostly are."""
    kinds = set(map(type, values))
    pairs = zip(values, numbers, strict=True)
    if kinds == {type(None)}:
        return [""] * len(values)
    if kinds <= TEXTS:
        texts = cast(Sequence[str | None], values)
        if not UNSAFE.search(APART.join([text for text in texts if text])):
            end = f'" s="{style.plain}" t="inlineStr"><is><t>'
            return [
                f'<c r="{letter}{number}{end}{text[:LONGEST]}</t></is></c>' if text else ""
                for text, number in zip(texts, numbers, strict=True)
            ]
        return [
            _text(f"{letter}{number}", style.plain, text) if text else ""
            for text, number in zip(texts, numbers, strict=True)
        ]
    if kinds <= NUMBERS:
        end = f'" s="{style.plain}"><v>'
        return [
            f'<c r="{letter}{number}{end}{value}</v></c>' if value is not None else ""
            for value, number in pairs
        ]
    return [_cell(f"{letter}{number}", style, value) for value, number in pairs]


def _cell(place: str, style: Styles, value: object) -> str:
    """One cell, whatever it holds; nothing for an empty one."""
    number = style.plain
    if isinstance(value, Marked):
        number, value = style.marked[value.severity], value.value
        if value is None or value == "":
            return f'<c r="{place}" s="{number}"/>'
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        value = "Yes" if value else "No"
    elif isinstance(value, date) and _day(value) >= FROM_HERE_ON:
        value = _serial(value)
    if isinstance(value, int | float | Decimal):
        return f'<c r="{place}" s="{number}"><v>{value}</v></c>'
    return _text(place, number, str(value))


def _text(place: str, style: int, text: str) -> str:
    kept = ' xml:space="preserve"' if text != text.strip() or "\n" in text or "  " in text else ""
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t{kept}>{xml_text(text)}</t></is></c>'


def xml_text(text: str) -> str:
    """What stands for `text` in a workbook, where characters that XML has not are written _xHHHH_."""
    text = SURROGATE.sub("\ufffd", text[:LONGEST])
    return ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", text).translate(MARKUP)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _serial(value: date) -> int | float:
    """The number that a spreadsheet keeps for a day, or for a moment without its fractions of a second."""
    if not isinstance(value, datetime):
        return (value - FIRST_DAY).days
    days, seconds = (value.date() - FIRST_DAY).days, value.hour * 3600 + value.minute * 60 + value.second
    return days + seconds / SECONDS
