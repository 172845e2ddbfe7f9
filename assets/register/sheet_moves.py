"""A changed state in a row of a sheet: it runs the move that leads there, by the guards of every other way to make it.

What a move asks for and no column can say, such as what happened to a lost asset, is said on the asset itself: then
the row is refused with the moves that there are. What is written with the asset, its evidence and its custody, follows
when the rows are written.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from assets.register import custody
from assets.register.guards import Problems, Question, problems_of
from assets.register.known import Known
from assets.register.lifecycle import MOVES, AssetState, Move
from assets.register.models import Asset, Disposal, holds_no_data
from assets.register.registering import RELATED
from assets.register.workflow import elsewhere, tell_moved
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import record
from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets.applying import GoodRow
from servicedesk.spreadsheets.changing import CHECK_AGAIN, Overtaken
from servicedesk.spreadsheets.staging import Check, StagedRow

Values = Mapping[str, Any]
Gives = Callable[[StagedRow | GoodRow, Values, Council], dict[str, Any]]
AT_ONCE = 1000
OF_CUSTODY = {"holder", "holder_note", "room", "site", "state"}
"""The columns that say who has an asset."""


def _nothing(row: StagedRow | GoodRow, after: Values, council: Council) -> dict[str, Any]:
    return {}


def _whom(row: StagedRow | GoodRow, after: Values, council: Council) -> dict[str, Any]:
    """Whoever is found by name in a sheet is of its council, and has it before the pool that a note names."""
    if after["holder"]:
        return {"person": Person(pk=after["holder"], council=council)}
    return {"pool": after["holder_note"], "room": after["room"]}


def _where(row: StagedRow | GoodRow, after: Values, council: Council) -> dict[str, Any]:
    return {"to": after["state"]}


def _condition(row: StagedRow | GoodRow, after: Values, council: Council) -> dict[str, Any]:
    return {"condition": row.values.get("condition")}


def _certificate(row: StagedRow | GoodRow, after: Values, council: Council) -> dict[str, Any]:
    return {"certificate_number": row.values.get("certificate_number")}


CAN_MEET: dict[str, Gives] = {
    "receive": _nothing,
    "stage": _nothing,
    "unstage": _nothing,
    "issue": _whom,
    "back_from_repair": _where,
    "return": _condition,
    "write_off": _nothing,
    "destroy": _certificate,
    "restock": _nothing,
}
"""What the columns of a row give with a move. The other moves are made on the asset."""

ON_ITS_PAGE = {"sanitise": "How it was wiped and who else looked at the result is recorded on its own page"}
"""Why a move is not made by a sheet, where the list of the moves does not say it."""

HELD_DATA = "It was registered as something that holds data. Wipe it first"
"""Why what is called something else in the same row does not go the way of what never held data."""

GIVES_UP = ("return", "write_off")
"""Moves after which nobody has the asset."""


def run(row: StagedRow, current: Values, check: Check) -> str:
    """The move that a changed state runs; "" where the row is refused, with the reason and the moves that there are."""
    old, new = row.changes["state"][:2]
    after = {**current, **{name: change[1] for name, change in row.changes.items()}}
    known = _known(check)
    bare = holds_no_data(after["category"], False if after["model"] in known.without_data else None)
    held_data = bare and known.bore_data(current["category"], current["model"])
    possible = {name: step for name, step in MOVES.items() if old in step.sources_of(bare and not held_data)}
    why = HELD_DATA if held_data and _is_exempt(old, new) else ""
    for name, step in possible.items():
        if new not in step.targets:
            continue
        why = why or ON_ITS_PAGE.get(name, "")
        if name in CAN_MEET:
            problems = _problems(name, row, current, after, check)
            if not problems:
                row.values["move"] = name
                return name
            why = problems.get("") or next(iter(problems.values()))
    _refuse(row, check, old, new, possible, why)
    return ""


def _is_exempt(old: str, new: str) -> bool:
    """Whether what never held data goes from the one state to the other, and nothing else does."""
    return any(old in step.exempt_sources and new in step.targets for step in MOVES.values())


def _problems(name: str, row: StagedRow, current: Values, after: Values, check: Check) -> Problems:
    asset = Asset(
        pk=row.target,
        council=check.council,
        asset_tag=after["asset_tag"],
        serial_number=after["serial_number"],
        hostname=after["hostname"],
        state=current["state"],
        category=after["category"],
        model_id=after["model"] if isinstance(after["model"], int) else None,
        holder_id=after["holder"],
        certificate_number=after["certificate_number"],
        legal_hold_reason=after["legal_hold_reason"],
    )
    given = CAN_MEET[name](row, after, check.council)
    return problems_of(name, Question(asset, given, _known(check), None, check.now))


def _known(check: Check) -> Known:
    if "known" not in check.memo:
        check.memo["known"] = Known.of_council(check.council)
    return check.memo["known"]


def _refuse(row: StagedRow, check: Check, old: str, new: str, possible: Mapping[str, Move], why: str) -> None:
    listed = "; ".join(_in_words(step) for step in possible.values())
    reads = AssetState(old).label.lower()
    on = f"From {reads} it can go on by: {listed}" if listed else f"Nothing follows {reads}"
    remedy = f"{why.rstrip('.')}. {on}" if why else on
    words = {"remedy": remedy}
    if any(new in step.targets for step in possible.values()):
        words["message"] = f"No row of a sheet brings it to “{AssetState(new).label}” as it stands"
    check.problem(row, "state", "no_move_to_state", AssetState(new).label, **words)


def _in_words(step: Move) -> str:
    targets = " or ".join(AssetState(target).label for target in step.targets)
    return f"{step.words} ({targets}{f'; needs {step.needs}' if step.needs else ''})"


def gives_up(name: str, row: StagedRow) -> bool:
    """Whether nobody has the asset after the move that the row runs."""
    back = name == "back_from_repair" and row.changes["state"][1] == AssetState.IN_STOCK
    return back or name in GIVES_UP


def written(created: Sequence[int], changed: Sequence[GoodRow], deed: ChangeSet, council: Council) -> None:
    """What goes with rows that were just written: who has each, and what each move leaves as evidence."""
    custody.begin_new(deed, created)
    moved = [row for row in changed if row.values.get("move")]
    _ask_again(moved, deed, council)
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
            given = CAN_MEET[name](row, after, council)
            problems = problems_of(name, Question(asset, given, known, None, deed.at))
            if asset.state not in MOVES[name].sources_of(asset.holds_no_data):
                problems = {"": elsewhere(asset, MOVES[name])}
            for sentence in problems.values():
                raise Overtaken(f"{asset}: {sentence.rstrip('.')}. {CHECK_AGAIN}")


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
