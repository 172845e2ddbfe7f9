"""What the facility certified, held beside what was scanned out and the consignment note; and closing.

A consignment closes whole or not at all: every asset leaves the register by its own move, with its certificate and the
consignment, in one change-set. As long as one list differs from another, or one asset may not leave, nothing happens.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File

from assets.disposal.consigning import begin, items_of, write
from assets.disposal.models import CertificateLine, Consignment, ConsignmentItem, Outcome, State
from assets.disposal.reconciling import Certified, Comparison, Scanned, compare, shares, spelled
from assets.register.lifecycle import MOVES, MoveRefused
from assets.register.models import Asset
from assets.register.workflow import move_all
from servicedesk.files.checking import check
from servicedesk.files.storing import keep
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, change_set, record, record_entries, snapshot
from servicedesk.people.access import require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

MOST_LINES = 5000
LEAVES_BY = {
    Outcome.DESTROYED: "destroy",
    Outcome.RECYCLED: "dispose",
    Outcome.RESOLD: "sell",
    Outcome.DONATED: "donate",
}
"""The move of the register for each thing that a certificate may say."""


def take_certificate(
    row: Consignment,
    lines: Iterable[Certified],
    *,
    by: Person,
    file: File | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Consignment:
    """Take in what the facility certified, in the place of what was taken in before.

    Raises PermissionDenied, Stale, MoveRefused or ValidationError.
    """
    require(by, Permission.EDIT_ASSETS, row)
    wanted = list(lines)
    if not wanted or len(wanted) > MOST_LINES:
        raise ValidationError(
            {"lines": f"Give the lines of the certificate, one for each thing, {MOST_LINES:,} at most"}
        )
    with change_set(by=by, now=now) as deed:
        row = begin(row, "certify", version)
        before = snapshot([row])
        _replace_lines(deed, row)
        CertificateLine.objects.bulk_create(
            CertificateLine(consignment=row, **one._asdict()) for one in wanted
        )
        if file:
            kept = check(file)
            row.certificate = keep(
                file, kept.name, council=row.council, by=by, content_type=kept.content_type, now=deed.at
            )
        row.state = State.CERTIFIED
        write(deed, row, before, "state", "certificate", move="certify")
    return row


def _replace_lines(deed: ChangeSet, row: Consignment) -> None:
    """Let the lines of an earlier certificate go; history keeps what they said."""
    lines = list(row.lines.all())
    said = snapshot(lines)
    entries = [
        Entry(line.pk, str(line), row.council_id, Change.Action.REMOVE, _gone(said[line.pk]))
        for line in lines
    ]
    record_entries(deed, CertificateLine, entries)
    row.lines.all().delete()


def _gone(said: dict[str, tuple[Any, str]]) -> dict[str, list]:
    return {name: [value, None, label, ""] for name, (value, label) in said.items()}


def comparison_of(row: Consignment, items: list[ConsignmentItem] | None = None) -> Comparison:
    """What was scanned out beside what was certified and what the note says."""
    items = items_of(row) if items is None else items
    lines = [
        Certified(line.row, line.name, line.certificate_number, line.outcome) for line in row.lines.all()
    ]
    return compare(map(scanned, items), lines, row.items_on_note)


def scanned(item: ConsignmentItem) -> Scanned:
    """The names by which a certificate may call it."""
    asset = item.asset
    names = frozenset(spelled(name) for name in (asset.asset_tag, asset.serial_number) if name.strip())
    return Scanned(item.pk, str(asset), names)


def close(
    row: Consignment, *, by: Person, version: int | None = None, now: datetime | None = None
) -> Consignment:
    """Let everything in it leave the register, where all three lists agree. Raises PermissionDenied, Stale or
    MoveRefused, which names every difference and whatever may not leave."""
    require(by, Permission.EDIT_ASSETS, row)
    with change_set(by=by, reason=f"Consignment {row}", now=now) as deed:
        row = begin(row, "close", version)
        items = items_of(row)
        found = comparison_of(row, items)
        if not found.agrees:
            raise MoveRefused(f"The lists do not agree: {'; '.join(found.differences)}.")
        was = snapshot(items)
        for item in items:
            line = found.matched[item.pk]
            item.outcome, item.certificate_number = line.outcome, line.certificate_number
            item.is_current = False
        ConsignmentItem.objects.bulk_update(items, ["outcome", "certificate_number", "is_current"])
        record(deed, items, was)
        _let_go(row, items, found, by, deed.at)
        before = snapshot([row])
        row.state, row.closed_by, row.closed_at = State.CLOSED, by, deed.at
        write(deed, row, before, "state", "closed_by", "closed_at", move="close")
    return row


def _let_go(
    row: Consignment, items: list[ConsignmentItem], found: Comparison, by: Person, now: datetime
) -> None:
    """Make each asset's move with what was certified of it; one that may not leave stops all. The items are not
    current any more: what the firm has is not moved otherwise."""
    leaving: defaultdict[str, list[Asset]] = defaultdict(list)
    for item in items:
        leaving[_move_of(item.asset, found.matched[item.pk].outcome)].append(item.asset)
    certified = {item.asset_id: found.matched[item.pk].certificate_number for item in items}
    _refuse_odd_income(row, bool(leaving["sell"]))
    paid = _paid(row, leaving["sell"])
    refused = []
    for name, assets in leaving.items():
        each = {asset.pk: _given(row, name, certified[asset.pk], paid.get(asset.pk)) for asset in assets}
        outcome = move_all(assets, name, by=by, each=each, now=now)
        refused += [one.sentence for one in outcome.refused]
    if refused:
        raise MoveRefused(" ".join(refused))


def _refuse_odd_income(row: Consignment, sold: bool) -> None:
    """What the firm pays is the income of what it resold: neither is written down without the other."""
    if sold and row.income is None:
        raise MoveRefused("Something was resold: write down what the firm pays, 0 if it is nothing.")
    if row.income and not sold:
        raise MoveRefused(
            "The firm pays for what is in it, but the certificate names nothing that was resold."
        )


def _move_of(asset: Asset, outcome: str) -> str:
    """The register destroys what is back or was to be wiped; of what holds no data and lies in stock it disposes."""
    name = LEAVES_BY[Outcome(outcome)]
    may_begin = MOVES[name].sources_of(asset.holds_no_data)
    return name if asset.state in may_begin or name != "destroy" else "dispose"


def _given(row: Consignment, name: str, certificate: str, income: Decimal | None) -> dict[str, Any]:
    given: dict[str, Any] = {
        "consignment_reference": row.reference,
        "certificate_number": certificate,
        "done_on": row.collected_on,
    }
    firm = str(row.supplier)
    match name:
        case "sell":
            given |= {"buyer": firm, "income": income}
        case "donate":
            given["recipient"] = row.recipient or firm
        case "dispose":
            given["recipient"] = row.weee_facility
    return {key: value for key, value in given.items() if key in (*MOVES[name].asks, *MOVES[name].takes)}


def _paid(row: Consignment, sold: list[Asset]) -> dict[int, Decimal]:
    """What the firm pays, in equal parts on the things that were resold, in the order of their keys."""
    if not sold:
        return {}
    keys = sorted(asset.pk for asset in sold)
    parts = shares(int((row.income or Decimal(0)) * 100), len(keys))
    return {key: Decimal(part) / 100 for key, part in zip(keys, parts, strict=True)}
