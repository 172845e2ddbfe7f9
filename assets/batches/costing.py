"""What a batch costs each council: as planned, as it stands now, and how far the two are apart. No database in it.

Each sum is of one council. Whether sums of several may be added up, who is told them decides.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from assets.batches.counting import CHOSEN, COSTS_DISPOSAL, Counts
from assets.batches.models import BatchLine
from assets.batches.states import Outcome
from assets.batches.supply import NONE, NOTHING, Supplies
from assets.refresh.forecast import half_up

RETIRED = (Outcome.RETIRE, Outcome.RETIRE_TO_CLOUD)


@dataclass(frozen=True)
class Actual:
    """What it has cost so far, part by part."""

    purchase: Decimal
    deploy: Decimal
    disposal: Decimal
    income: Decimal

    @property
    def total(self) -> Decimal:
        return self.purchase + self.deploy + self.disposal - self.income


@dataclass(frozen=True)
class Variance:
    """How far what it cost is from what was approved: less than nothing where it cost less."""

    gbp: Decimal
    percent: Decimal | None


def new_ones(line: BatchLine, counts: Counts) -> int:
    """How many new ones are needed: one for each that is replaced and not put off, and the spares."""
    return _to_do(line, counts, (Outcome.REPLACE,)) + line.spares


def is_priced(line: BatchLine, counts: Counts) -> bool:
    return line.purchase is not None or not new_ones(line, counts)


def planned(lines: Iterable[BatchLine], counts: Counts, supplies: Supplies) -> Decimal:
    """What the lines of one council cost as they are planned: all that is confirmed and not put off, and spares. What
    is ordered already, or on a draft, costs what its order says."""
    return sum((_planned(line, counts, supplies) for line in lines), NOTHING)


def _planned(line: BatchLine, counts: Counts, supplies: Supplies) -> Decimal:
    replaced = _to_do(line, counts, (Outcome.REPLACE,))
    leaving = replaced + _to_do(line, counts, RETIRED)
    supply = supplies.get(line.pk, NONE)
    missing = max(new_ones(line, counts) - supply.written, 0)
    bought = supply.written_value + missing * (line.purchase or NOTHING)
    return bought + replaced * line.deploy + leaving * (line.disposal - line.residual)


def actual(lines: Iterable[BatchLine], counts: Counts, supplies: Supplies, income: Decimal) -> Actual:
    """What one council has paid so far: its orders, what was put in place and disposed of, less what was sold."""
    purchase = deploy = disposal = NOTHING
    for line in lines:
        mine = counts.part(
            lambda tally, line=line: (  # type: ignore[misc]
                (tally.council, tally.category) == (line.council_id, line.category)
            )
        )
        purchase += supplies.get(line.pk, NONE).value
        deploy += mine.replaced * line.deploy
        disposal += mine.of(*COSTS_DISPOSAL) * line.disposal
    return Actual(purchase, deploy, disposal, income)


def variance(actual: Decimal, approved: Decimal) -> Variance:
    """In pounds and, to the hundredth, in per cent."""
    percent = half_up((actual - approved) * 100 / approved) if approved else None
    return Variance(actual - approved, percent)


def most(approved: Decimal, tolerance_percent: int) -> Decimal:
    """The most that what was approved covers, within the tolerance. What brings more than it costs is less than
    nothing, and the tolerance goes upwards all the same."""
    return approved + abs(approved) * tolerance_percent / 100


def covers(approved: Decimal | None, cost: Decimal, tolerance_percent: int) -> bool:
    """Whether what was approved still covers a cost, within the tolerance."""
    return approved is not None and cost <= most(approved, tolerance_percent)


def added(sums: Mapping[int, Decimal], councils: Iterable[int]) -> Decimal:
    """The sums of some councils together."""
    return sum((sums[council] for council in councils if council in sums), NOTHING)


def _to_do(line: BatchLine, counts: Counts, outcomes: Iterable[str]) -> int:
    kinds, states = tuple(outcomes), tuple(state for state in CHOSEN if state != "deferred")
    return counts.of(
        *states,
        wanted=lambda tally: (
            tally.outcome in kinds and (tally.council, tally.category) == (line.council_id, line.category)
        ),
    )


def paying(lines: Iterable[BatchLine], counts: Counts) -> set[int]:
    """The councils that pay for something: those with confirmed assets, and those with spares."""
    chosen = {tally.council for tally in counts.tallies if tally.state in CHOSEN}
    return chosen | {line.council_id for line in lines if line.spares}
