"""The rows of a table into clean rows of ours: each cell cleaned, each doubt kept with its row."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import repeat
from typing import Any, NamedTuple, TypeVar

from django.utils import timezone

from servicedesk.history.recording import as_json
from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets.kinds import Field, Kind
from servicedesk.spreadsheets.plain import stand_as_written
from servicedesk.spreadsheets.problems import describe
from servicedesk.spreadsheets.reading import Cell, Workbook
from servicedesk.spreadsheets.table import Table
from servicedesk.spreadsheets.texts import storable
from servicedesk.spreadsheets.values import Context, clean, clean_column

LookedUp = TypeVar("LookedUp")
WORST = {"info": 1, "warning": 2, "error": 3}
LONGEST_SHOWN = 100
CLEAR = frozenset({"(clear)", "(Clear)", "(CLEAR)"})
"""A cell that says so empties the field; a blank one never does."""


class StagedRow:
    """One row on its way: `values` by field, as JSON keeps them; what points at another row is [id, words], and the
    id is None for one that is to be created. `clears` are the fields whose cell asks to be emptied, `candidates` the
    rows of ours that it may be, `told` what yours, theirs and before read where two have changed a field; `jumps` is
    set by a kind whose guard the row passes over; `line` is where it begins in a text, None where that is `number`."""

    __slots__ = (
        *("number", "values", "problems", "action", "target", "version", "changes"),
        *("clears", "candidates", "told", "jumps", "line"),
    )

    def __init__(self, number: int, values: dict[str, Any]):
        self.number = number
        self.values = values
        self.problems: list[dict[str, str]] = []
        self.action = ""
        self.target: int | None = None
        self.version: int | None = None
        self.changes: dict[str, list] = {}
        self.clears: frozenset[str] = frozenset()
        self.candidates: list[int] = []
        self.told: dict[str, list[str]] = {}
        self.jumps = False
        self.line: int | None = None

    @property
    def loose(self) -> bool:
        """Whether it names something that is to be created."""
        return any(type(value) is list and value[0] is None for value in self.values.values())

    @property
    def refused(self) -> bool:
        return bool(self.problems) and self.worst == "error"

    @property
    def worst(self) -> str:
        if not self.problems:
            return ""
        return max((problem["severity"] for problem in self.problems), key=WORST.__getitem__)


class Placed(NamedTuple):
    """A field of the kind and the column it was found in."""

    field: Field
    column: int
    letter: str


@dataclass
class Check:
    """What rows are checked against: whose import it is, which look-ups it may create, where each field stands, and by
    whom it is; None for the system.

    `create` holds the codes of what may be created whatever its name, `creates` single names, folded, by field.
    `policies`, `keys` and `choices` are those of the Import.
    """

    kind: Kind
    council: Council
    create: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    letters: dict[str, str] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    now: datetime = field(default_factory=timezone.now)
    notes: dict[str, dict[str, str]] = field(default_factory=dict)
    by: Person | None = None
    creates: Mapping[str, frozenset[str]] = field(default_factory=dict)
    policies: Mapping[str, str] = field(default_factory=dict)
    keys: Sequence[str] = ()
    choices: Mapping[str, Any] = field(default_factory=dict)

    def may_create(self, code: str, name: str, written: str) -> bool:
        """Whether what a field says may be created: every such thing, or this one by its name."""
        return code in self.create or bool(self.creates) and fold(written) in self.creates.get(name, ())

    # What the kind has looked up once for all rows.
    memo: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, look_up: Callable[[], LookedUp]) -> LookedUp:
        """What is looked up, asked for with the first rows and known by its name for all others."""
        if name not in self.memo:
            self.memo[name] = look_up()
        return self.memo[name]

    def note(self, code: str, **words: str) -> None:
        """Say once what holds for the whole sheet."""
        self.notes[code] = problem(code, "") | words

    def problem(self, row: StagedRow, name: str, code: str, value: Any = "", **words: str) -> None:
        """Note what is wrong with a field of a row; `words` stand in place of the usual ones."""
        row.problems.append(problem(code, value, name, self.letters.get(name, "")) | words)


def problem(code: str, value: Any, name: str = "", letter: str = "") -> dict[str, str]:
    """A problem as rows keep it."""
    value = shown(value)
    severity, message, remedy = describe(code, value)
    return {
        "field": name,
        "column": letter,
        "code": code,
        "severity": severity,
        "value": value,
        "message": message,
        "remedy": remedy,
    }


def fold(text: str) -> str:
    """The text by which names are compared: whatever their case, width and spacing."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def allowed_by_name(mapping: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The single names that a mapping allows to be created, by field."""
    return {name: frozenset(map(fold, written)) for name, written in mapping.get("creates", {}).items()}


