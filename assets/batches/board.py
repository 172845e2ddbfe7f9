"""The board of a batch: its items by state, with the moves that the reader may make of them."""

from typing import NamedTuple

from django.db.models import Count

from assets.batches.counting import Counts
from assets.batches.items import RELATED
from assets.batches.models import Batch, BatchItem
from assets.batches.states import ITEM_MOVES, ItemMove, ItemState
from servicedesk.people.access import councils_of

SHOWN_IN_A_STATE, MOST_SHOWN = 25, 500
ONE_BY_ONE = ("swap",)
"""What is scanned and signed for: never of many at once."""


class Column(NamedTuple):
    """A state with how many items are in it, the first of them that the person may see, how many more they may see and
    how many they may not, and the moves for whoever may make them."""

    state: str
    words: str
    number: int
    items: list[BatchItem]
    more: int
    hidden: int
    moves: dict[str, ItemMove]
    theirs: frozenset[int]


def columns_of(person, batch: Batch, counts: Counts, wanted: str = "") -> list[Column]:
    """Each state that some item is in, in the order of the way; of the `wanted` one as many as a page holds."""
    found = []
    seen = batch.items.visible_to(person)
    tally = dict(seen.order_by().values_list("state").annotate(Count("pk")))
    for state, count in counts.by_state.items():
        if wanted and wanted != state:
            continue
        most = MOST_SHOWN if wanted else SHOWN_IN_A_STATE
        rows = seen.select_related(*RELATED).filter(state=state).order_by("council__code", "pk")
        items, visible = list(rows[:most]), tally.get(state, 0)
        moves, theirs = moves_from(person, batch, state)
        more, hidden = visible - len(items), count - visible
        found.append(Column(state, ItemState(state).label, count, items, more, hidden, moves, theirs))
    return found


def moves_from(person, batch: Batch, state: str) -> tuple[dict[str, ItemMove], frozenset[int]]:
    """The moves from a state that the person may make of many at once, and at which councils any of them."""
    possible = {
        name: step
        for name, step in ITEM_MOVES.items()
        if state in step.sources and batch.state in step.batch_states
    }
    reached = {name: councils_of(person, step.permission) for name, step in possible.items()}
    here = {part.council_id for part in batch.paying.all()}
    mine = {name: step for name, step in possible.items() if reached[name] & here}
    theirs = frozenset().union(*(reached[name] & here for name in mine)) if mine else frozenset()
    return {name: step for name, step in mine.items() if name not in ONE_BY_ONE}, theirs
