"""A sheet into a table: where the headings stand, which rows are data, which are skipped and why.

find_table(sheet, known, header_row=None) -> Table | None
    known       normalised headings of the kind (headers.Synonyms.known)
    header_row  the person's choice, a row number as in the file; None: found within the first 30 rows
    None        no header row found
"""

import re
import sys
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from servicedesk.spreadsheets.formats.workbook import Cell, Note, Row, Sheet, letter
from servicedesk.spreadsheets.headers import GROUP, duplicates, normalise
from servicedesk.spreadsheets.texts import storable

SEARCHED_ROWS = 30
TOTAL = re.compile(
    r"(?:.*[\s:–-])?(?:sub-?\s?total|totals?|count|sum)(?:\s*(?:of|for)\b.*|\s*\([^)]*\))?\s*[:=]?",
    re.I | re.S,
)
NUMBER = re.compile(r"=.*|[£$€]?\s?-?[\d,.\s]+", re.S)
LISTED_ROWS = 10
FAR = 1_000
"""After so many blank rows a row is probably there by mistake."""
LONGEST_TOTAL = 200


@dataclass(frozen=True)
class Table:
    """The rows of data below the headings of one sheet.

    `headings` has one entry for each column up to the last with a heading, "" where there is none; a group row above
    is joined as "Where / Site". Each row of `rows` is as wide as `headings` and stands at `row_numbers` in the file.
    `skipped` counts the other rows below the headings. `notes` tell what of the sheet's notes concerns the data, and
    which rows are longer or shorter than the headings. `lines` are those of the sheet.
    """

    sheet: str
    header_row: int
    group_row: int | None
    headings: tuple[str, ...]
    rows: list[Row]
    row_numbers: list[int]
    skipped: dict[str, int]
    notes: list[Note] = field(default_factory=list)
    lines: Sequence[tuple[int, int]] = ()

    def line(self, number: int) -> int | None:
        """In which line of a text a row begins, None where that is its number."""
        at = bisect_right(self.lines, (number, sys.maxsize)) - 1
        line = number + self.lines[at][1] - self.lines[at][0] if at >= 0 else number
        return line if line != number else None

    def column(self, index: int) -> list[Cell]:
        """The cells of one column, counted from 0."""
        return [row[index] for row in self.rows]


def find_table(sheet: Sheet, known: Collection[str], header_row: int | None = None) -> Table | None:
    """The table in `sheet`, or None where no row reads like headings."""
    at = _chosen(sheet, header_row) if header_row else _likely_header(sheet, known)
    if at is None:
        return None
    own = [_text(cell) for cell in sheet.rows[at]]
    width = max((index + 1 for index, text in enumerate(own) if text), default=0)
    if not width:
        return None
    group = _group_above(sheet, at, known)
    headings = tuple(map(storable, _join(group, own[:width])))
    table = Table(
        sheet=sheet.name,
        header_row=sheet.row_numbers[at],
        group_row=sheet.row_numbers[at - 1] if group else None,
        headings=headings,
        rows=[],
        row_numbers=[],
        skipped={"blank": 0, "subtotal_or_total": 0, "repeated_header": 0},
        lines=sheet.lines,
    )
    table.notes.extend(_tables_above(sheet, at, known))
    _gather(table, sheet, at, sheet.rows[at][:width], known)
    table.notes.extend(_notes_on_data(sheet, table))
    return table


def _chosen(sheet: Sheet, header_row: int) -> int | None:
    return next((index for index, number in enumerate(sheet.row_numbers) if number == header_row), None)


def _likely_header(sheet: Sheet, known: Collection[str]) -> int | None:
    """The first of the rows that hold the most known headings; a single one will do only in the first row of text."""
    best, most, enough = None, 0, 1
    for index, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        names = [_text(cell) for cell in row if isinstance(cell, str)]
        score = sum(_is_known(name, known) for name in names)
        if score > most and score >= enough:
            best, most = index, score
        if any(names):
            enough = 2
    return best


def _is_known(name: str, known: Collection[str]) -> bool:
    name = normalise(name)
    return name in known or normalise(re.sub(r"\s*\([^()]*\)", "", name)) in known


def _group_above(sheet: Sheet, at: int, known: Collection[str]) -> list[str]:
    """The labels above the headings, each carried on over the blanks to its right; [] where there is no group row."""
    if at == 0 or sheet.row_numbers[at - 1] != sheet.row_numbers[at] - 1:
        return []
    above = sheet.rows[at - 1]
    labels = [cell for cell in above if cell is not None]
    if (
        len(labels) < 2
        or not all(isinstance(label, str) for label in labels)
        or len(labels) == len(sheet.rows[at])
    ):
        return []
    carried, current = [], ""
    for cell in above:
        current = _text(cell) or current
        carried.append(current)
    return carried


def _join(group: Sequence[str], own: Sequence[str]) -> Iterator[str]:
    for index, text in enumerate(own):
        label = group[index] if index < len(group) else ""
        yield f"{label}{GROUP}{text}" if label and text else text


