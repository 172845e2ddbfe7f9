"""Where batches stand: how far each has come, what it waits for and with whom, and what it costs whom the reader may
know of. All of it is counted from items and lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from assets.batches.approving import Approval, approvals_of
from assets.batches.costing import NOTHING, Actual, Variance, actual, new_ones, planned, variance
from assets.batches.counting import Counts, tallies_of
from assets.batches.income import income_of
from assets.batches.models import Batch, BatchCouncil, BatchLine
from assets.batches.states import BATCH_ENDS, BatchState
from assets.batches.supply import Supply, supplies_of
from assets.batches.supply import together as supplied
from servicedesk import wording
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission

PLANNERS, APPROVERS, DESK, SUPPLIER = "the asset manager", "the budget approver", "the desk", "the supplier"
WAITS: dict[str, tuple[str, str]] = {
    "confirmed": ("to be given a replacement", PLANNERS),
    "allocated": ("to be swapped", DESK),
    "no_show": ("did not come: make another appointment", DESK),
    "scheduled": ("to be swapped by appointment", DESK),
    "swapped": ("swapped, and the old one is not back yet", DESK),
    "returned": ("to be wiped", DESK),
    "sanitise_failed": ("could not be wiped: to be destroyed", PLANNERS),
    "sanitised": ("wiped: to be sold, donated, recycled or put back into stock", PLANNERS),
}
"""What items of a batch under way wait for, by their state, and with whom."""


class Waiting(NamedTuple):
    """What a batch waits for, in words, and with whom; where items of one state wait, which."""

    words: str
    who: str
    state: str = ""


class Money(NamedTuple):
    """What its part costs one council, as far as it is known."""

    council: Council
    planned: Decimal
    approved: Decimal | None
    actual: Actual
    total: Decimal
    variance: Variance | None


@dataclass(frozen=True)
class Standing:
    """Where one batch stands."""

    batch: Batch
    counts: Counts
    lines: list[BatchLine]
    supplies: dict[int, Supply]

    @cached_property
    def supply(self) -> Supply:
        return supplied(self.supplies.values())

    def supply_for(self, line: BatchLine) -> Supply:
        return self.supplies.get(line.pk, Supply())

    @cached_property
    def wanted(self) -> int:
        """How many new devices it needs."""
        return sum(new_ones(line, self.counts) for line in self.lines)

    @cached_property
    def approvals(self) -> list[Approval]:
        return approvals_of(self.batch, self.counts, self.supplies)

    @property
    def parts(self) -> list[tuple[str, int, int]]:
        """How far it has come, each as so many of so many; phases overlap."""
        counts, supply = self.counts, self.supply
        found = [
            ("reviewed", counts.matched - counts.candidates, counts.matched),
            ("received", supply.usable, supply.ordered),
            ("allocated", counts.allocated, counts.confirmed - counts.deferred),
            ("deployed", counts.swapped, counts.confirmed - counts.deferred),
            ("returned", counts.returned, counts.swapped),
            ("wiped or destroyed", counts.certified, counts.returned - counts.lost_since),
            ("ended", counts.ended, counts.matched),
        ]
        return [(words, part, whole) for words, part, whole in found if whole]

    @property
    def in_words(self) -> str:
        """10 of 26 received, 8 of 25 deployed"""
        drafted = self.batch.state == BatchState.DRAFT
        kept: tuple[str, ...] = ("reviewed",) if drafted else ("received", "deployed", "ended")
        return ", ".join(f"{part} of {whole} {words}" for words, part, whole in self.parts if words in kept)

    @cached_property
    def waiting(self) -> list[Waiting]:
        """What it waits for, the first thing first; nothing when it has ended."""
        if self.batch.state in BATCH_ENDS:
            return []
        unapproved = [one.council for one in self.approvals if not one.is_given]
        asked = self.batch.state not in (BatchState.DRAFT, BatchState.REJECTED)
        waits = [
            Waiting(f"approval of {council.name}", f"{APPROVERS} of {council.name}")
            for council in (unapproved if asked else [])
        ]
        return waits + _WAITING.get(self.batch.state, _nothing)(self)

    @property
    def stuck(self) -> Waiting | None:
        return self.waiting[0] if self.waiting else None


def standings_of(batches: Iterable[Batch]) -> list[Standing]:
    """Of many batches, each with its lines, orders, parts and approvals read together."""
    batches = list(batches)
    counts = tallies_of(batches)
    lines = {batch.pk: sorted(batch.lines.all(), key=lambda line: line.pk) for batch in batches}
    supplies = supplies_of(line for mine in lines.values() for line in mine)
    return [
        Standing(
            batch,
            counts[batch.pk],
            lines[batch.pk],
            {line.pk: supplies[line.pk] for line in lines[batch.pk] if line.pk in supplies},
        )
        for batch in batches
    ]


def money_of(person, standing: Standing) -> list[Money]:
    """What it costs each council whose money the person sees, and none other."""
    batch = standing.batch
    mine = councils_of(person, Permission.SEE_ASSET_MONEY)
    parts = [
        part
        for part in batch.paying.select_related("council").order_by("council__code")
        if part.council_id in mine
    ]
    income = income_of([batch])
    return [_money_of(part, standing, income.get((batch.pk, part.council_id), NOTHING)) for part in parts]


def money_together(person, standing: Standing, rows: list[Money]) -> Money | None:
    """All councils together, for whoever sees the money of each: from a sum nobody works out what they may not know."""
    councils = {part.council_id for part in standing.batch.paying.all()}
    if len(rows) < 2 or councils != {row.council.pk for row in rows}:
        return None
    approved = [row.approved for row in rows if row.approved is not None]
    total = sum((row.total for row in rows), NOTHING)
    whole = sum(approved, NOTHING) if len(approved) == len(rows) else None
    parts = Actual(
        *(sum((getattr(row.actual, name) for row in rows), NOTHING) for name in Actual.__annotations__)
    )
    return Money(
        rows[0].council,
        sum((row.planned for row in rows), NOTHING),
        whole,
        parts,
        total,
        variance(total, whole) if whole is not None else None,
    )


def _money_of(part: BatchCouncil, standing: Standing, income: Decimal) -> Money:
    counts, supplies = standing.counts, standing.supplies
    mine = [line for line in standing.lines if line.council_id == part.council_id]
    spent = actual(mine, counts, supplies, income)
    total = spent.total if part.actual is None else part.actual
    off = variance(total, part.approved) if part.approved is not None else None
    return Money(part.council, planned(mine, counts, supplies), part.approved, spent, total, off)


def _nothing(standing: Standing) -> list[Waiting]:
    return []


def _draft(standing: Standing) -> list[Waiting]:
    counts = standing.counts
    if counts.candidates:
        return [Waiting(f"{wording.counted(counts.candidates, 'asset')} to review", PLANNERS, "candidate")]
    return [Waiting("to be submitted for approval", str(standing.batch.owner))]


def _rejected(standing: Standing) -> list[Waiting]:
    return [Waiting("rejected: to be drafted again or cancelled", str(standing.batch.owner))]


def _approved(standing: Standing) -> list[Waiting]:
    supply = standing.supply
    if (missing := standing.wanted - supply.written) > 0:
        return [Waiting(f"{missing} to be ordered", str(standing.batch.owner)), *_placing(standing)]
    return _placing(standing) or [Waiting("to be begun", str(standing.batch.owner))]


def _ordered(standing: Standing) -> list[Waiting]:
    found = _placing(standing) + _deliveries(standing)
    return found or [Waiting("to be begun", str(standing.batch.owner))]


def _placing(standing: Standing) -> list[Waiting]:
    number = standing.supply.drafted
    return [Waiting(f"{number} on an order that is not placed yet", PLANNERS)] if number else []


def _under_way(standing: Standing) -> list[Waiting]:
    found = [
        Waiting(f"{number} {words}", who, state)
        for state, (words, who) in WAITS.items()
        if (number := standing.counts.waiting_in(state))
    ]
    ready = [] if standing.counts.open else [Waiting("to be closed", str(standing.batch.owner))]
    return found + _placing(standing) + _deliveries(standing) + ready


def _deliveries(standing: Standing) -> list[Waiting]:
    number = standing.supply.outstanding
    return [Waiting(f"{number} of {standing.supply.ordered} to be delivered", SUPPLIER)] if number else []


_WAITING = {
    "draft": _draft,
    "rejected": _rejected,
    "approved": _approved,
    "ordered": _ordered,
    "under_way": _under_way,
}
