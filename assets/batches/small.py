"""A small batch: chosen, reviewed, priced, dated and submitted in one deed, so that only the word of each council that
pays is left."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from assets.batches.choosing import create_batch
from assets.batches.items import RELATED, move_items
from assets.batches.models import Batch, BatchItem
from assets.batches.planning import change_line
from assets.batches.workflow import fresh, move
from servicedesk import wording
from servicedesk.history.recording import change_set
from servicedesk.people.access import councils_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

SMALL, OUTCOME = 10, "outcome_"
Prices = Mapping[tuple[int, str], Mapping[str, Any]]
AS_FORECAST: Prices = {}
NO_LINE = "The batch buys nothing of one of these councils and categories"
CHANGED = "What matches has changed while you were looking at it. Look at it again"


class Made(NamedTuple):
    """The batch, and why it could not be submitted yet: "" where it was."""

    batch: Batch
    waits: str


def make_small(
    *,
    by: Person,
    outcomes: Mapping[int, str] | None = None,
    left_out: str = "",
    prices: Prices = AS_FORECAST,
    now: datetime | None = None,
    **values: Any,
) -> Made:
    """Create a batch of up to ten assets with `values`, review what is the person's to review, price and submit it.

    `outcomes` says by asset what becomes of each that is theirs to review, "" where it is left out for the reason
    `left_out`; without it all are replaced. `prices` change lines by council and category. What belongs to a council
    whose refresh the person does not plan waits in the draft for who does. Writes all of this or nothing. Raises as the
    moves do that it is made of.
    """
    with change_set(by=by, now=now):
        batch = create_batch(by=by, now=now, **values)
        items = list(batch.items.select_related(*RELATED).order_by("pk"))
        own = councils_of(by, Permission.PLAN_REFRESH)
        _check(items, outcomes, own)
        chosen = {item.asset_id: item.outcome for item in items} if outcomes is None else outcomes
        _review([item for item in items if item.council_id in own], chosen, left_out, by, now)
        lines = {
            (line.council_id, line.category): line for line in batch.lines.select_related("batch", "council")
        }
        if set(prices) - set(lines):
            raise ValidationError({"prices": NO_LINE})
        for key, given in prices.items():
            change_line(lines[key], by=by, version=lines[key].version, now=now, **given)
        if others := sorted({item.council.name for item in items if item.council_id not in own}):
            return Made(fresh(batch), f"{' and '.join(others)} must review what is theirs first.")
        return Made(move(batch, "submit", by=by, now=now), "")


def refuse_count(count: int) -> None:
    """Refuse to submit nothing, or at once what must be reviewed first. Raises ValidationError."""
    if not count:
        raise ValidationError("Nothing that is free for a batch matches")
    if count > SMALL:
        raise ValidationError(f"{wording.counted(count, 'asset')} match. Up to {SMALL} are submitted at once")


def _check(items: Sequence[BatchItem], outcomes: Mapping[int, str] | None, own: Collection[int]) -> None:
    """What is theirs to review must all have been looked at, and nothing that does not match."""
    refuse_count(len(items))
    if outcomes is None:
        return
    theirs = {item.asset_id for item in items if item.council_id in own}
    if not theirs <= outcomes.keys() <= {item.asset_id for item in items}:
        raise ValidationError(CHANGED)


def _review(
    items: Sequence[BatchItem],
    outcomes: Mapping[int, str],
    left_out: str,
    by: Person,
    now: datetime | None,
) -> None:
    """Confirm what is chosen, and exclude the rest. Raises ValidationError by the asset that cannot be confirmed."""
    wanted = [item for item in items if outcomes[item.asset_id]]
    each = {item.pk: {"outcome": outcomes[item.asset_id]} for item in wanted}
    done = move_items(wanted, "confirm", by=by, each=each, now=now)
    if done.refused:
        raise ValidationError({f"{OUTCOME}{one.item.asset_id}": one.sentence for one in done.refused})
    rest = [item for item in items if not outcomes[item.asset_id]]
    if rest and not left_out.strip():
        raise ValidationError({"left_out": "Enter why something is left out"})
    if rest:
        move_items(rest, "exclude", by=by, given={"reason": left_out.strip()}, now=now)
