"""What a move of an item changes: its own columns, and the asset that moves with it in the register."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from assets.batches.item_guards import receiver_of, register_move
from assets.batches.models import BatchItem
from assets.batches.states import ITEM_ENDS, ITEM_MOVES, Outcome
from assets.disposal.chasing import expect
from assets.disposal.models import DueBack
from assets.register.handing_over import hand_over
from assets.register.incidents import raised_with
from assets.register.lifecycle import MOVES, AssetState, MoveRefused
from assets.register.registering import fresh
from assets.register.workflow import move as move_asset
from assets.register.workflow import move_all
from servicedesk.people.models import Person
from servicedesk.service_levels.working_days import WorkingDays

BROUGHT_IN_WITHIN = 5
"""Working days within which whoever took an old one away brings it in."""
Given = Mapping[str, Any]
Pairs = Sequence[tuple[BatchItem, Given]]
CHANGED = (
    *("state", "state_since", "outcome", "replacement", "locked", "attempts", "scheduled_for", "swapped_at"),
    *("stood_at", "signed_by", "reason", "deferred_until", "incident", "note"),
)
"""The columns that moves set."""


def bring_about(name: str, item: BatchItem, given: Given, now: datetime) -> None:
    """Change the item as the move does, without saving it."""
    item.state, item.state_since = ITEM_MOVES[name].target, now
    EFFECTS.get(name, _nothing_more)(item, given, now)
    if given.get("note"):
        item.note = str(given["note"])[:200]
    if item.state in ITEM_ENDS:
        item.locked = False


def move_assets(name: str, pairs: Pairs, *, by: Person, now: datetime) -> None:
    """Make the moves of the register that belong to the move of these items."""
    if name == "swap":
        for item, given in pairs:
            _swap_assets(item, given, by, now)
        return
    moving = [(item, given) for item, given in pairs if register_move(name, item.asset)]
    if not moving:
        return
    move = ITEM_MOVES[name].asset_move
    takes = {*MOVES[move].asks, *MOVES[move].takes}
    each = {
        item.asset_id: {key: value for key, value in given.items() if key in takes} for item, given in moving
    }
    done = move_all([item.asset for item, _ in moving], move, by=by, each=each, now=now)
    if done.refused:
        raise MoveRefused(done.refused[0].sentence)


def _swap_assets(item: BatchItem, given: Given, by: Person, now: datetime) -> None:
    """The new one is issued to whoever has the old one; the old one is with whoever takes it away, or stays where it is
    until a day. Either way somebody must bring it in."""
    old, new, to = item.asset, item.replacement, receiver_of(item, given)
    note, why = f"Swapped in {item.batch}", DueBack.Why
    if given.get("back_on"):
        expect([old], by=by, why=why.SWAPPED, due_on=given["back_on"], note=note, now=now)
    elif old.state == AssetState.IN_USE:
        hand_over(old, by=by, given={"pool": f"Taken away by {by}"[:100], "note": note}, now=now)
        due_on = WorkingDays().after(item.council_id, timezone.localdate(now), BROUGHT_IN_WITHIN)
        expect([old], by=by, person=by, why=why.TAKEN, due_on=due_on, note=note, now=now)
    if item.outcome == Outcome.REPLACE and new and fresh(new).state != AssetState.IN_USE:
        move_asset(new, "issue", by=by, given={**to, "note": note}, now=now)


def _nothing_more(item: BatchItem, given: Given, now: datetime) -> None:
    pass


def _confirm(item: BatchItem, given: Given, now: datetime) -> None:
    item.locked = True
    item.outcome = given.get("outcome") or item.outcome


def _exclude(item: BatchItem, given: Given, now: datetime) -> None:
    item.reason = str(given["reason"]).strip()[:200]


def _allocate(item: BatchItem, given: Given, now: datetime) -> None:
    item.replacement = given.get("replacement")


def _schedule(item: BatchItem, given: Given, now: datetime) -> None:
    item.scheduled_for = given["scheduled_for"]


def _miss(item: BatchItem, given: Given, now: datetime) -> None:
    item.attempts += 1


def _swap(item: BatchItem, given: Given, now: datetime) -> None:
    item.attempts += 1
    item.swapped_at, item.signed_by = now, str(given["signed_by"]).strip()[:100]
    item.stood_at = item.asset.site


def _defer(item: BatchItem, given: Given, now: datetime) -> None:
    """What was kept for it is free again."""
    item.reason, item.deferred_until = str(given["reason"]).strip()[:200], given["deferred_until"]
    item.replacement = None


def _lose(item: BatchItem, given: Given, now: datetime) -> None:
    item.incident = raised_with([item.asset_id]).get(item.asset_id)
    if item.incident is None:
        raise MoveRefused(
            f"There is no security incident about {item.asset}. Report it lost in the register."
        )


EFFECTS: dict[str, Callable[[BatchItem, Given, datetime], None]] = {
    "confirm": _confirm,
    "exclude": _exclude,
    "allocate": _allocate,
    "schedule": _schedule,
    "miss": _miss,
    "swap": _swap,
    "defer": _defer,
    "lose": _lose,
}
