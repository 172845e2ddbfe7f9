"""What a file names and we do not know: each site, model, person, status once, with its count and its first rows.

The rows are cleaned and looked up as a check does it, but each different combination of the words in question once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as column
from typing import Any

from servicedesk.people.models import Council
from servicedesk.spreadsheets.kinds import CODED, Ask, Kind
from servicedesk.spreadsheets.reading import Row, Workbook
from servicedesk.spreadsheets.staging import Check, StagedRow, column_index, fold, shown, stage
from servicedesk.spreadsheets.table import Table

NOT_KNOWN = ("look_up_unknown", "status_not_known", "category_not_known")
ROWS_NAMED, MOST = 10, 5_000
Word = tuple[str, str]
"""A field, and what is written there, folded."""


@dataclass
class Unknown:
    """Words of a field that mean nothing to us yet."""

    field: str
    written: str
    count: int = 0
    rows: list[int] = column(default_factory=list)


def unknown_words(
    workbook: Workbook, table: Table, mapping: Mapping[str, Any], kind: Kind, council: Council
) -> list[dict[str, Any]]:
    """Every word that is asked about, most frequent first within its field, whatever was said about it before."""
    letters = _letters(mapping, kind)
    if not letters:
        return []
    once, numbers = _each_once(table, [column_index(letter) for letter in letters])
    asked = {**mapping, "columns": letters, "values": {}}
    found = _find(workbook, once, asked, Check(kind, council), numbers)
    left = set()
    if found and kind.creatable:
        left = set(_find(workbook, once, asked, Check(kind, council, frozenset(kind.creatable)), numbers))
    order = list(kind.by_name)
    listed = sorted(found.items(), key=lambda each: (order.index(each[1].field), -each[1].count, each[0]))
    creatable = {name for name, ask in kind.asks_about.items() if ask.creates}
    return [
        {**vars(each), "creatable": each.field in creatable and word not in left}
        for word, each in listed[:MOST]
    ]


def _letters(mapping: Mapping[str, Any], kind: Kind) -> dict[str, str]:
    """The columns whose words are asked about, and those that help to find them."""
    wanted = set(kind.asks_about) | {name for ask in kind.asks for name in ask.beside}
    wanted |= {each.name for each in kind.fields if each.kind in CODED}
    return {letter: name for letter, name in mapping["columns"].items() if name in wanted}


def _each_once(table: Table, indexes: Sequence[int]) -> tuple[Table, dict[int, list[int]]]:
    """The table with each different combination of these columns in one row, and the numbers of the rows it is for."""
    first: dict[tuple, tuple[Row, list[int]]] = {}
    for number, row in zip(table.row_numbers, table.rows, strict=True):
        key = tuple((type(row[index]), row[index]) for index in indexes)
        first.setdefault(key, (row, []))[1].append(number)
    rows = [row for row, _ in first.values()]
    numbers = {own[0]: own for _, own in first.values()}
    return replace(table, rows=rows, row_numbers=list(numbers), notes=[]), numbers


def _find(
    workbook: Workbook,
    table: Table,
    mapping: Mapping[str, Any],
    check: Check,
    numbers: Mapping[int, list[int]],
) -> dict[Word, Unknown]:
    rows = stage(workbook, table, mapping, check)
    before = {row.number: dict(row.values) for row in rows}
    check.kind.interpret(rows, check)
    found: dict[Word, Unknown] = {}
    for row in rows:
        for name, written in _unknown_in(row, before[row.number], check.kind):
            own = numbers[row.number]
            each = found.setdefault((name, fold(written)), Unknown(name, written))
            each.count += len(own)
            each.rows = sorted([*each.rows, *own[:ROWS_NAMED]])[:ROWS_NAMED]
    return found


def _unknown_in(row: StagedRow, before: Mapping[str, Any], kind: Kind) -> set[Word]:
    """The words of one row that nobody knows: those that are told as a problem, and those that lead to no row."""
    told = {
        (each["field"], each["value"])
        for each in row.problems
        if each["code"] in NOT_KNOWN and each["column"] and each["value"] and _is_asked(each["field"], kind)
    }
    for ask in kind.asks:
        value = row.values.get(ask.field)
        tied = ask.field in kind.tied  # it may be another new row of the sheet, and then it is known
        if isinstance(value, list) and value[0] is None and not (ask.creates or tied):
            told.add((_said_by(ask, value[1], before), shown(value[1])))
    return told


def _is_asked(name: str, kind: Kind) -> bool:
    return name in kind.asks_about or kind.by_name[name].kind in CODED


def _said_by(ask: Ask, written: str, before: Mapping[str, Any]) -> str:
    """Which of the fields that can say it said it."""
    return next((name for name in (ask.field, *ask.also) if before.get(name) == written), ask.field)