def stage(workbook: Workbook, table: Table, mapping: Mapping[str, Any], check: Check) -> list[StagedRow]:
    """The rows of the table, cleaned by the mapping."""
    return [row for batch in in_batches(workbook, table, mapping, check, len(table.rows)) for row in batch]


def in_batches(
    workbook: Workbook, table: Table, mapping: Mapping[str, Any], check: Check, size: int
) -> Iterator[list[StagedRow]]:
    """The rows of the table, cleaned by the mapping: column by column, handed over so many at once."""
    placed = list(place(table, mapping, check.kind))
    check.letters = {each.field.name: each.letter for each in placed}
    check.headings = {each.field.name: table.headings[each.column] for each in placed}
    cells, numbers = table.rows, table.row_numbers
    if check.kind.gather:
        indexes = check.kind.gather(table, placed)
        cells, numbers = [cells[index] for index in indexes], [numbers[index] for index in indexes]
    columns = list(zip(*cells, strict=True)) or [()] * len(table.headings)
    for name, text in mapping.get("given", {}).items():
        placed.append(Placed(check.kind.by_name[name], len(columns), ""))
        columns.append((text,) * len(numbers))
    beside = Beside()
    values = [
        _stage_column(
            beside,
            columns[each.column],
            each.field,
            _context(workbook, mapping, each, check),
            mapping,
            check,
        )
        for each in placed
    ]
    _keep_notes(beside, numbers, table)
    names = [each.field.name for each in placed]
    for start in range(0, len(numbers), size or 1):
        end = start + size
        rows = _rows(numbers[start:end], names, [column[start:end] for column in values], beside, start)
        for row in rows if table.lines else ():
            row.line = table.line(row.number)
        yield rows


@dataclass
class Beside:
    """What is to be said of rows, and which fields they clear, by their place among the rows."""

    problems: defaultdict[int, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    clears: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))


def _rows(
    numbers: Sequence[int], names: Sequence[str], columns: Sequence[Sequence], beside: Beside, start: int
) -> list[StagedRow]:
    rows = list(map(StagedRow, numbers, _by_name(names, columns)))
    if beside.problems or beside.clears:
        for at, row in enumerate(rows, start):
            if at in beside.problems:
                row.problems = beside.problems[at]
            if at in beside.clears:
                row.clears = frozenset(beside.clears[at])
    return rows


def _by_name(names: Sequence[str], columns: Sequence[Sequence]) -> list[dict[str, Any]]:
    """The values of each row by field, without those that are None: whole columns at once, as there are many rows."""
    rows = list(map(dict, map(zip, repeat(names), zip(*columns, strict=True))))
    for name, column in zip(names, columns, strict=True):
        if None in column:
            for row, value in zip(rows, column, strict=True):
                if value is None:
                    del row[name]
    return rows


def _keep_notes(beside: Beside, numbers: Sequence[int], table: Table) -> None:
    """What was noticed of a row goes with it."""
    places = {number: at for at, number in enumerate(numbers)} if table.notes else {}
    for note in table.notes:
        if note.row in places:
            found = problem(note.code, note.value, letter=note.column or "")
            beside.problems[places[note.row]].append(found)


