"""A changed state in a row of a sheet: it runs the move that leads there, by the guards of every other way to make it.

A row that gives evidence in the columns for it is moved by the function of every page when the rows are written. One
that says nothing beside what the register holds, as most do, is written with all others, and its custody follows. What
cannot be done as it stands is refused with the moves that there are.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from assets.register import sheet_evidence
from assets.register.effects import CHANGED, Deed, bring_about
from assets.register.guards import Problems, Question, problems_of
from assets.register.incidents import report_lost
from assets.register.known import Known
from assets.register.lifecycle import MOVES, AssetState, Move
from assets.register.models import Asset, holds_no_data
from assets.register.together import MOST
from servicedesk.history.recording import as_json
from servicedesk.people.access import may
from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets.applying import GoodRow
from servicedesk.spreadsheets.matching import changed
from servicedesk.spreadsheets.staging import Check, StagedRow
from servicedesk.spreadsheets.trying import tried_out

Values = Mapping[str, Any]
Gives = Callable[[StagedRow | GoodRow, Values, Council], dict[str, Any]]
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


GIVES: dict[str, Gives] = {"issue": _whom, "back_from_repair": _where}
COUNTS: dict[str, tuple[str, ...]] = {
    "return": ("condition",),
    "find": ("condition",),
    "sanitise": ("certificate_number",),
    "destroy": ("certificate_number", "disposal_date"),
    "dispose": ("disposal_date",),
    "donate": ("disposal_date",),
    "sell": ("disposal_date",),
}
"""Which columns of an asset count for a move as the row says them, beside those of `sheet_evidence`."""

MOST_STORIES = 20
"""So many incidents a sheet may open, as others wait while it opens them."""

IN_SOMEBODYS_NAME = ("lose", "sanitise")
"""Moves that the system does not make: somebody says what happened, and of who wipes another looks at the result."""

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
        asset, given, problems = _look(name, row, current, after, check)
        if not problems:
            taken = {column for asked, column in sheet_evidence.columns_of(step).items() if asked in given}
            sheet_evidence.keep(row, taken)
            if taken:
                _foresee(name, asset, given, row, current, check)
            row.values["move"] = name
            return name
        why = _sentences(step, problems)
    _refuse(row, check, old, new, possible, why)
    return ""


def _is_exempt(old: str, new: str) -> bool:
    """Whether what never held data goes from the one state to the other, and nothing else does."""
    return any(old in step.exempt_sources and new in step.targets for step in MOVES.values())


def _look(
    name: str, row: StagedRow, current: Values, after: Values, check: Check
) -> tuple[Asset, dict[str, Any], Problems]:
    """The asset as it would be before the move, what the row gives with the move, and why that is refused."""
    asset = _asset(row, current, after, check)
    found, problems = _reading(check).given(name, row.values)
    given = given_with(name, found, row, after, asset, _known(check))
    step = MOVES[name]
    if check.by and not may(check.by, step.permission, check.council.pk):
        problems[""] = f"You may not do this with the assets of {check.council}."
    elif name in IN_SOMEBODYS_NAME and check.by is None:
        problems[""] = sheet_evidence.IN_A_NAME
    elif kept := _kept(name, row, current, check):
        problems[""] = (
            f"“{kept}” stays as the register has it, so the move cannot be made with what the row says"
        )
    guarded = problems_of(name, Question(asset, given, _known(check), check.by, check.now))
    problems = guarded | problems
    if not problems and found:
        problems = _more(name, asset, given, check)
    return asset, given, problems


def _kept(name: str, row: StagedRow, current: Values, check: Check) -> str:
    """The heading of a column that counts for the move, of which the register keeps what it has; "" where none is."""
    for column in COUNTS.get(name, ()):
        said = row.values.get(column)
        change = changed(check.kind, column, current, said) if said else None
        if change and row.changes.get(column, change[:1] * 2)[1] != change[1]:
            return check.kind.by_name[column].heading
    return ""


def _more(name: str, asset: Asset, given: Mapping[str, Any], check: Check) -> Problems:
    """What is refused beside the guards: more than others should wait for, and an incident that nobody receives."""
    moved = check.memo["moved"] = check.memo.get("moved", 0) + 1
    if moved > MOST:
        return {
            "": f"At most {MOST} assets are moved with evidence by one sheet. Bring the others in another"
        }
    if name != "lose" or check.by is None:
        return {}
    stories = check.memo.setdefault("stories", set())
    if given["what_happened"] not in stories and len(stories) >= MOST_STORIES:
        return {
            "": f"At most {MOST_STORIES} security incidents are opened by one sheet, one for all of which the same"
            " happened. Bring the others in another"
        }
    stories.add(given["what_happened"])
    if "lose" not in check.memo:
        check.memo["lose"] = ""
        try:
            with tried_out():
                report_lost([asset], given["what_happened"], by=check.by, now=check.now)
        except (PermissionDenied, ValidationError) as refused:
            check.memo["lose"] = said(refused)
    return {"": check.memo["lose"]} if check.memo["lose"] else {}


def said(refused: Exception) -> str:
    return " ".join(refused.messages) if isinstance(refused, ValidationError) else str(refused)


def given_with(
    name: str,
    found: Mapping[str, Any],
    row: StagedRow | GoodRow,
    after: Values,
    asset: Asset,
    known: Known,
) -> dict[str, Any]:
    """All that a row gives with a move. Who says that the check list is done has ticked all of it."""
    given = {**GIVES.get(name, _nothing)(row, after, asset.council), **_said(name, row), **found}
    if given.get("checked"):
        given["checked"] = known.check_lists.get(asset.model_id or 0, [])
    return given


def _said(name: str, row: StagedRow | GoodRow) -> dict[str, Any]:
    """What the row says in columns of an asset that count for the move."""
    said = {column: row.values[column] for column in COUNTS.get(name, ()) if row.values.get(column)}
    if day := said.pop("disposal_date", ""):
        said["done_on"] = date.fromisoformat(day)
    return said


def _sentences(step: Move, problems: Problems) -> str:
    """All that is wrong, each with the column that would mend it; what nothing would mend stands alone."""
    if "" in problems:
        return problems[""]
    columns = sheet_evidence.columns_of(step)
    return ". ".join(
        sentence.rstrip(".")
        + (f" (column “{sheet_evidence.COLUMNS[columns[asked]].heading}”)" if asked in columns else "")
        for asked, sentence in problems.items()
    )


def _foresee(
    name: str, asset: Asset, given: Mapping[str, Any], row: StagedRow, current: Values, check: Check
) -> None:
    """Say what the move will change, by what it does; it writes that itself, so the row leaves it alone."""
    before = {column: as_json(getattr(asset, column)) for column in CHANGED}
    bring_about(name, asset, given, Deed(check.by, check.now, _known(check)))
    after = {column: as_json(getattr(asset, column)) for column in CHANGED}
    row.values["later"] = ["state"]
    for column in CHANGED:
        field = column.removesuffix("_id")
        if field == "state" or after[column] == before[column]:
            continue
        row.values["later"].append(field)
        old, new = as_json(current[field]), after[column]
        if old == new:
            row.changes.pop(field, None)
        elif column.endswith("_id"):  # of which moves do nothing but take away who has it
            row.changes[field] = [old, new, current[f"{field} label"] or "", ""]
        else:
            row.changes[field] = [old, new, "" if old is None else str(old), str(new)]


def _reading(check: Check) -> sheet_evidence.Reading:
    if "reading" not in check.memo:
        check.memo["reading"] = sheet_evidence.Reading(check.by)
    return check.memo["reading"]


def _asset(row: StagedRow, current: Values, after: Values, check: Check) -> Asset:
    """The asset as the row would have it, in the state that it is in. Its certificate is one that it has: what a sheet
    writes down beside a move proves nothing of it."""
    return Asset(
        pk=row.target,
        council=check.council,
        asset_tag=after["asset_tag"],
        serial_number=after["serial_number"],
        hostname=after["hostname"],
        state=current["state"],
        category=after["category"],
        model_id=after["model"] if isinstance(after["model"], int) else None,
        holder_id=after["holder"],
        holder_note=after["holder_note"],
        site_id=after["site"],
        room=after["room"],
        condition=after["condition"],
        certificate_number=current["certificate_number"],
        disposal_date=current["disposal_date"],
        evidence_missing=current["evidence_missing"],
        legal_hold_reason=after["legal_hold_reason"],
    )


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
        words["message"] = f"The row does not bring it to “{AssetState(new).label}” as it stands"
    check.problem(row, "state", "no_move_to_state", AssetState(new).label, **words)


def _in_words(step: Move) -> str:
    targets = " or ".join(AssetState(target).label for target in step.targets)
    return f"{step.words} ({targets}{f'; needs {step.needs}' if step.needs else ''})"


def gives_up(name: str, row: StagedRow) -> bool:
    """Whether nobody has the asset after the move that the row runs."""
    back = name == "back_from_repair" and row.changes["state"][1] == AssetState.IN_STOCK
    return back or name in GIVES_UP
