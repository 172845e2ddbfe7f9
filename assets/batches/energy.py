"""What the swaps of batches change in a year, by council: planned while a batch runs, and frozen when it is closed.

Energy and carbon are no secret between councils; what they cost is, as all money. What is not known is in no figure and
said by name, and nothing unknown is told as zero.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from assets.batches.counting import CHOSEN, SWAPPED
from assets.batches.models import Batch, BatchCouncil, BatchItem
from assets.batches.states import BatchState, Outcome
from assets.refresh.energy import FACTOR, FACTOR_YEAR, Effects, Energy, Swap, Use, effects, energy_of, used_by
from assets.refresh.energy_tables import ROOMS, assumed
from assets.refresh.estate_energy import Assumptions
from assets.refresh.forecast import TENTH, half_up, year_of
from assets.refresh.using import SOURCES, Catalogue, Known, Source
from servicedesk import wording
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission

PLANNED = tuple(state for state in CHOSEN if state != "deferred")
NOTHING = Use(Decimal("0.0"), Decimal("0.00"), Decimal("0.00"))
OF_MODEL = ("manufacturer__name", "name", "annual_kwh", "watts", "embodied_kgco2e")
KWH = ("annual_kwh_override", "category", *(f"model__{name}" for name in OF_MODEL))
COLUMNS: tuple[Any, ...] = (
    *("batch", "council", Coalesce("stood_at", "asset__site"), "outcome", "replacement"),
    *(f"asset__{name}" for name in KWH),
    *(f"replacement__{name}" for name in KWH),
    *(f"asset__model__replacement_model__{name}" for name in ("category", *OF_MODEL)),
)


class Device(NamedTuple):
    """An old thing, a new one, or the model that takes an old one's place."""

    own: Decimal | None
    category: str | None
    maker: str | None
    model: str | None
    annual: Decimal | None
    watts: Decimal | None
    embodied: Decimal | None

    @property
    def called(self) -> str:
        return f"{self.maker} {self.model}" if self.model else f"{self.category}, model not known"

    def uses(self, catalogue: Catalogue) -> Known:
        return catalogue.of(self.category or "", self.own, self.annual, self.watts)


class Pair(NamedTuple):
    """What one item lets go of, and what takes its place: None where nothing does, or nobody knows yet what.

    Both are reckoned at the site where the old one stands, or stood when it was swapped: there the new one takes its
    place, whatever store the old one is in now, and wherever people came to have it swapped.
    """

    council: int
    site: int | None
    outcome: str
    old: Device
    new: Device | None

    @property
    def devices(self) -> list[Device]:
        return [self.old, self.new] if self.new else [self.old]

    @property
    def called(self) -> str:
        """What goes and what comes, in words."""
        if self.outcome == Outcome.REPLACE:
            return f"{self.old.called} → {self.new.called if self.new else 'not chosen yet'}"
        return f"{self.old.called}, {Outcome(self.outcome).label.lower()}"

    @property
    def unchosen(self) -> bool:
        return self.outcome == Outcome.REPLACE and self.new is None

    def swap(self, count: int, catalogue: Catalogue, rates: Assumptions) -> Swap:
        return Swap(
            count,
            self.old.uses(catalogue).kwh,
            self.new.uses(catalogue).kwh if self.new else None,
            self.new.embodied if self.new else None,
            rates.pue(self.council, self.site, self.old.category or ""),
            rates.pounds(self.council, self.site),
            self.outcome == Outcome.RETIRE_TO_CLOUD,
            self.outcome == Outcome.RETIRE,
        )


@dataclass(frozen=True)
class Figures:
    """One council's part of a batch: its swaps, of what no figure is known, and at which carbon a kWh.

    `unchosen` counts those of which nobody has said yet what takes their place; `sources` counts the old and new
    things by where their figure is from; `names` says of each swap what goes and what comes.
    """

    swaps: tuple[Swap, ...] = ()
    unknown: tuple[str, ...] = ()
    without_embodied: tuple[str, ...] = ()
    unchosen: int = 0
    sources: tuple[tuple[str, int], ...] = ()
    factor: Decimal = FACTOR
    factor_year: int = FACTOR_YEAR
    before: Decimal | None = None
    before_year: int | None = None
    names: tuple[str, ...] = ()

    @cached_property
    def energy(self) -> Energy:
        return energy_of(self.swaps, self.factor)

    @property
    def effects(self) -> Effects | None:
        """What comes of our devices and what of how electricity is made, since the factor before; None where none is
        known."""
        return None if self.before is None else effects(*used_by(self.swaps), self.before, self.factor)

    @property
    def number(self) -> int:
        return sum(swap.count for swap in self.swaps)

    @property
    def replaced(self) -> int:
        return sum(swap.count for swap in self.swaps if not (swap.to_cloud or swap.retired))

    def kept(self) -> dict[str, Any]:
        """As a closed batch keeps it: `remembered` makes the same of it again."""
        swaps = [{one.name: _told(getattr(swap, one.name)) for one in fields(swap)} for swap in self.swaps]
        mine = {one.name: _told(getattr(self, one.name)) for one in fields(self)}
        return {**mine, "swaps": swaps}


