"""The board of a batch: its items by state, with the moves that the reader may make of them."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import Case, Count, Value, When

from assets.batches.choosing import MOST
from assets.batches.counting import LOST, LOST_SINCE, Counts
from assets.batches.models import Batch, BatchItem
from assets.batches.states import ITEM_MOVES, ItemMove, ItemState
from assets.register.models import Asset
from servicedesk.history.models import Change
from servicedesk.people.access import councils_of
from servicedesk.tickets.models import Ticket

SHOWN_IN_A_STATE = 10
READ = ("council", "asset__model", "asset__holder", "replacement")
"""What the board shows of an item: hundreds are read at once."""
ONE_BY_ONE = ("swap",)
"""What is scanned and signed for: never of many at once."""


class Column(NamedTuple):
    """A state with how many items are in it, the first of them that the person may see, how many more they may see and
    how many they may not, and the moves for whoever may make them.

    `theirs` are the councils whose items the reader may choose; `one_by_one` the moves that have a page for each item
    alone. One column is open, the others wait folded.
    """

    state: str
    words: str
    number: int
    items: list[BatchItem]
    more: int
    hidden: int
    moves: dict[str, ItemMove]
    theirs: frozenset[int]
    is_open: bool
    one_by_one: dict[str, ItemMove]

    @property
    def choosable(self) -> int:
        """How many of those that are shown the reader may choose."""
        return sum(item.council_id in self.theirs for item in self.items) if self.moves else 0


def columns_of(person, batch: Batch, counts: Counts, wanted: str = "") -> list[Column]:
    """Each state that some item is in, in the order of the way; of the `wanted` one as many as a page holds.

    That one is open, else the first in which there is something for the reader to do. What they may choose comes first.
    """
    found: list[Column] = []
    seen = batch.items.visible_to(person)
    tally = dict(seen.order_by().values_list("state").annotate(Count("pk")))
    for state, count in counts.by_state.items():
        mine, theirs = _all_moves_from(person, batch, counts, state)
        moves = {name: step for name, step in mine.items() if name not in ONE_BY_ONE}
        alone = {name: step for name, step in mine.items() if name in ONE_BY_ONE}
        first = [Case(When(council__in=theirs, then=Value(0)), default=Value(1))] if theirs else []
        rows = seen.select_related(*READ).filter(state=state).order_by(*first, "council__code", "pk")
        items, visible = (
            list(rows[: MOST if wanted == state else SHOWN_IN_A_STATE]),
            tally.get(state, 0),
        )
        more, hidden = visible - len(items), count - visible
        is_open = wanted == state if wanted else bool(moves) and not any(one.is_open for one in found)
        label = ItemState(state).label
        found.append(Column(state, label, count, items, more, hidden, moves, theirs, is_open, alone))
    return found


def places_of(columns: list[Column]) -> dict[str, str]:
    """The states that an item of the board may be dragged over, in the order of the way, with their words: those that
    some item is in, and those that a move leads to."""
    steps = [step for column in columns for step in [*column.moves.values(), *column.one_by_one.values()]]
    there = {column.state for column in columns} | {step.target for step in steps}
    return {state.value: str(state.label) for state in ItemState if state in there} if steps else {}


def lost_since(person, batch: Batch) -> list[tuple[BatchItem, Ticket | None, datetime | None]]:
    """What came back, was lost before it was wiped and so ends in its incident, told to whoever may read that; and when
    it was found, where that was after the batch was closed."""
    items = batch.items.visible_to(person).filter(LOST_SINCE).select_related(*READ).order_by("pk")
    keys = {item.incident_id for item in items if item.incident_id}
    incidents = Ticket.objects.visible_to(person).in_bulk(keys) if keys else {}
    assets = [item.asset_id for item in items if item.asset.state not in LOST]
    finds = Change.objects.filter(kind=Asset._meta.label_lower, move="find", object_id__in=assets)
    found = dict(finds.order_by("pk").values_list("object_id", "change_set__at"))
    return [(item, incidents.get(item.incident_id), found.get(item.asset_id)) for item in items]


def moves_from(
    person, batch: Batch, counts: Counts, state: str
) -> tuple[dict[str, ItemMove], frozenset[int]]:
    """The moves from a state that the person may make of items in it, many at once, and at which councils any of
    them."""
    mine, theirs = _all_moves_from(person, batch, counts, state)
    return {name: step for name, step in mine.items() if name not in ONE_BY_ONE}, theirs


def _all_moves_from(
    person, batch: Batch, counts: Counts, state: str
) -> tuple[dict[str, ItemMove], frozenset[int]]:
    """Those that are made one by one among them."""
    possible = {
        name: step
        for name, step in ITEM_MOVES.items()
        if state in step.sources and batch.state in step.batch_states and not step.is_consigned
    }
    reached = {name: councils_of(person, step.permission) for name, step in possible.items()}
    here = {tally.council for tally in counts.tallies if tally.state == state}
    mine = {name: step for name, step in possible.items() if reached[name] & here}
    theirs = frozenset().union(*(reached[name] & here for name in mine)) if mine else frozenset()
    return mine, theirs
