"""The checked rows of an import as they are kept: packed by the hundred, column by column, what differs row by row.

pack(started, batch, rows) -> what to insert      StoredRow: one row, unpacked
rows_of(started, …), page_of(started, …)          read them again, in the order of the file
"""

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple

import orjson
from django.core.exceptions import ValidationError

from servicedesk.spreadsheets.models import Action, Import
from servicedesk.spreadsheets.staging import StagedRow

STORED = ("source", "batch", "action", "first", "last", "count", "marks", "data")
BATCH = 2_000
FAST = 1
"""How hard zlib tries: a fifth of the size for little time."""
CURSOR = re.compile(r"-?[0-9]{1,9}")
SPARSE = ("changes", "problems", "candidates", "told", "line")
"""What only some rows have, kept by their place."""
LOOSE = "creates"
"""The mark of rows that name what is to be created."""


@dataclass(slots=True)
class StoredRow:
    """One checked row. `line` is where it begins in a text, None where that is its number. `candidates` are the keys of
    ours that it may be, `told` {field: [yours, theirs, before]}, `key` the one that a new row is going to have, where
    rows of the sheet point at each other."""

    number: int
    action: str
    target_id: int | None
    target_version: int | None
    values: dict[str, Any]
    changes: dict[str, list]
    problems: list[dict[str, str]]
    candidates: list[int] = field(default_factory=list)
    told: dict[str, list[str]] = field(default_factory=dict)
    line: int | None = None
    key: int | None = None

    def get_action_display(self) -> str:
        return str(Action(self.action).label)


def pack(started: Import, batch: int, rows: Sequence[StagedRow]) -> Iterator[tuple]:
    """The rows of one part of a sheet, as ImportRows keeps them."""
    if not rows:
        return
    by_action: defaultdict[str, list[StagedRow]] = defaultdict(list)
    for row in rows:
        by_action[row.action].append(row)
    first, last = rows[0].number, rows[-1].number
    for action, own in by_action.items():
        packed = _packed(own)
        data = zlib.compress(orjson.dumps(packed), FAST)
        yield started.pk, batch, action, first, last, len(own), _marks(own, packed.get("columns", {})), data


def _packed(rows: Sequence[StagedRow]) -> dict[str, Any]:
    """Rows that stay as they are keep nothing but their number, and which of ours they are."""
    packed: dict[str, Any] = {
        "numbers": [row.number for row in rows],
        "targets": [row.target for row in rows],
        "versions": [row.version for row in rows],
    }
    if rows[0].action != Action.UNCHANGED:
        names = list(dict.fromkeys(name for row in rows for name in row.values))
        told = [row.values for row in rows]
        packed["columns"] = {name: [*map(dict.get, told, repeat(name))] for name in names}
    for name in SPARSE:
        kept = {str(at): value for at, row in enumerate(rows) if (value := getattr(row, name))}
        if kept:
            packed[name] = kept
    return packed


def _marks(rows: Sequence[StagedRow], columns: Mapping[str, Sequence]) -> dict[str, int]:
    """How many of the rows have each problem, change each field, or name what is to be created."""
    marks: Counter[str] = Counter()
    for row in rows:
        if row.problems:
            marks.update({problem["code"] for problem in row.problems})
        if row.changes:
            marks.update(f"changes:{name}" for name in row.changes)
    loose = {name: _loose(column) for name, column in columns.items() if list in set(map(type, column))}
    marks.update({f"{LOOSE}:{name}": len(places) for name, places in loose.items() if places})
    if some := set().union(*loose.values()):
        marks[LOOSE] = len(some)
    return dict(marks)


def _loose(column: Sequence[Any]) -> list[int]:
    """Where a column names what is to be created."""
    return [at for at, value in enumerate(column) if type(value) is list and value[0] is None]


class Block(NamedTuple):
    """The rows of one ImportRows: their values column by column."""

    numbers: list[int]
    targets: list[int | None]
    versions: list[int | None]
    columns: dict[str, list]
    rest: dict[str, dict[str, Any]]


def blocks(started: Import, action: str) -> Iterator[Block]:
    """The rows with one action, as they are packed: all are read before the first is unpacked, because while they are
    written nothing else can be read."""
    for data in [*started.packed.filter(action=action).order_by("batch").values_list("data", flat=True)]:
        yield unpack(data)


