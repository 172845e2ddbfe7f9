"""Guards of the moves of items: what is wrong with a move, each in a sentence by the field that it is wrong with.

Whether the asset itself may make its own move, the guards of the register say; they are asked too.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils import timezone

from assets.batches.allocating import STOCKED, came_for
from assets.batches.approving import missing_of, waits_for
from assets.batches.models import BatchItem
from assets.batches.slots_of_sites import frozen_on
from assets.batches.states import ITEM_MOVES, ItemMove, Outcome
from assets.disposal.chasing import wrong_day
from assets.register import guards
from assets.register.addresses import key_in
from assets.register.guards import Problems
from assets.register.known import Known
from assets.register.lifecycle import MOVES, TERMINAL, AssetState
from assets.register.models import Asset
from assets.register.workflow import elsewhere
from servicedesk.people.models import Council, Person

Given = Mapping[str, Any]
MISSING = {
    "scheduled_for": "Enter when it is swapped",
    "old": "Scan or type the tag of the old device",
    "new": "Scan or type the tag of the new device",
    "signed_by": "Enter who signed for it",
    "deferred_until": "Enter until when it is deferred",
}
WHY_FROZEN = "{}. Enter why it is done all the same"


@dataclass(frozen=True)
class Around:
    """What guards must know beside the items, read once for all of them."""

    items: tuple[BatchItem, ...]
    replacements: tuple[int, ...] = ()

    @cached_property
    def register(self) -> Known:
        return Known.of([item.asset for item in self.items])

    @cached_property
    def elsewhere(self) -> dict[int, str]:
        """The batch that keeps an asset, by asset: as what is replaced, or as what replaces."""
        keys = {item.asset_id for item in self.items} | set(self.replacements)
        held = BatchItem.objects.filter(locked=True).select_related("batch")
        found = {item.asset_id: item.batch.reference for item in held.filter(asset__in=keys)}
        return found | {
            item.replacement_id: item.batch.reference
            for item in held.filter(replacement__in=keys)
            if item.replacement_id
        }

    @cached_property
    def away(self) -> dict[int, str]:
        """Why a new one may not be taken for now, as other parts of the product say."""
        return Known(Q(asset__in=self.replacements), Q(object_id__in=self.replacements)).kept

    @cached_property
    def came_for(self) -> dict[int, tuple[int, str]]:
        """For which open batch new ones were bought: its key and its reference."""
        return came_for(self.replacements)

    @cached_property
    def _freezes(self) -> dict[tuple[int, int | None, date], str]:
        return {}

    def frozen(self, item: BatchItem, at: datetime) -> str:
        """That changes are frozen at the site of the asset then, in a sentence; "" where they are not."""
        place = item.council_id, item.asset.site_id, timezone.localdate(at)
        if place not in self._freezes:
            self._freezes[place] = frozen_on(*place)
        return self._freezes[place]

    @cached_property
    def unapproved(self) -> dict[int, list[Council]]:
        """By batch, which councils have still to approve what it costs."""
        return {item.batch_id: missing_of(item.batch) for item in self.items}


@dataclass(frozen=True)
class Question:
    """One item, one move: what was given with it, who makes it and when, and what is known beside."""

    item: BatchItem
    given: Given
    around: Around
    by: Person
    now: datetime

    @property
    def asset(self) -> Asset:
        return self.item.asset


def register_move(name: str, asset: Asset) -> str:
    """The move of the register that the asset makes with its item: none where it has made it, or nothing is in it to
    be wiped."""
    move = ITEM_MOVES[name].asset_move
    if not move or asset.state in MOVES[move].targets:
        return ""
    return "" if asset.holds_no_data and name == "sanitise" else move


def asks_of(name: str, asset: Asset) -> tuple[str, ...]:
    """What must be given with the move of this item."""
    return () if asset.holds_no_data and name == "sanitise" else ITEM_MOVES[name].asks


def problems_of(name: str, question: Question) -> Problems:
    """Why this move of this item is refused; nothing where it is not. States and rights are asked elsewhere."""
    given = question.given
    words = guards.MISSING | MISSING
    missing = {
        field: words[field] for field in asks_of(name, question.asset) if not _is_given(given.get(field))
    }
    return GUARDS.get(name, _free)(question) | missing | _of_register(name, question)


def unknown_of(step: ItemMove, given: Iterable[str]) -> Problems:
    """What was given that the move does not take."""
    return {name: "This move does not take that." for name in set(given) - {*step.asks, *step.takes}}


def _is_given(value: Any) -> bool:
    return value is not None and str(value).strip() != ""


def _of_register(name: str, question: Question) -> Problems:
    """What the register has against the move of the asset."""
    asset, move = question.asset, register_move(name, question.asset)
    if not move:
        return {}
    if asset.state not in MOVES[move].sources_of(asset.holds_no_data):
        return {"": elsewhere(asset, MOVES[move])}
    asked = guards.Question(asset, question.given, question.around.register, question.by, question.now)
    return guards.problems_of(move, asked)


def _free(question: Question) -> Problems:
    return {}


def _confirm(question: Question) -> Problems:
    asset, outcome = question.asset, question.given.get("outcome")
    if asset.legal_hold_reason:
        return {"": f"{asset} is on legal hold, so it cannot be replaced until the hold is lifted."}
    if other := question.around.elsewhere.get(asset.pk):
        return {"": f"{asset} is in {other} already."}
    if asset.state in TERMINAL:
        return {"": f"{asset} is {asset.get_state_display().lower()}, so there is nothing to replace."}
    return {"outcome": "Select what becomes of it"} if outcome and outcome not in Outcome.values else {}


def _allocate(question: Question) -> Problems:
    item, new = question.item, question.given.get("replacement")
    if councils := question.around.unapproved[item.batch_id]:
        return {"": waits_for(councils)}
    if item.outcome == Outcome.EXTEND:
        return {"": f"{item.asset} is kept for longer: defer it until then."}
    if item.outcome != Outcome.REPLACE:
        return {"replacement": f"{item.asset} is retired without a replacement"} if new else {}
    if new is None:
        return {"replacement": f"No device is free in stock for {item.asset}"}
    return _replaces(question, new)


def _replaces(question: Question, new: Asset) -> Problems:
    """What the rule passes over is not taken by hand either (`allocating.devices_for`)."""
    wrong = _not_taken(question.item, new, question.around)
    return {"replacement": wrong} if wrong else {}


def _not_taken(item: BatchItem, new: Asset, around: Around) -> str:
    """Why the new one does not take the place of the asset; "" where it may."""
    if new.council_id != item.council_id:
        return f"Choose a device of {item.council}"
    if new.category != item.category:
        kind, wanted = new.get_category_display().lower(), item.get_category_display().lower()
        return f"{new} is of another category, {kind}: {item.asset} is replaced by one of {wanted}"
    if new.state not in STOCKED:
        return f"{new} is {new.get_state_display().lower()}, not in stock"
    if new.legal_hold_reason:
        return f"{new} is on legal hold, so it replaces nothing until the hold is lifted"
    if new.pk in around.away:
        return around.away[new.pk]
    if other := around.elsewhere.get(new.pk):
        return f"{new} is kept for {other}"
    batch, reference = around.came_for.get(new.pk, (item.batch_id, ""))
    return "" if batch == item.batch_id else f"{new} came for {reference}, which is open and needs it"


def _schedule(question: Question) -> Problems:
    at = question.given.get("scheduled_for")
    if at and at < question.now:
        return {"scheduled_for": "The appointment must be in the future"}
    return _within_freeze(question, at) if at else {}


def _within_freeze(question: Question, at: datetime) -> Problems:
    """Where changes are frozen at the site of the asset then, it takes a reason."""
    frozen = question.around.frozen(question.item, at)
    if frozen and not _is_given(question.given.get("freeze_reason")):
        return {"freeze_reason": WHY_FROZEN.format(frozen)}
    return {}


def _swap(question: Question) -> Problems:
    item, given = question.item, question.given
    found = _within_freeze(question, question.now) | _stays(question)
    if given.get("old") and not _names(item.asset, given["old"]):
        found["old"] = f"This is not {item.asset}"
    if item.asset.state in (AssetState.LOST_STOLEN, *TERMINAL):
        return {"": f"{item.asset} is {item.asset.get_state_display().lower()}, so it cannot be swapped."}
    if item.outcome != Outcome.REPLACE or item.replacement is None:
        return found
    if not given.get("new"):
        found["new"] = MISSING["new"]
    elif wrong := wrong_new(item, given["new"]):
        found["new"] = wrong
    return found | _issue(question, item.replacement)


def _stays(question: Question) -> Problems:
    """The old one may stay for now with the person who has it, until a day."""
    item, until = question.item, question.given.get("back_on")
    if until is None:
        return {}
    if item.outcome != Outcome.REPLACE or item.asset.holder is None:
        return {"back_on": f"Nobody can keep {item.asset} for now: it is swapped when it is handed in"}
    wrong = wrong_day(item.council_id, until, timezone.localdate(question.now))
    return {"back_on": wrong} if wrong else {}


def wrong_new(item: BatchItem, scanned: str) -> str:
    """What is wrong with a new device that was scanned for an item: nothing where it is the one that is kept for it."""
    if item.replacement is None or _names(item.replacement, scanned):
        return ""
    return f"This is not {item.replacement}, which is kept for {item.asset}"


def _issue(question: Question, new: Asset) -> Problems:
    """What the register has against issuing the new one to whoever has the old one."""
    to = receiver_of(question.item, question.given)
    if new.state == AssetState.IN_USE:
        where = new.holder or new.holder_note or new.room
        return (
            {}
            if holder_of(new) == to
            else {"": f"{new} is with {where}, so it is not given to anybody else."}
        )
    if new.state not in STOCKED:
        return {"": f"{new} is {new.get_state_display().lower()}, so it cannot be issued."}
    if not to:
        return {"person": f"Nobody has {question.asset}: enter who gets the new one"}
    asked = guards.Question(new, to, Known.of([new]), question.by, question.now)
    return guards.problems_of("issue", asked)


def receiver_of(item: BatchItem, given: Given) -> dict[str, Any]:
    """Who gets the new one: whoever is named, else who has the old one."""
    return {"person": given["person"]} if given.get("person") else holder_of(item.asset)


def holder_of(asset: Asset) -> dict[str, Any]:
    """Who or what has an asset, as the register's move of issuing takes it."""
    if asset.holder:
        return {"person": asset.holder}
    if asset.state == AssetState.IN_USE and asset.holder_note:
        return {"pool": asset.holder_note}
    if asset.state == AssetState.IN_USE and asset.room:
        return {"room": asset.room, **({"site": asset.site} if asset.site else {})}
    return {}


def _names(asset: Asset, scanned: str) -> bool:
    """Whether what was scanned is its tag, its serial number or the address on its label."""
    typed = scanned.strip().casefold()
    names = [name.casefold() for name in (asset.asset_tag, asset.serial_number) if name]
    return typed in names or key_in(scanned) == asset.pk


def _defer(question: Question) -> Problems:
    until = question.given.get("deferred_until")
    if until and until <= timezone.localdate(question.now):
        return {"deferred_until": "The date must be in the future"}
    return {}


def _certified(question: Question) -> Problems:
    """Nothing that holds data leaves without the certificate of its wiping."""
    asset = question.asset
    if asset.holds_no_data or asset.certificate_number or asset.pk in question.around.register.certified:
        return {}
    return {"": f"There is no certificate that {asset} was wiped."}


GUARDS: dict[str, Callable[[Question], Problems]] = {
    "confirm": _confirm,
    "allocate": _allocate,
    "schedule": _schedule,
    "swap": _swap,
    "defer": _defer,
    "redeploy": _certified,
    "donate": _certified,
    "sell": _certified,
    "recycle": _certified,
}