def _gather(table: Table, sheet: Sheet, at: int, header: Row, known: Collection[str]) -> None:
    """Sort the rows below the headings, as far as the next table if there is one."""
    width, skipped = len(header), table.skipped
    names = [normalise(_text(cell)) for cell in header]
    lead = next((index for index, name in enumerate(names) if name), 0)
    few = max(2, width // 3)
    ragged = len(set(map(len, sheet.rows))) > 1
    last, parted = sheet.row_numbers[at], False
    for number, whole in zip(sheet.row_numbers[at + 1 :], sheet.rows[at + 1 :], strict=True):
        skipped["blank"] += number - last - 1
        parted |= number > last + 1
        last = number
        row = whole[:width]
        if len(whole) > width and any(cell is not None for cell in whole[width:]):
            table.notes.append(_too_long(number, whole, width, ragged))
        if missing := width - len(row):
            row += (None,) * missing
        filled = width - row.count(None)
        if filled <= few and (filled == 0 or not any(map(_text, row))):
            skipped["blank"] += 1
            parted = True
        elif filled <= few and _is_total(row):
            skipped["subtotal_or_total"] += 1
            parted = True
        elif (_begins_like(row[lead], names[lead]) and _reads(row, names)) or (
            parted and _repeats(row, names, known)
        ):
            skipped["repeated_header"] += 1
        elif parted and _are_headings(whole, known):
            table.notes.append(_end_before(table, sheet, number))
            return
        else:
            if parted and table.rows and (gap := number - table.row_numbers[-1] - 1) >= FAR:
                table.notes.append(Note("row_far_below", number, value=f"{gap:,} blank rows above it"))
            parted = parted and filled == 1  # a title may stand over the next table
            if missing:
                code = "row_much_too_short" if 2 * missing > width else "row_too_short"
                table.notes.append(Note(code, number, value=f"{missing} of {width} cells missing"))
            table.rows.append(row)
            table.row_numbers.append(number)


def _tables_above(sheet: Sheet, at: int, known: Collection[str]) -> Iterator[Note]:
    """Other rows of headings above the chosen one, whose rows would be lost in silence."""
    above: list[int] = []
    names: list[str] = []
    for index in range(max(at - 1, 0)):
        row = sheet.rows[index]
        if _are_headings(row, known) and not (len(row) == len(names) and _repeats(row, names, known)):
            above.append(index)
            names = [normalise(_text(cell)) for cell in row]
    for index, end in pairwise([*above, at]):
        yield _second_table(sheet, sheet.row_numbers[index], end)


def _are_headings(row: Row, known: Collection[str]) -> bool:
    """Whether a row below the headings reads like others: nothing but text, two at least and most of it known."""
    cells = [cell for cell in row if cell is not None]
    if len(cells) < 2 or not all(isinstance(cell, str) for cell in cells):
        return False
    score = sum(_is_known(_text(cell), known) for cell in cells)
    return score >= 2 and 2 * score > len(cells)


def _repeats(row: Row, names: Sequence[str], known: Collection[str]) -> bool:
    """Whether these are the headings again, some of them left out or changed."""
    if not _are_headings(row, known):
        return False
    same = [normalise(_text(cell)) == name for cell, name in zip(row, names, strict=True) if cell is not None]
    return 2 * sum(same) > len(same)


def _end_before(table: Table, sheet: Sheet, number: int) -> Note:
    """Another table begins in that row: it is left alone, with the title over it, and that is said."""
    if (
        table.rows
        and table.row_numbers[-1] == number - 1
        and len(table.rows[-1]) - table.rows[-1].count(None) == 1
    ):
        table.rows.pop()
        table.row_numbers.pop()
    return _second_table(sheet, number, len(sheet.rows))


def _second_table(sheet: Sheet, number: int, end: int) -> Note:
    at = bisect_left(sheet.row_numbers, number)
    headings = ", ".join(filter(None, map(_text, sheet.rows[at])))
    rows = sum(any(cell is not None for cell in row) for row in sheet.rows[at + 1 : end])
    return Note("second_table", number, None, f"{rows} rows under {headings}")


def _too_long(number: int, whole: Row, width: int, ragged: bool) -> Note:
    """What stands beyond the headings. In a ragged text more than one value says that the others have moved."""
    extra = [index for index in range(width, len(whole)) if whole[index] is not None]
    code = "row_much_too_long" if ragged and len(extra) > 1 else "row_too_long"
    return Note(code, number, letter(extra[0] + 1), ", ".join(_text(whole[index]) for index in extra))


def _is_total(row: Row) -> bool:
    cells = [_text(cell)[:LONGEST_TOTAL] for cell in row if cell is not None]
    rest = [cell for cell in cells if cell and not TOTAL.fullmatch(cell)]
    return len(rest) < len(cells) and all(map(NUMBER.fullmatch, rest))


def _begins_like(cell: Cell, name: str) -> bool:
    return isinstance(cell, str) and cell.lstrip()[:2].casefold() == name[:2]


def _reads(row: Row, names: Sequence[str]) -> bool:
    return all(normalise(_text(cell)) == name for cell, name in zip(row, names, strict=True))


def _text(cell: Cell) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _notes_on_data(sheet: Sheet, table: Table) -> Iterator[Note]:
    numbers = set(table.row_numbers)
    coloured: dict[str, list[Note]] = defaultdict(list)
    for note in sheet.notes:
        if note.code == "coloured_cells" and note.row in numbers:
            coloured[note.value].append(note)
        elif note.code != "coloured_cells" and (note.row is None or note.row in numbers):
            yield note
    for colour, cells in coloured.items():
        rows = sorted({note.row for note in cells if note.row})
        listed = ", ".join(map(str, rows[:LISTED_ROWS])) + (" and more" if len(rows) > LISTED_ROWS else "")
        yield Note(
            "coloured_cells",
            rows[0],
            cells[0].column,
            f"{colour}, {'rows' if len(rows) > 1 else 'row'} {listed}",
        )
    for heading, letters in duplicates(table.headings).items():
        yield Note("duplicate_header", table.header_row, letters[1], f"{heading} ({', '.join(letters)})")
