"""The styles of an OpenDocument spreadsheet, as far as they say something that the bare values do not."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from servicedesk.spreadsheets.formats import safe_xml
from servicedesk.spreadsheets.formats.styles import named_colour

BODY = re.compile(rb"<((?:[\w.-]+:)?)body\b")


class OdsStyles(NamedTuple):
    """By the name of a style: the name of its fill, how many digits its number is shown with; and hidden sheets'."""

    fills: dict[str, str]
    digits: dict[str, int]
    hidden: set[str]


def read_styles(parts: Iterable[bytes | None]) -> OdsStyles:
    """The styles of these parts together. Raises Refused for a damaged part."""
    styles = OdsStyles({}, {}, set())
    numbers: dict[str, int] = {}
    current = ""
    for part in filter(None, parts):
        for path, attributes in safe_xml.elements(_without_cells(part)):
            match path[-2:]:
                case (_, "style"):
                    current = attributes.get("name", "")
                    if digits := numbers.get(attributes.get("data-style-name", ""), 0):
                        styles.digits[current] = digits
                case (_, "number-style"):
                    current = attributes.get("name", "")
                case ("number-style", "number"):
                    _note_digits(numbers, current, attributes)
                case ("style", "table-properties") if attributes.get("display") == "false":
                    styles.hidden.add(current)
                case ("style", "table-cell-properties"):
                    colour = attributes.get("background-color", "transparent")
                    if colour != "transparent" and (name := named_colour(colour[1:])):
                        styles.fills[current] = name
    return styles


def _note_digits(numbers: dict[str, int], style: str, attributes: dict[str, str]) -> None:
    digits = attributes.get("min-integer-digits", "")
    if digits.isdecimal() and 1 < int(digits) < 32 and attributes.get("decimal-places", "0") == "0":
        numbers[style] = int(digits)


def _without_cells(part: bytes) -> bytes:
    """The part up to its sheets: they are walked once, and not here."""
    body = BODY.search(part)
    return part[: body.start()] + b"</%sdocument-content>" % body[1] if body else part