def aims_at(started: Import, key: int, known_by: Mapping[str, str]) -> bool:
    """Whether a row is, or may be, this one of ours, or names it in a column that it is `known_by`: what was refused
    before it was looked for names it alone.
    """
    held = started.packed.values_list("data", flat=True)
    names = {name: written.casefold() for name, written in known_by.items()}
    return any(_aims_at(block, key, names) for block in map(unpack, held.iterator(chunk_size=1)))


def _aims_at(block: Block, key: int, names: Mapping[str, str]) -> bool:
    if key in block.targets or any(key in keys for keys in block.rest["candidates"].values()):
        return True
    return any(
        str(written).casefold() == name
        for column, name in names.items()
        for written in block.columns.get(column, ())
    )


def unpack(data: bytes | memoryview) -> Block:
    told = orjson.loads(zlib.decompress(data))
    rest = {name: told.get(name, {}) for name in SPARSE}
    return Block(told["numbers"], told["targets"], told["versions"], told.get("columns", {}), rest)


def stored(block: Block, action: str) -> Iterator[StoredRow]:
    """The rows of a block one by one."""
    for at, number in enumerate(block.numbers):
        key = str(at)
        yield StoredRow(
            number,
            action,
            block.targets[at],
            block.versions[at],
            {name: column[at] for name, column in block.columns.items() if column[at] is not None},
            block.rest["changes"].get(key, {}),
            block.rest["problems"].get(key, []),
            block.rest["candidates"].get(key, []),
            block.rest["told"].get(key, {}),
            block.rest["line"].get(key),
        )


def rows_of(started: Import, actions: Collection[str] = (), mark: str = "") -> Iterator[StoredRow]:
    """The rows in the order of the file: those with one of the actions, and with a problem or a change marked so."""
    for batch in (
        _batches(started, actions, mark).order_by("batch").distinct().values_list("batch", flat=True)
    ):
        yield from _rows_of_batch(started, batch, actions, mark)


def _batches(started: Import, actions: Collection[str], mark: str) -> Any:
    packed = started.packed.all()
    if actions:
        packed = packed.filter(action__in=actions)
    return packed.filter(marks__has_key=mark) if mark else packed


def _rows_of_batch(started: Import, batch: int, actions: Collection[str], mark: str) -> list[StoredRow]:
    held = _batches(started, actions, mark).filter(batch=batch).values_list("action", "data")
    rows = [row for action, data in held for row in stored(unpack(data), action)]
    return sorted((row for row in rows if not mark or _is_marked(row, mark)), key=lambda row: row.number)


def _is_marked(row: StoredRow, mark: str) -> bool:
    if mark == LOOSE:
        return any(type(value) is list and value[0] is None for value in row.values.values())
    if mark.startswith("changes:"):
        return mark.partition(":")[2] in row.changes
    return any(problem["code"] == mark for problem in row.problems)


class RowPage(NamedTuple):
    """Some rows, and the cursors of the pages before and after, "" where there are none."""

    rows: list[StoredRow]
    previous: str
    next: str


def page_of(
    started: Import, actions: Collection[str] = (), mark: str = "", cursor: str = "", size: int = 50
) -> RowPage:
    """The rows after the number that a cursor gives, or the last ones before "-number"; else the first ones.

    Raises ValidationError for any other cursor.
    """
    if cursor and not CURSOR.fullmatch(cursor):
        raise ValidationError("This is not a page of this list. Follow the links.")
    back, number = cursor.startswith("-"), abs(int(cursor or 0))
    batches = _batches(started, actions, mark)
    batches = batches.filter(first__lt=number) if back else batches.filter(last__gt=number)
    found: list[StoredRow] = []
    for batch in batches.order_by("-batch" if back else "batch").distinct().values_list("batch", flat=True):
        rows = _rows_of_batch(started, batch, actions, mark)
        rows = [row for row in rows if (row.number < number if back else row.number > number)]
        found += reversed(rows) if back else rows
        if len(found) > size:
            break
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    before, after = (more, bool(found)) if back else (bool(number and found), more)
    return RowPage(found, f"-{found[0].number}" if before else "", str(found[-1].number) if after else "")


def marks_of(started: Import, actions: Collection[str]) -> dict[str, int]:
    """How many of the rows have each problem, or change each field."""
    total: Counter[str] = Counter()
    held: Iterable[dict[str, int]] = started.packed.filter(action__in=actions).values_list("marks", flat=True)
    for marks in held:
        total.update(marks)
    return dict(total)
