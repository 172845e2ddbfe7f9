"""What a spreadsheet file holds, whatever its format: plain rows, and notes on what the rows cannot say."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

Cell = str | int | float | bool | date | datetime | time | None
Row = tuple[Cell, ...]

TOO_MUCH = (
    "This file holds more than we read at once. Split it into several files, and delete what stands far to the right"
    " of the table."
)
NEEDS_MORE_MEMORY = 3  # the exit status of the child


class Refused(Exception):
    """The file as a whole is not accepted; str() is the sentence for the person who sent it."""


class Note(NamedTuple):
    """One thing that the rows of a sheet cannot show.

    `code` is a key of problems.PROBLEMS; `row` the row number as in the file, None for the whole sheet or column;
    `column` the column's letter, None for the whole row; `value` what was found there, in words.
    """

    code: str
    row: int | None = None
    column: str | None = None
    value: str = ""


class Sheet(NamedTuple):
    """One sheet: `rows[i]` stands at `row_numbers[i]` in the file, counted from 1 (CSV: the record's number; where line
    breaks in cells put it in another line, `lines` says so: from a record on, the first line of that record).

    Rows of a workbook are all equally wide; those of a CSV are as long as they were written. An empty cell is None;
    numbers of a workbook are floats (or, from .xls and .xlsb, ints); an error cell is its text (#REF!); a formula
    without a stored value is its text with the equals sign; a text is cut at 32,768 characters, one more than a cell
    may have. `visibility` is visible, hidden or very_hidden.
    """

    name: str
    rows: Sequence[Row]
    row_numbers: Sequence[int]
    visibility: str = "visible"
    notes: Sequence[Note] = ()
    lines: Sequence[tuple[int, int]] = ()


class Workbook(NamedTuple):
    """A file that was read: `format` is xlsx, xlsb, xls, ods or csv; the last alone has `encoding` and `delimiter`.

    `date_1904`: a bare number in a date column counts days from 1904, not from 1900.
    """

    format: str
    sheets: list[Sheet]
    encoding: str | None = None
    delimiter: str | None = None
    date_1904: bool = False
    notes: Sequence[Note] = ()


class Piece(NamedTuple):
    """Some rows of a sheet that follow each other, the first of them in row `first`, and what is to be said of them."""

    first: int
    rows: Sequence[Sequence[object]]
    notes: Sequence[Note] = ()


class Pieces(NamedTuple):
    """A large sheet in pieces, each made when its maker is called; `whole` makes all of them in one."""

    makers: Sequence[Callable[[], Piece]]
    whole: Callable[[], Piece]


class SheetReading(NamedTuple):
    """A sheet on its way out of the child: `rows` are made as they are asked for, their empty cells None or "".

    They are the rows of the file from the first on, unless `row_numbers` names them one by one. A large sheet has no
    `rows` but `pieces`. `lines` are as a Sheet has them, once all rows are made.
    """

    name: str
    rows: Iterable[Sequence[object]]
    visibility: str = "visible"
    row_numbers: list[int] | None = None
    notes: Sequence[Note] = ()
    pieces: Pieces | None = None
    lines: Sequence[tuple[int, int]] = ()


class Reading(NamedTuple):
    """A workbook on its way out of the child, as Workbook otherwise."""

    format: str
    sheets: Iterator[SheetReading]
    encoding: str | None = None
    delimiter: str | None = None
    date_1904: bool = False
    notes: Sequence[Note] = ()


class Limits(NamedTuple):
    """What one file may cost. Sizes in bytes, times in seconds.

    `unpacked` bounds both what the parts of a workbook come to and what is handed over of them; `rows` is for one
    sheet, `cells` for all; `memory` and `cpu` bind the child process. A sheet whose XML is larger than `piece` is
    read in pieces of about that size, by `workers` processes side by side, each of them so bound.
    """

    file_size: int = 50_000_000
    unpacked: int = 300_000_000
    entries: int = 1_000
    rows: int = 200_000
    cells: int = 12_000_000
    memory: int = 768_000_000
    cpu: int = 30
    wall: float = 60.0
    piece: int = 6_000_000
    workers: int = 2


def too_many_rows(sheet: str, limits: Limits) -> str:
    """What is said of a sheet that has more rows than we read."""
    named = f"The sheet {sheet}".rstrip()
    return f"{named} has more than {limits.rows:,} rows. Split it into several."


def letter(column: int) -> str:
    """The letters of a column counted from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