@dataclass(frozen=True)
class Row:
    """Of one council, or of all together where `council` is None. £ are for whoever sees the money of all in it."""

    council: Council | None
    parts: tuple[Figures, ...]
    sees_money: bool

    @cached_property
    def energies(self) -> list[Energy]:
        return [part.energy for part in self.parts]

    @property
    def known(self) -> bool:
        return sum(part.number - part.energy.unknown for part in self.parts) > 0

    @property
    def saved(self) -> Use:
        return _sum(one.saved for one in self.energies)

    @property
    def added(self) -> Use:
        return _sum(one.added for one in self.energies)

    @property
    def net(self) -> Use:
        return _sum(one.net for one in self.energies)

    @property
    def replaced(self) -> int:
        return sum(part.replaced for part in self.parts)

    @property
    def embodied(self) -> Decimal | None:
        """Of as many new things as it is known of; None where it is known of none."""
        if self.replaced == sum(one.without_embodied for one in self.energies):
            return None
        return sum((one.embodied for one in self.energies), Decimal("0.00"))

    @property
    def effects(self) -> Effects | None:
        """Of all parts; None where for one of them no factor before is known, or no use at all."""
        found = [part.effects for part in self.parts]
        if not self.known or None in found:
            return None
        ours, factors = zip(*(one for one in found if one), strict=True)
        return Effects(sum(ours, Decimal("0.00")), sum(factors, Decimal("0.00")))

    @property
    def unknown(self) -> int:
        return sum(one.unknown for one in self.energies)

    @property
    def cloud(self) -> int:
        return sum(one.cloud for one in self.energies)

    @property
    def complete(self) -> bool:
        """Whether all is known that a payback needs."""
        return not self.unknown and not any(one.without_embodied for one in self.energies)

    @property
    def payback_years(self) -> Decimal | None:
        if not self.complete or self.embodied is None or self.net.kgco2e <= 0:
            return None
        return half_up(self.embodied / self.net.kgco2e, TENTH)


@dataclass(frozen=True)
class Table:
    """The rows of all councils and of all together, with what is in no figure of them, and `notes` on what they are
    reckoned with."""

    rows: list[Row]
    notes: list[str]

    @property
    def parts(self) -> list[Figures]:
        return [part for row in self.rows if row.council for part in row.parts]

    @property
    def unknown(self) -> list[str]:
        return sorted({name for part in self.parts for name in part.unknown})

    @property
    def without_embodied(self) -> list[str]:
        return sorted({name for part in self.parts for name in part.without_embodied})

    @property
    def unchosen(self) -> int:
        return sum(part.unchosen for part in self.parts)

    @property
    def cloud(self) -> int:
        return sum(part.energy.cloud for part in self.parts)

    @property
    def sources(self) -> dict[str, int]:
        found = Counter[str]()
        for part in self.parts:
            found.update(dict(part.sources))
        return {words: found[source] for source, words in SOURCES.items() if found[source]}


def figures_of(
    batches: Iterable[Batch], rates: Assumptions, *, swapped: bool = False
) -> dict[tuple[int, int], Figures]:
    """By batch and council: as closed batches keep them, else as items, models and rates are now; only of what has been
    `swapped`, or of all that is planned. What is retired saves all that it used."""
    batches = list(batches)
    frozen = {
        (part.batch_id, part.council_id): remembered(part.energy)
        for part in BatchCouncil.objects.filter(batch__in=[batch.pk for batch in batches])
        if part.energy is not None
    }
    wanted = Q(state__in=SWAPPED)
    if not swapped:
        wanted |= Q(state__in=PLANNED) & ~Q(batch__state=BatchState.CLOSED)
    items = BatchItem.objects.filter(wanted, batch__in=[batch.pk for batch in batches]).order_by("pk")
    rows = items.exclude(outcome=Outcome.EXTEND).values_list(*COLUMNS)
    found: defaultdict[tuple[int, int], list[Pair]] = defaultdict(list)
    for row in rows:
        if row[:2] not in frozen:
            found[row[:2]].append(_pair(row))
    catalogue = Catalogue()
    return {key: _figures(mine, catalogue, rates) for key, mine in found.items()} | frozen