def place(table: Table, mapping: Mapping[str, Any], kind: Kind) -> Iterator[Placed]:
    """Where each field stands, by the mapping; those that are given for all rows stand nowhere."""
    given = mapping.get("given", {})
    for letter, name in mapping["columns"].items():
        if name and name not in given:
            yield Placed(kind.by_name[name], column_index(letter), letter)


def column_index(letter: str) -> int:
    """A → 0, AA → 26."""
    index = 0
    for each in letter:
        index = index * 26 + ord(each) - 64
    return index - 1


def _context(workbook: Workbook, mapping: Mapping[str, Any], placed: Placed, check: Check) -> Context:
    return Context(
        date_order=mapping.get("dates", {}).get(placed.letter, "dmy"),
        date_1904=workbook.date_1904,
        as_at=timezone.localdate(check.now),
        words=check.kind.words(placed.field),
    )


def _meant(mapping: Mapping[str, Any], wanted: Field) -> dict[str, str]:
    """What the person said that words of this field mean."""
    meant = mapping.get("values", {})
    return {
        fold(written): to
        for written, to in (meant.get(wanted.name) or meant.get(wanted.known_as) or {}).items()
    }


def _stage_column(
    beside: Beside,
    cells: Sequence[Cell],
    field: Field,
    context: Context,
    mapping: Mapping[str, Any],
    check: Check,
) -> Sequence[Any]:
    """The values of one column; what is to be said of them goes beside. Each different cell is cleaned once."""
    different = set(cells)
    if not different.isdisjoint(CLEAR):
        cells, different = _without_clears(beside, cells, field), different - CLEAR
    if meant := _meant(mapping, field):
        cells = [meant.get(fold(cell), cell) if isinstance(cell, str) else cell for cell in cells]
    limit, bounds = check.kind.limit(field), check.kind.bounds(field)
    if stand_as_written(field.kind, (set(cells) if meant else different) - {None}, limit):
        return cells
    keys = (
        [(cell, cell is True or cell is False) for cell in cells] if bool in set(map(type, cells)) else cells
    )
    distinct, values, said = dict(zip(keys, cells, strict=True)), {}, {}
    for key, cleaned in zip(distinct, clean_column(field.kind, distinct.values(), context), strict=True):
        value, codes = cleaned
        if (
            meant and isinstance(value, str) and fold(value) in meant
        ):  # written in another way than it was asked about
            value, codes = clean(field.kind, meant[fold(value)], context)
        values[key], codes = _ready(value, codes, limit, bounds)
        if codes:
            said[key] = codes
    for at, (key, cell) in enumerate(zip(keys, cells, strict=True)) if said else ():
        beside.problems[at] += [
            problem(code, cell, field.name, check.letters.get(field.name, "")) for code in said.get(key, ())
        ]
    return [values[key] for key in keys]


def _without_clears(beside: Beside, cells: Sequence[Cell], field: Field) -> list[Cell]:
    """The cells of a column without those that ask to be emptied, which are noted."""
    for at, cell in enumerate(cells):
        if cell in CLEAR:
            beside.clears[at].add(field.name)
    return [None if cell in CLEAR else cell for cell in cells]


def _ready(
    value: Any, codes: tuple[str, ...], limit: int, bounds: tuple[int, int] | None
) -> tuple[Any, tuple[str, ...]]:
    """A cleaned value as history keeps it. A time without a zone is the time on the councils' walls."""
    if isinstance(value, str):
        return (None, (*codes, "text_too_long")) if len(value) > limit else (value, codes)
    if type(value) is int and bounds and not bounds[0] <= value <= bounds[1]:
        return None, (*codes, "number_out_of_range")
    if isinstance(value, datetime):
        zone = timezone.get_default_timezone()
        first, second = (value.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
        if first.utcoffset() != second.utcoffset():
            codes = (*codes, "hour_of_clock_change")
        return first.astimezone(UTC).isoformat(), codes
    return as_json(value), codes


def shown(value: Any) -> str:
    """A cell as a message quotes it: a whole number without its decimals, a long text cut."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = "" if value is None else storable(str(value))
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
