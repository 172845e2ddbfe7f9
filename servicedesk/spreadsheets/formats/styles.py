"""The styles of a workbook, as far as they say something that the bare values do not."""

import re
from collections.abc import Callable
from typing import NamedTuple

from servicedesk.spreadsheets.formats import safe_xml

DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
LITERALS = r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.'
DATE_LETTERS = r"[dmyhsDMYHS]"
OTHER_CURRENCY = r'\[\$(\$|€|USD|EUR)|"(\$|€)"|\\(\$|€)'
NO_FILL = {"none", "gray125"}
WHITE = {"FFFFFF", "theme 0", "indexed 9", "indexed 64", "indexed 65", ""}
# the marks of writing.py, which mean nothing of their owner's
OURS = {"F6D7D2", "FFF7BF", "F3F2F1", "DBE5EC"}
COLOURS = {
    "FF0000": "red",
    "C00000": "dark red",
    "FFC000": "amber",
    "FFA500": "orange",
    "FFFF00": "yellow",
    "92D050": "light green",
    "00B050": "green",
    "00FF00": "green",
    "00B0F0": "light blue",
    "0070C0": "blue",
    "0000FF": "blue",
    "7030A0": "purple",
}

Show = Callable[[bytes], bytes]


class Styles(NamedTuple):
    """By the number of a cell's style: the name of its fill, whether it is a date, how its number is shown."""

    fills: dict[int, str]
    dates: set[int]
    shown: dict[int, Show]


def read_styles(part: bytes | None) -> Styles:
    """The styles part, or nothing at all for a workbook without one."""
    styles = Styles({}, set(), {})
    formats: dict[int, str] = {}
    fills: list[str] = []
    count = 0
    for path, attributes in safe_xml.elements(part) if part else ():
        match path[-2:]:
            case ("numFmts", "numFmt"):
                formats[_number(attributes, "numFmtId")] = attributes.get("formatCode", "")
            case ("fills", "fill"):
                fills.append("")
            case ("fill", "patternFill") if fills and attributes.get("patternType", "none") not in NO_FILL:
                fills[-1] = "a pattern"
            case ("patternFill", "fgColor") if fills and fills[-1]:
                fills[-1] = _colour(attributes)
            case ("cellXfs", "xf"):
                _note_style(styles, count, attributes, formats, fills)
                count += 1
    return styles


def _note_style(
    styles: Styles, style: int, attributes: dict, formats: dict[int, str], fills: list[str]
) -> None:
    number_format, fill = _number(attributes, "numFmtId"), _number(attributes, "fillId")
    if 0 <= fill < len(fills) and fills[fill]:
        styles.fills[style] = fills[fill]
    code = formats.get(number_format, "")
    if number_format in DATE_FORMATS or re.search(DATE_LETTERS, re.sub(LITERALS, "", code)):
        styles.dates.add(style)
    elif len(code) > 1 and not code.strip("0"):
        styles.shown[style] = lambda digits: digits.zfill(len(code))
    elif currency := re.search(OTHER_CURRENCY, code):
        styles.shown[style] = lambda digits: next(filter(None, currency.groups())).encode() + digits


def _colour(attributes: dict[str, str]) -> str:
    if "rgb" in attributes:
        name = attributes["rgb"][-6:].upper()
        return "" if name in WHITE | OURS else COLOURS.get(name, f"#{name}")
    kind = next((kind for kind in ("theme", "indexed") if kind in attributes), "")
    name = f"{kind} {attributes[kind]}" if kind else ""
    return "" if name in WHITE and "tint" not in attributes else name


def _number(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "0")
    return int(text) if text.isdecimal() else 0