def table_of(
    person, batches: Iterable[Batch], councils: Collection[Council], today: date | None = None
) -> Table:
    """What batches change, by council and together, as the person may read it."""
    batches, mine = list(batches), councils_of(person, Permission.SEE_ASSET_MONEY)
    rates = Assumptions(year_of(today or timezone.localdate()), frozenset(council.pk for council in councils))
    found = figures_of(batches, rates)
    rows = []
    for council in sorted(councils, key=lambda one: one.code):
        parts = tuple(part for (_, of), part in sorted(found.items()) if of == council.pk)
        if any(part.number for part in parts):
            rows.append(Row(council, parts, council.pk in mine))
    notes = _notes(batches, found, rates, [row.council for row in rows if row.council], mine)
    notes += _at_the_present_site(batches, councils)
    if len(rows) > 1:
        whole = tuple(part for row in rows for part in row.parts)
        rows.append(Row(None, whole, all(row.sees_money for row in rows)))
    return Table(rows, notes)


def _notes(
    batches: list[Batch],
    found: dict[tuple[int, int], Figures],
    rates: Assumptions,
    councils: list[Council],
    money: Collection[int],
) -> list[str]:
    """With what closed batches were reckoned for good, and the others are now."""
    closed = {batch.pk for batch in batches if batch.state == BatchState.CLOSED}
    kept = {(part.factor_year, part.factor) for (batch, _), part in found.items() if batch in closed}
    notes = [
        f"What is closed keeps {factor.normalize()} kgCO2e a kWh, the factor of {year}."
        for year, factor in sorted(kept)
    ]
    if len(closed) < len(batches):
        notes += assumed(rates, councils, money)
    compared = {
        (part.before_year, part.before, part.factor_year, part.factor)
        for part in found.values()
        if part.before_year is not None and part.before is not None
    }
    notes += [
        f"A kWh was made with {before.normalize()} kgCO2e in {earlier}, and with {factor.normalize()} in {year}."
        for earlier, before, year, factor in sorted(compared)
    ]
    if any(swap.pue != 1 for part in found.values() for swap in part.swaps):
        notes.append(ROOMS)
    return notes


def _at_the_present_site(batches: list[Batch], councils: Collection[Council]) -> list[str]:
    """Of how many swapped ones nobody wrote down where they stood, so that where they are now counts."""
    going_on = [batch.pk for batch in batches if batch.state != BatchState.CLOSED]
    swapped = BatchItem.objects.filter(batch__in=going_on, council__in=councils, state__in=SWAPPED)
    number = swapped.filter(stood_at=None, asset__site__isnull=False).count()
    if not number:
        return []
    return [
        f"Where {wording.counted(number, 'asset')} stood before the swap is not written down: reckoned at the site "
        f"where {'it is' if number == 1 else 'they are'} now."
    ]


def remembered(kept: dict[str, Any]) -> Figures:
    """What a closed batch keeps, as it was."""
    swaps = tuple(Swap(**{name: _read(value) for name, value in swap.items()}) for swap in kept["swaps"])
    return Figures(
        swaps,
        tuple(kept["unknown"]),
        tuple(kept["without_embodied"]),
        kept["unchosen"],
        tuple((source, number) for source, number in kept["sources"]),
        Decimal(kept["factor"]),
        kept["factor_year"],
        _read(kept.get("before")),
        kept.get("before_year"),
        tuple(kept.get("names", ())),
    )


def _pair(row: tuple) -> Pair:
    """The old one, and what takes its place: the one that is allocated, else the model that replaces its model."""
    _, council, site, outcome, replacement, *devices = row
    old, new, chosen = devices[: len(KWH)], devices[len(KWH) : 2 * len(KWH)], devices[2 * len(KWH) :]
    successor = None
    if outcome == Outcome.REPLACE and replacement:
        successor = Device(*new)
    elif outcome == Outcome.REPLACE and chosen[0]:
        successor = Device(None, *chosen)
    return Pair(council, site, outcome, Device(*old), successor)


def _figures(pairs: list[Pair], catalogue: Catalogue, rates: Assumptions) -> Figures:
    devices = Counter(device for pair in pairs for device in pair.devices)
    sources = Counter[Source]()
    for device, number in devices.items():
        sources[device.uses(catalogue).source] += number
    unknown = {one.called for one in devices if one.uses(catalogue).source == Source.UNKNOWN}
    return Figures(
        tuple(pair.swap(number, catalogue, rates) for pair, number in Counter(pairs).items()),
        tuple(sorted(unknown)),
        tuple(sorted({pair.new.called for pair in pairs if pair.new and pair.new.embodied is None})),
        sum(pair.unchosen for pair in pairs),
        tuple(sorted((source, number) for source, number in sources.items() if source != Source.UNKNOWN)),
        rates.factor.value,
        rates.factor.year,
        rates.before.value if rates.before else None,
        rates.before.year if rates.before else None,
        tuple(pair.called for pair in Counter(pairs)),
    )


def _sum(uses: Iterable[Use]) -> Use:
    found = list(uses)
    return Use(*(sum((use[place] for use in found), zero) for place, zero in enumerate(NOTHING)))


def _told(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value


def _read(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) else value
