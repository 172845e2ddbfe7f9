"""Moving batches: every change of a batch's state but its approval, with the guards of each move."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from assets.batches import appointment_following, approving
from assets.batches.allocating import free_devices
from assets.batches.approving import (
    forget_words,
    lines_of,
    missing_of,
    refuse_unwritable,
    set_state,
    waits_for,
)
from assets.batches.costing import NOTHING, actual, is_priced, new_ones
from assets.batches.counting import LOST_SINCE, Counts, counts_of
from assets.batches.duties import hands_in, why_not
from assets.batches.energy import Figures, figures_of
from assets.batches.income import income_of
from assets.batches.models import Batch, BatchItem
from assets.batches.standing import Standing
from assets.batches.states import AT_WORK, BATCH_MOVES, BatchMove, BatchState
from assets.batches.supply import supplies_of, supply_of
from assets.refresh.estate_energy import Assumptions
from assets.refresh.forecast import year_of
from assets.register.lifecycle import MoveRefused
from assets.register.models import Sanitisation
from servicedesk import wording
from servicedesk.history.editing import Stale
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import councils_of, may, require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import TicketType

RELATED = ("council", "owner", "submitted_by", "programme")
MOST_NAMED = 5
Given = Mapping[str, Any]
NOTHING_GIVEN: Given = {}
CERTIFIED = ("sanitised", "destroyed", "redeployed", "donated", "sold", "recycled")


def move(
    batch: Batch,
    name: str,
    *,
    by: Person,
    given: Given = NOTHING_GIVEN,
    version: int | None = None,
    now: datetime | None = None,
) -> Batch:
    """Make one named move. Returns the batch as it now is.

    `given` holds the reason, where the move asks for one; with `approve` and `reject` the `council` whose word it is,
    needed where the person may speak for several, and the `decision_reference`. Raises PermissionDenied, Stale,
    MoveRefused (with a sentence), or ValidationError by field.
    """
    step = BATCH_MOVES[name]
    if name in ("approve", "reject"):
        return _decide(batch, name, by, given, version, now)
    reason = str(given.get("reason") or "").strip()
    with change_set(by=by, reason=reason, now=now) as deed:
        batch = Batch.objects.select_related(*RELATED).select_for_update(of=("self",)).get(pk=batch.pk)
        require(by, step.permission, batch)
        if version is not None and version != batch.version:
            raise Stale(batch)
        if batch.state not in step.sources:
            raise MoveRefused(elsewhere(batch, step))
        if step.asks and not reason:
            raise ValidationError({"reason": "Enter the reason"})
        counts = counts_of(batch)
        if refused := GUARDS.get(name, _free)(batch, counts, by):
            raise MoveRefused(refused)
        set_state(deed, batch, name, step.target, **EFFECTS.get(name, _nothing_more)(deed, batch, counts, by))
    return fresh(batch)


def fresh(batch: Batch) -> Batch:
    return Batch.objects.select_related(*RELATED).get(pk=batch.pk)


def moves_of(person, batch: Batch) -> dict[str, BatchMove]:
    """The moves that the person's rights and the batch's state allow, for lists: whether a guard refuses one, `answers`
    says."""
    return {
        name: step
        for name, step in BATCH_MOVES.items()
        if batch.state in step.sources and _may_move(person, batch, step)
    }


def answers(person, standing: Standing) -> dict[str, str]:
    """The moves that the person has the right to make of a batch as it stands, each with why it would be refused now:
    "" where it would be made. What costs more than was approved is approved anew, in whichever state."""
    batch, counts = standing.batch, standing.counts
    found = {
        name: GUARDS.get(name, _free)(batch, counts, person)
        for name, step in moves_of(person, batch).items()
        if step.permission != Permission.APPROVE_SPENDING
    }
    return found | _words_of(person, standing)


def _words_of(person, standing: Standing) -> dict[str, str]:
    """Whether the person may approve or reject for some council whose budget they approve."""
    batch, mine = standing.batch, councils_of(person, Permission.APPROVE_SPENDING)
    asked = [one for one in standing.approvals if one.council.pk in mine]
    if not asked or batch.state not in (BatchState.SUBMITTED, *AT_WORK):
        return {}
    hands = hands_in([batch])
    refused = {
        one.council.pk: why_not(person, batch, one.council, hands[batch.pk, one.council.pk]) for one in asked
    }
    found = {}
    if waiting := [refused[one.council.pk] for one in asked if not one.is_given]:
        found["approve"] = " ".join(waiting) if all(waiting) else ""
    if batch.state == BatchState.SUBMITTED and not all(refused.values()):
        found["reject"] = ""
    return found


def elsewhere(batch: Batch, step: BatchMove) -> str:
    state = batch.get_state_display().lower()
    return f"{batch} is {state}, so “{step.words}” is not possible."


def councils_decided_by(person, batch: Batch) -> list[Council]:
    """The councils of the batch whose budget the person approves, in the order of their codes."""
    mine = councils_of(person, Permission.APPROVE_SPENDING)
    parts = [part for part in batch.paying.all() if part.council_id in mine]
    return sorted((part.council for part in parts), key=lambda council: council.code)


def _may_move(person, batch: Batch, step: BatchMove) -> bool:
    if step.permission != Permission.APPROVE_SPENDING:
        return may(person, step.permission, batch.council_id)
    asked = person.pk in (batch.owner_id, batch.submitted_by_id)
    return not asked and bool(councils_decided_by(person, batch))


def _decide(
    batch: Batch, name: str, by: Person, given: Given, version: int | None, now: datetime | None
) -> Batch:
    """The word of a council, by whoever approves its budget."""
    council = given.get("council")
    if council is None:
        require(by, Permission.APPROVE_SPENDING)
        mine = councils_decided_by(by, batch)
        if len(mine) > 1:
            raise ValidationError({"council": "Say for which council"})
        council = mine[0] if mine else batch.council
    reason = str(given.get("reason") or "")
    if name == "reject":
        approving.reject(batch, council, by=by, reason=reason, version=version, now=now)
    else:
        approving.approve(
            batch,
            council,
            by=by,
            amount=given.get("amount"),
            decision_reference=str(given.get("decision_reference") or ""),
            reason=reason,
            version=version,
            now=now,
        )
    return fresh(batch)


def _free(batch: Batch, counts: Counts, by: Person) -> str:
    return ""


def _submit(batch: Batch, counts: Counts, by: Person) -> str:
    if counts.candidates:
        return f"Review every asset first: {wording.counted(counts.candidates, 'asset')} to go."
    if not counts.confirmed:
        return "Nothing is confirmed, so there is nothing to approve."
    if unpriced := [line for line in lines_of(batch) if not is_priced(line, counts)]:
        names = ", ".join(f"{line.get_category_display().lower()} of {line.council}" for line in unpriced)
        return f"Enter what a new one costs: {names}."
    return ""


def _order(batch: Batch, counts: Counts, by: Person) -> str:
    if councils := missing_of(batch, counts):
        return waits_for(councils)
    return (
        "" if supply_of(lines_of(batch)).ordered else "Nothing is ordered yet. Place an order for it first."
    )


def _begin(batch: Batch, counts: Counts, by: Person) -> str:
    if councils := missing_of(batch, counts):
        return waits_for(councils)
    lines = lines_of(batch)
    wanted = [line for line in lines if new_ones(line, counts)]
    if not wanted or supply_of(lines).usable:
        return ""
    if any(free_devices(line.council_id, line.category) for line in wanted):
        return ""
    return "No device has been received, and none is in stock."


def _close(batch: Batch, counts: Counts, by: Person) -> str:
    if counts.open:
        return f"{wording.counted(counts.open, 'asset')} of {batch} {_are(counts.open)} still on the way."
    items = batch.items.select_related("asset__model", "council")
    bare = [item for item in items.filter(state__in=CERTIFIED) if not item.asset.holds_no_data]
    wiped = Sanitisation.objects.filter(
        asset__in=[item.asset_id for item in bare], result=Sanitisation.Result.PASSED
    )
    known = set(wiped.values_list("asset", flat=True))
    bare = [item for item in bare if not item.asset.certificate_number and item.asset_id not in known]
    if bare:
        return f"There is no certificate for {_named(bare, by)}."
    lost = list(items.filter(Q(state="lost") | LOST_SINCE).exclude(incident__type=TicketType.SECURITY))
    return f"There is no security incident for {_named(lost, by)}." if lost else ""


def _named(items: list[BatchItem], by: Person) -> str:
    """The names of those that the person may see; of the others, how many they are and whose."""
    reads = councils_of(by, Permission.SEE_ASSETS)
    seen = [item for item in items if item.council_id in reads]
    told = [", ".join(str(item.asset) for item in seen[:MOST_NAMED])] if seen else []
    told += [f"{len(seen) - MOST_NAMED} more"] if len(seen) > MOST_NAMED else []
    others = Counter(str(item.council) for item in items if item.council_id not in reads)
    return " and ".join([*told, *(f"{wording.counted(n, 'asset')} of {one}" for one, n in others.items())])


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


GUARDS: dict[str, Callable[[Batch, Counts, Person], str]] = {
    "submit": _submit,
    "order": _order,
    "begin": _begin,
    "close": _close,
}


def _nothing_more(deed: ChangeSet, batch: Batch, counts: Counts, by: Person) -> Given:
    return {}


def _submitted(deed: ChangeSet, batch: Batch, counts: Counts, by: Person) -> Given:
    return {"submitted_by": by}


def _back(deed: ChangeSet, batch: Batch, counts: Counts, by: Person) -> Given:
    """What was said of it before counts no more."""
    forget_words(deed, batch)
    return {"submitted_by": None}


def _begun(deed: ChangeSet, batch: Batch, counts: Counts, by: Person) -> Given:
    return {"begun_at": deed.at}


def _closed(deed: ChangeSet, batch: Batch, counts: Counts, by: Person) -> Given:
    """What it cost and saved is written down, and stays so whatever becomes of prices and models."""
    lines, income = lines_of(batch), income_of([batch])
    supplies = supplies_of(lines)
    parts = list(batch.paying.select_related("batch", "council"))
    rates = Assumptions(year_of(timezone.localdate(deed.at)), [part.council_id for part in parts])
    used = figures_of([batch], rates, swapped=True)
    before = snapshot(parts)
    for part in parts:
        mine = [line for line in lines if line.council_id == part.council_id]
        key = batch.pk, part.council_id
        part.actual = actual(mine, counts, supplies, income.get(key, NOTHING)).total
        refuse_unwritable(part.actual, part.council, by)
        part.energy = used.get(key, Figures()).kept()
        part.version += 1
        part.save(update_fields=["actual", "energy", "version"])
    record(deed, parts, before)
    _let_go(deed, batch)
    return {"closed_at": deed.at}


def _cancelled(deed: ChangeSet, batch: Batch, counts: Counts, by: Person) -> Given:
    """Its assets, and what was kept for them, are free for other batches; nobody need come any more."""
    appointment_following.follow(deed, "cancel", _let_go(deed, batch))
    return {}


def _let_go(deed: ChangeSet, batch: Batch) -> list[BatchItem]:
    """Let go of the assets that the batch still keeps."""
    kept = batch.items.filter(locked=True).select_related(
        "batch", "council", "asset", "replacement", "incident"
    )
    items = list(kept.select_for_update(of=("self",)).order_by("pk"))
    before = snapshot(items)
    for item in items:
        item.locked, item.version = False, item.version + 1
    BatchItem.objects.bulk_update(items, ["locked", "version"])
    record(deed, items, before)
    return items


EFFECTS: dict[str, Callable[[ChangeSet, Batch, Counts, Person], Given]] = {
    "submit": _submitted,
    "send_back": _back,
    "redraft": _back,
    "begin": _begun,
    "close": _closed,
    "cancel": _cancelled,
}
