"""What a report is made of: tables of numbers, the same for the page, the spreadsheet and programs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from servicedesk import wording
from servicedesk.reports.counts import Shown
from servicedesk.reports.keeping_back import KEPT

UNITS = {"percent": "%", "points": " points", "hours": " h"}


@dataclass(frozen=True)
class Cell:
    """A number of a table, or what stands in its place. `href` leads to the list of what was counted.

    `words` say why there is no number, where nobody kept one back.
    """

    shown: Shown
    unit: str = ""
    href: str = ""
    signed: bool = False
    words: str = ""

    @property
    def text(self) -> str:
        """As people read it."""
        number = self.shown.number
        if number is None:
            return self.shown.mark or self.words or "–"
        if self.unit == "money":
            return wording.money(Decimal(number), self.signed)
        return f"{wording.number(number, self.signed)}{UNITS.get(self.unit, '')}"

    @property
    def value(self) -> int | Decimal | str | None:
        """As a spreadsheet takes it."""
        if self.shown.number is None:
            return self.shown.mark or self.words or None
        return self.shown.number


NONE = Cell(Shown(None))


class Row(NamedTuple):
    code: str
    heading: str
    cells: list[Cell]


class Column(NamedTuple):
    code: str
    heading: str


class Table(NamedTuple):
    """`charted` are the columns, by code, that a chart is drawn from."""

    code: str
    heading: str
    columns: list[Column]
    rows: list[Row]
    charted: tuple[str, ...] = ()


def change(now: Cell, before: Cell) -> Cell:
    """By how much it has changed, where both are shown."""
    mark = KEPT if now.shown.mark or before.shown.mark else ""
    if mark or now.shown.number is None or before.shown.number is None:
        return Cell(Shown(None, mark))
    unit = "points" if now.unit == "percent" else now.unit
    return Cell(Shown(now.shown.number - before.shown.number), unit, signed=True)
