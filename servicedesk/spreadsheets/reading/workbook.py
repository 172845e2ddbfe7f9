"""What a spreadsheet file holds, whatever its format: plain rows, and notes on what the rows cannot say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | date | datetime | time | timedelta | None
Row = tuple[Cell, ...]


class Refused(Exception):
    """The file as a whole is not accepted; str() is the sentence for the person who sent it."""


@dataclass(frozen=True)
class Note:
    """One thing that the rows of a sheet cannot show.

    `code` is a key of problems.PROBLEMS; `row` the row number as in the file, None for the whole sheet or column;
    `column` the column's letter, None for the whole row; `value` what was found there, in words.
    """

    code: str
    row: int | None = None
    column: str | None = None
    value: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet: `rows[i]` stands at `row_numbers[i]` in the file, counted from 1 (CSV: the record's number).

    Rows of a workbook are all equally wide; those of a CSV are as long as they were written. An empty cell is None.
    `visibility` is visible, hidden or very_hidden.
    """

    name: str
    rows: list[Row]
    row_numbers: Sequence[int]
    visibility: str = "visible"
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True)
class Workbook:
    """A file that was read: `format` is xlsx or csv; `encoding` and `delimiter` are None for a workbook."""

    format: str
    sheets: list[Sheet]
    encoding: str | None = None
    delimiter: str | None = None
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True)
class Limits:
    """What one file may cost. Sizes in bytes, times in seconds; `memory` and `cpu` bind the child process."""

    file_size: int = 50_000_000
    unpacked: int = 60_000_000
    entries: int = 1_000
    rows: int = 200_000
    columns: int = 200
    memory: int = 768_000_000
    cpu: int = 20
    wall: float = 30.0
