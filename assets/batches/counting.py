"""Where batches stand, counted from their items: one question to the database, and sums that always hold."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Q

from assets.batches.models import Batch, BatchItem
from assets.batches.states import ITEM_ENDS, BatchState, ItemState, Outcome
from assets.refresh.forecast import TENTH, half_up
from assets.register.lifecycle import AssetState

WIPED = ("sanitised", "redeployed", "donated", "sold", "recycled")
BACK = ("returned", "sanitise_failed", "destroyed", *WIPED)
SWAPPED = ("swapped", "lost", *BACK)
ALLOCATED = ("allocated", "scheduled", "no_show", *SWAPPED)
CHOSEN = ("confirmed", "deferred", *ALLOCATED)
"""States by how far items in them have come: each holds what follows it, so that they overlap."""
COSTS_DISPOSAL = ("destroyed", "sold", "recycled")
LOST = (AssetState.LOST_STOLEN, AssetState.WRITTEN_OFF)
LOST_SINCE = Q(state="returned") & (Q(asset__state__in=LOST) | Q(batch__state=BatchState.CLOSED))
"""Items that came back and whose asset was lost before it was wiped. Nothing else lets a batch close over one that only
came back, so that in a closed one it stays so whatever becomes of the asset."""


class Tally(NamedTuple):
    """How many items of a council and category, with one outcome, are in a state; `first` were swapped at once, and
    `gone` came back and were lost since."""

    batch: int
    council: int
    category: str
    outcome: str
    state: str
    number: int
    first: int = 0
    gone: int = 0


@dataclass(frozen=True)
class Counts:
    """Tallies of one batch, or of one council's part of it."""

    tallies: tuple[Tally, ...]

    def of(self, *states: str, wanted: Callable[[Tally], bool] = lambda tally: True) -> int:
        return sum(tally.number for tally in self.tallies if tally.state in states and wanted(tally))

    def part(self, wanted: Callable[[Tally], bool]) -> "Counts":
        return Counts(tuple(tally for tally in self.tallies if wanted(tally)))

    @property
    def matched(self) -> int:
        return sum(tally.number for tally in self.tallies)

    @property
    def candidates(self) -> int:
        return self.of("candidate")

    @property
    def excluded(self) -> int:
        return self.of("excluded")

    @property
    def confirmed(self) -> int:
        """So far, without what was excluded later."""
        return self.of(*CHOSEN)

    @property
    def deferred(self) -> int:
        return self.of("deferred")

    @property
    def allocated(self) -> int:
        return self.of(*ALLOCATED)

    @property
    def swapped(self) -> int:
        return self.of(*SWAPPED)

    @property
    def replaced(self) -> int:
        """Those swapped for a new one."""
        return self.of(*SWAPPED, wanted=lambda tally: tally.outcome == Outcome.REPLACE)

    @property
    def first_time(self) -> int:
        return sum(tally.first for tally in self.tallies if tally.state in SWAPPED)

    @property
    def returned(self) -> int:
        return self.of(*BACK)

    @property
    def lost(self) -> int:
        return self.of("lost")

    @property
    def sanitised(self) -> int:
        return self.of(*WIPED)

    @property
    def destroyed(self) -> int:
        return self.of("destroyed")

    @property
    def certified(self) -> int:
        """Wiped or destroyed, each with its certificate."""
        return self.sanitised + self.destroyed

    @property
    def lost_since(self) -> int:
        """Came back, and were lost before they were wiped: no move leads on, and their end is their incident."""
        return sum(tally.gone for tally in self.tallies)

    @property
    def ended(self) -> int:
        return self.of(*ITEM_ENDS) + self.lost_since

    def waiting_in(self, state: str) -> int:
        """How many in a state have not ended."""
        return sum(tally.number - tally.gone for tally in self.tallies if tally.state == state)

    @property
    def open(self) -> int:
        return self.matched - self.ended

    @property
    def first_time_rate(self) -> Decimal | None:
        return _rate(self.first_time, self.swapped)

    @property
    def return_rate(self) -> Decimal | None:
        return _rate(self.returned, self.swapped)

    @property
    def by_state(self) -> dict[str, int]:
        """Each state that some item is in, in the order of the way."""
        found = {state.value: self.of(state) for state in ItemState}
        return {state: count for state, count in found.items() if count}

    @property
    def outcomes(self) -> dict[str, int]:
        return {state: self.of(state) for state in ITEM_ENDS if self.of(state)}


def tallies_of(batches: Iterable[Batch]) -> dict[int, Counts]:
    """The counts of each batch, however many, in one question."""
    keys = [batch.pk for batch in batches]
    rows = BatchItem.objects.filter(batch__in=keys).order_by()
    grouped = rows.values_list("batch", "council", "category", "outcome", "state").annotate(
        number=Count("pk"), first=Count("pk", filter=Q(attempts=1)), gone=Count("pk", filter=LOST_SINCE)
    )
    found: dict[int, list[Tally]] = {key: [] for key in keys}
    for row in grouped:
        found[row[0]].append(Tally(*row))
    return {key: Counts(tuple(tallies)) for key, tallies in found.items()}


def counts_of(batch: Batch) -> Counts:
    return tallies_of([batch])[batch.pk]


def _rate(part: int, whole: int) -> Decimal | None:
    """In per cent, to the tenth."""
    return half_up(Decimal(part * 100) / whole, TENTH) if whole else None
