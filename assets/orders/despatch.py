"""A supplier's despatch sheet: which columns say what, to which line each row belongs, and what is wrong with it.

The file is read as every spreadsheet is, in a process of its own. Nothing is written here: what is found is shown, and
received by `receiving.receive_sheet` once a person has looked at it.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File

from assets.orders.models import OrderLine, PurchaseOrder
from assets.orders.ordering import OF_LINE
from assets.orders.receiving import LONGEST, MOST_AT_ONCE, Box, problems_of, tidied, too_many
from servicedesk.spreadsheets.headers import Synonyms, match
from servicedesk.spreadsheets.reading import Refused, Workbook, read_upload
from servicedesk.spreadsheets.staging import fold
from servicedesk.spreadsheets.table import Table, find_table
from servicedesk.spreadsheets.texts import storable

SYNONYMS = Synonyms(
    fields={
        "serial": ("serial number", "serial", "serial no", "serial no.", "s/n", "sn", "serialnumber"),
        "tag": ("asset tag", "tag", "asset number", "asset no", "label", "barcode"),
        "model": (
            "model",
            "product",
            "description",
            "item",
            "model name",
            "part number",
            "part no",
            "sku",
            "mpn",
        ),
        "order": (
            "purchase order",
            "po number",
            "po",
            "order number",
            "your reference",
            "customer reference",
        ),
        "dead": ("dead on arrival", "doa", "faulty"),
    }
)
YES = ("yes", "y", "true", "x", "1", "doa", "dead", "faulty")
NO_SERIALS = (
    "No column of the sheet is headed “Serial number”. Give the column of serial numbers that heading."
)


@dataclass
class SheetRow:
    """One row: where it stands, its box, the line that it belongs to, and what is wrong with it."""

    number: int
    box: Box
    line: OrderLine | None = None
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Despatch:
    """What a sheet says. `whole` is what is wrong with it altogether."""

    rows: list[SheetRow]
    whole: list[str]

    @property
    def is_good(self) -> bool:
        return bool(self.rows) and not self.whole and not any(row.problems for row in self.rows)

    @property
    def kept(self) -> str:
        """The rows as a page keeps them until they are confirmed."""
        return json.dumps([[row.line.pk if row.line else 0, *row.box] for row in self.rows])


def read_despatch(file: File, order: PurchaseOrder) -> Despatch:
    """What a file says of an order, with everything that is wrong. Raises ValidationError where it cannot be read."""
    table = _table(file)
    found = match(table.headings, [table.column(at) for at in range(len(table.headings))], SYNONYMS)
    columns = {one.field: one.index for one in found if one.field}
    if "serial" not in columns:
        raise ValidationError(NO_SERIALS)
    if len(table.rows) > MOST_AT_ONCE:
        raise ValidationError(f"The sheet has {len(table.rows)} rows. Receive at most {MOST_AT_ONCE} at once")
    lines = list(order.lines.select_related(*OF_LINE).order_by("pk"))
    rows = []
    for number, cells in zip(table.row_numbers, table.rows, strict=True):
        said = {name: _text(cells[at]) for name, at in columns.items()}
        row = SheetRow(number, tidied(Box(said["serial"], said.get("tag", ""), _is_dead(said))))
        _find_line(row, said, order, lines)
        rows.append(row)
    return look_over(rows)


def read_kept(text: str, order: PurchaseOrder) -> Despatch:
    """What a page has kept, looked over again. Raises ValidationError where it is nothing of ours."""
    lines = {line.pk: line for line in order.lines.select_related(*OF_LINE)}
    try:
        kept = json.loads(text)
        rows = [
            SheetRow(
                number,
                tidied(Box(str(serial)[: LONGEST + 1], str(tag)[: LONGEST + 1], dead is True)),
                lines[key],
            )
            for number, (key, serial, tag, dead) in enumerate(kept, 1)
        ]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ValidationError("Choose the despatch sheet again") from error
    return look_over(rows)


def boxes_of(rows: Iterable[SheetRow]) -> dict[int, list[Box]]:
    """The boxes by the key of their line."""
    found: defaultdict[int, list[Box]] = defaultdict(list)
    for row in rows:
        if row.line:
            found[row.line.pk].append(row.box)
    return dict(found)


def look_over(rows: list[SheetRow]) -> Despatch:
    """Say of each row, and of the whole, what would be refused."""
    whole = [] if rows else ["The sheet has no rows below its headings"]
    by_line: defaultdict[int, list[SheetRow]] = defaultdict(list)
    for row in rows:
        if row.line:
            by_line[row.line.pk].append(row)
    for found in by_line.values():
        line, boxes = found[0].line, [row.box for row in found]
        if line is None:
            continue
        for row in found:
            row.problems += problems_of(line, [row.box])
        if over := too_many(line, boxes):
            whole.append(f"{line.model}: {over[:1].lower()}{over[1:]}")
    _say_twice(rows, "serial number", [row.box.serial_number for row in rows])
    _say_twice(rows, "tag", [row.box.asset_tag for row in rows])
    return Despatch(rows, whole)


def _say_twice(rows: Sequence[SheetRow], what: str, values: Sequence[str]) -> None:
    counts = Counter(values)
    for row, value in zip(rows, values, strict=True):
        if value and counts[value] > 1:
            row.problems.append(f"The {what} {value} stands in {counts[value]} rows")


def _table(file: File) -> Table:
    """The first table of the file that has a column of serial numbers. Raises ValidationError."""
    try:
        book = _read(file)
    except Refused as refused:
        raise ValidationError(str(refused)) from refused
    for sheet in book.sheets:
        table = find_table(sheet, SYNONYMS.known)
        if table is not None:
            return table
    raise ValidationError(NO_SERIALS)


def _read(file: File) -> Workbook:
    with NamedTemporaryFile() as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        return read_upload(copy.name, "The despatch sheet")


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else storable(str(cell)).strip()[: LONGEST + 1]


def _is_dead(said: Mapping[str, str]) -> bool:
    return said.get("dead", "").casefold() in YES


def _find_line(
    row: SheetRow, said: Mapping[str, str], order: PurchaseOrder, lines: Sequence[OrderLine]
) -> None:
    """The line of a row: by its model where the order has several."""
    written = said.get("order", "")
    if written and fold(written) not in {fold(order.number), fold(order.reference)}:
        row.problems.append(f"It says that it belongs to the order {written}")
    names = [line for line in lines if said.get("model") and _is_called(line, said["model"])]
    if len(names) == 1:
        row.line = names[0]
    elif len(lines) == 1 and not said.get("model"):
        row.line = lines[0]
    elif not names:
        row.problems.append(f"No line of {order} is called “{said.get('model', '')}”")
    else:
        row.problems.append(f"Several lines of {order} are called “{said['model']}”: receive it on its line")


def _is_called(line: OrderLine, written: str) -> bool:
    model = line.model
    names = (model.name, f"{model.manufacturer} {model.name}", model.model_number, model.part_number)
    return fold(written) in {fold(name) for name in names if name}
