"""What goes with the rows of a register's sheet when they are written: the moves that they make, what these leave as
evidence, and who has what.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from assets.register import custody, sheet_evidence
from assets.register.guards import Question, problems_of
from assets.register.known import Known
from assets.register.lifecycle import MOVES, MoveRefused
from assets.register.models import Asset, Disposal
from assets.register.registering import RELATED
from assets.register.sheet_moves import IN_SOMEBODYS_NAME, OF_CUSTODY, given_with, said
from assets.register.workflow import elsewhere, move_all, tell_moved
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, record, record_entries
from servicedesk.history.taking_back import SAID
from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets.applying import GoodRow
from servicedesk.spreadsheets.changing import CHECK_AGAIN, Overtaken

AT_ONCE = 1000


def written(created: Sequence[int], changed: Sequence[GoodRow], deed: ChangeSet, council: Council) -> None:
    """What goes with rows that were just written: who has each, and what each move leaves as evidence."""
    custody.begin_new(deed, created)
    moved = [row for row in changed if row.values.get("move") and "later" not in row.values]
    _ask_again(moved, deed, council)
    _make([row for row in changed if "later" in row.values], deed)
    _leave_evidence(moved, deed, council)
    concerned = [row.target_id for row in changed if row.target_id and OF_CUSTODY & row.changes.keys()]
    custody.follow_by_key(deed, concerned)
    _tell_moved(moved, deed)


def _ask_again(moved: Sequence[GoodRow], deed: ChangeSet, council: Council) -> None:
    """The guards, as things are now, of each asset as it stood and is called now: its version does not tell of a disk
    that was listed since, nor of a model of which it was said since that it holds data. Raises Overtaken.
    """
    rows, known = {row.target_id or 0: row for row in moved}, Known.of_council(council)
    keys = list(rows)
    for start in range(0, len(keys), AT_ONCE):
        for asset in Asset.objects.select_related(*RELATED).filter(pk__in=keys[start : start + AT_ONCE]):
            row = rows[asset.pk]
            after = {name: asset.serializable_value(name) for name in OF_CUSTODY}
            name, asset.state = row.values["move"], row.changes["state"][0]
            given = given_with(name, {}, row, after, asset, known)
            problems = problems_of(name, Question(asset, given, known, None, deed.at))
            if asset.state not in MOVES[name].sources_of(asset.holds_no_data):
                problems = {"": elsewhere(asset, MOVES[name])}
            for sentence in problems.values():
                raise Overtaken(f"{asset}: {sentence.rstrip('.')}. {CHECK_AGAIN}")


def _make(rows: Sequence[GoodRow], deed: ChangeSet) -> None:
    """Make the moves of rows that give evidence, by the function of every page. Raises Overtaken."""
    by_move: defaultdict[str, list[GoodRow]] = defaultdict(list)
    for row in rows:
        by_move[row.values["move"]].append(row)
    by = Person.objects.get(pk=deed.by_id) if rows and deed.by_id else None
    reading = sheet_evidence.Reading(by)
    for name, own in sorted(by_move.items()):
        if by is None and name in IN_SOMEBODYS_NAME:
            raise Overtaken(f"{sheet_evidence.IN_A_NAME}. {CHECK_AGAIN}")
        held = Asset.objects.select_related(*RELATED).in_bulk([row.target_id for row in own])
        known, each, versions = Known.of(held.values()), {}, {}
        for row in own:
            found, problems = reading.given(name, row.values)
            asset = held.get(row.target_id or 0)
            if problems or asset is None:
                sentence = next(iter(problems.values()), "It is no longer there").rstrip(".")
                raise Overtaken(f"Row {row.number}: {sentence}. {CHECK_AGAIN}")
            each[asset.pk] = _given_now(name, found, row, asset, known)
            versions[asset.pk] = (row.target_version or 0) + bool(row.changes.keys() - row.values["later"])
        try:
            done = move_all(held.values(), name, by=by, each=each, versions=versions, now=deed.at)
        except (MoveRefused, PermissionDenied, ValidationError) as refused:
            raise Overtaken(f"{said(refused).rstrip('.')}. {CHECK_AGAIN}") from refused
        for asset, sentence in done.refused:
            raise Overtaken(f"{asset}: {sentence.rstrip('.')}. {CHECK_AGAIN}")
        _keep_notes(deed, done.moved, each)


def _given_now(
    name: str, found: Mapping[str, Any], row: GoodRow, asset: Asset, known: Known
) -> dict[str, Any]:
    """All that a row gives with the move of an asset, of which everything else that it says is written."""
    after = {column: asset.serializable_value(column) for column in OF_CUSTODY}
    after["state"] = row.changes["state"][1]
    given = given_with(name, found, row, after, asset, known)
    return {**given, "person": asset.holder} if given.get("person") else given


def _keep_notes(deed: ChangeSet, assets: Iterable[Asset], each: Mapping[int, Mapping[str, Any]]) -> None:
    """What was said with each move stands in its history: of a page that is the reason of the deed, of which a sheet
    has one for all."""
    notes = {pk: given.get("reason") or given.get("note") for pk, given in each.items()}
    entries = [
        Entry(asset.pk, str(asset), asset.council_id, Change.Action.UPDATE, {SAID: [None, note, "", note]})
        for asset in assets
        if (note := notes[asset.pk])
    ]
    record_entries(deed, Asset, entries)


def _tell_moved(moved: Sequence[GoodRow], deed: ChangeSet) -> None:
    for name in sorted({row.values["move"] for row in moved}):
        keys = [row.target_id or 0 for row in moved if row.values["move"] == name]
        for start in range(0, len(keys), AT_ONCE):
            tell_moved(
                deed, name, list(Asset.objects.filter(pk__in=keys[start : start + AT_ONCE]).only("pk"))
            )


def _leave_evidence(rows: Iterable[GoodRow], deed: ChangeSet, council: Council) -> None:
    """What was destroyed is proven by its certificate."""
    today = timezone.localdate(deed.at)
    disposals = [
        Disposal(
            council=council,
            asset_id=row.target_id or 0,
            kind=Disposal.Kind.DESTROYED,
            recorded_by_id=deed.by_id,
            recorded_at=deed.at,
            certificate_number=row.values.get("certificate_number", ""),
            done_on=row.values.get("disposal_date") or today,
        )
        for row in rows
        if row.values["move"] == "destroy"
    ]
    if disposals:
        Disposal.objects.bulk_create(disposals, batch_size=AT_ONCE)
        keys = [row.pk for row in disposals]
        record(deed, Disposal.objects.select_related("council", "asset", "recorded_by").filter(pk__in=keys))
