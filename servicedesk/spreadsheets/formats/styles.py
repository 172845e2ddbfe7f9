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
BLACK = "000000"
# the marks of writing.py, which mean nothing of their owner's
OURS = {"F6D7D2", "FFF7BF", "F3F2F1", "DBE5EC", "505A5F"}
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
    """By the number of a cell's style: its fill or its writing where either may mean something, whether it is a date,
    how its number is shown.
    """

    fills: dict[int, str]
    dates: set[int]
    shown: dict[int, Show]


def read_styles(part: bytes | None) -> Styles:
    """The styles part, or nothing at all for a workbook without one."""
    styles = Styles({}, set(), {})
    formats: dict[int, str] = {}
    fonts: list[str] = []
    fills: list[str] = []
    count = 0
    for path, attributes in safe_xml.elements(part) if part else ():
        match path[-2:]:
            case ("numFmts", "numFmt"):
                formats[_number(attributes, "numFmtId")] = attributes.get("formatCode", "")
            case ("fonts", "font") | ("font", "strike" | "color"):
                _note_font(fonts, path[-1], attributes)
            case ("fills", "fill"):
                fills.append("")
            case ("fill", "patternFill") if fills and attributes.get("patternType", "none") not in NO_FILL:
                fills[-1] = "a pattern"
            case ("patternFill", "fgColor") if fills and fills[-1]:
                fills[-1] = _colour(attributes)
            case ("cellXfs", "xf"):
                _note_fill(styles, count, attributes, fonts, fills)
                _note_format(styles, count, formats, _number(attributes, "numFmtId"))
                count += 1
    return styles


def _note_font(fonts: list[str], what: str, attributes: dict[str, str]) -> None:
    if what == "font":
        fonts.append("")
    elif fonts and what == "strike" and attributes.get("val", "1") not in ("0", "false"):
        fonts[-1] = "struck through"
    elif fonts and what == "color" and not fonts[-1] and attributes.get("rgb", BLACK)[-6:] != BLACK:
        colour = named_colour(attributes["rgb"])
        fonts[-1] = f"{colour} text" if colour else ""


def _note_fill(styles: Styles, style: int, attributes: dict, fonts: list[str], fills: list[str]) -> None:
    for numbered, name in ((fonts, "fontId"), (fills, "fillId")):
        number = _number(attributes, name)
        if 0 <= number < len(numbered) and numbered[number]:
            styles.fills[style] = numbered[number]


def _note_format(styles: Styles, style: int, formats: dict[int, str], number_format: int) -> None:
    code = formats.get(number_format, "")
    if number_format in DATE_FORMATS or re.search(DATE_LETTERS, re.sub(LITERALS, "", code)):
        styles.dates.add(style)
    elif len(code) > 1 and not code.strip("0"):
        styles.shown[style] = lambda digits: digits.zfill(len(code))
    elif currency := re.search(OTHER_CURRENCY, code):
        styles.shown[style] = lambda digits: next(filter(None, currency.groups())).encode() + digits


def named_colour(rgb: str) -> str:
    """What people call the colour of these hexadecimal digits, "" for one that has no meaning."""
    name = rgb[-6:].upper()
    return "" if name in WHITE | OURS else COLOURS.get(name, f"#{name}")


def _colour(attributes: dict[str, str]) -> str:
    if "rgb" in attributes:
        return named_colour(attributes["rgb"])
    kind = next((kind for kind in ("theme", "indexed") if kind in attributes), "")
    name = f"{kind} {attributes[kind]}" if kind else ""
    return "" if name in WHITE and "tint" not in attributes else name


def _number(attributes: dict[str, str], name: str) -> int:
    text = attributes.get(name, "0")
    return int(text) if text.isdecimal() else 0
