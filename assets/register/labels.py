"""Labels to stick on things: a QR code that leads to the asset's page, its tag and its council, on sheets of A4.

A sheet is drawn in millimetres, so that it fits the paper when it is printed at its actual size.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import segno

from assets.register.addresses import address_of
from assets.register.models import Asset

PAPER = PAPER_WIDTH, PAPER_HEIGHT = 210.0, 297.0
GUTTER = 2.54
"""Between two labels of a row, on every sheet here; rows touch one another."""
MARGIN = 2.0
QUIET = 4
"""How many squares stay white around a code, so that it can be read."""
LETTER = 0.56
"""How wide a letter is for its height, on the safe side of the average in Arial."""
MOST_LABELS = 500


@dataclass(frozen=True)
class Sheet:
    """How a sheet of A4 is cut: across, down, and the size of one label in millimetres. It lies centred."""

    across: int
    down: int
    width: float
    height: float

    @property
    def count(self) -> int:
        return self.across * self.down

    @property
    def words(self) -> str:
        return f"{self.across} × {self.down} labels of {self.width} × {self.height} mm"

    def corner(self, place: int) -> tuple[float, float]:
        """The upper left corner of a label, counted from 0 along the rows."""
        row, column = divmod(place, self.across)
        taken = self.across * self.width + (self.across - 1) * GUTTER
        left = (PAPER_WIDTH - taken) / 2 + column * (self.width + GUTTER)
        top = (PAPER_HEIGHT - self.down * self.height) / 2 + row * self.height
        return round(left, 2), round(top, 2)


SHEETS = {
    "2x7": Sheet(2, 7, 99.1, 38.1),
    "3x6": Sheet(3, 6, 63.5, 46.6),
    "3x7": Sheet(3, 7, 63.5, 38.1),
    "3x8": Sheet(3, 8, 63.5, 33.9),
    "4x12": Sheet(4, 12, 45.7, 21.2),
    "5x13": Sheet(5, 13, 38.1, 21.2),
}
"""The sizes that stationers sell, by how many labels stand across and down."""


class Line(NamedTuple):
    """A line of text: where its foot stands, and how high its letters are."""

    text: str
    y: float
    size: float


class Label(NamedTuple):
    """One label on its sheet, in millimetres. `code` is the path of the dark squares, of which one is `square` wide."""

    asset: Asset
    left: float
    top: float
    code: str
    square: float
    code_left: float
    code_top: float
    text_left: float
    lines: list[Line]


def pages(assets: Sequence[Asset], sheet: Sheet, first: int = 1) -> list[list[Label]]:
    """The labels page by page, beginning at the `first` label of a sheet that is partly used."""
    drawn: list[list[Label]] = []
    for place, asset in enumerate(assets, first - 1):
        if not drawn or place % sheet.count == 0:
            drawn.append([])
        drawn[-1].append(_label(asset, sheet, place % sheet.count))
    return drawn


def _label(asset: Asset, sheet: Sheet, place: int) -> Label:
    left, top = sheet.corner(place)
    rows = _squares(address_of(asset.pk))
    side = min(sheet.height, sheet.width / 2)
    square = side / (len(rows) + 2 * QUIET)
    room = sheet.width - side - MARGIN
    return Label(
        asset,
        left,
        top,
        _path(rows),
        round(square, 4),
        code_left=round(QUIET * square, 2),
        code_top=round((sheet.height - side) / 2 + QUIET * square, 2),
        text_left=round(side, 2),
        lines=_lines(asset, sheet, room),
    )


@lru_cache(maxsize=10_000)
def _squares(address: str) -> tuple[bytes, ...]:
    """The code of an address, row by row. Drawing takes long, and a sheet is looked at before it is printed."""
    code = segno.make(address, error="m", micro=False, boost_error=False)
    return tuple(bytes(row) for row in code.matrix)


def _path(rows: Sequence[bytes]) -> str:
    """The dark squares of a code as one path, a stroke for each run of them."""
    return "".join(
        f"M{start} {y}h{length}v1h-{length}z" for y, row in enumerate(rows) for start, length in _runs(row)
    )


def _runs(row: bytes) -> Iterator[tuple[int, int]]:
    start = None
    for x, dark in enumerate([*row, 0]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            yield start, x - start
            start = None


def _lines(asset: Asset, sheet: Sheet, room: float) -> list[Line]:
    """The tag, as large as it fits, and below it the council's name, broken between its words."""
    tag = str(asset)
    size = min(sheet.height / 5, 5.0, room / (len(tag) * LETTER))
    small = min(sheet.height / 9, 2.8)
    foot = MARGIN + max(size, small)
    lines = [Line(tag, round(foot, 2), round(size, 2))]
    for text in _broken(asset.council.name, int(room / (small * LETTER))):
        foot += small * 1.3
        if foot > sheet.height - MARGIN:
            break
        fitting = min(small, room / (len(text) * LETTER))
        lines.append(Line(text, round(foot, 2), round(fitting, 2)))
    return lines


def _broken(text: str, longest: int) -> list[str]:
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= longest or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines
