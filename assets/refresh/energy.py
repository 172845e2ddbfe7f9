"""What things use in a year, what that costs, the carbon of it and of making them. No database.

Nothing is rounded before the end: kWh at the tenth, pounds and kgCO2e at the hundredth. What a cloud uses for what has
moved to it is in no figure here, and pages say so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from assets.refresh.forecast import FIRST_MONTH, PENNY, TENTH, half_up

HOURS_OF_A_YEAR = 8760
TARIFF, PUE = Decimal("0.25"), Decimal("1.70")
"""Pounds a kWh, and what an old machine room uses beside its equipment, where nothing else is said."""
FACTOR, FACTOR_YEAR = Decimal("0.17700"), 2025
"""kgCO2e a kWh of UK generation, and the year whose factor that is: the last that was read at its source."""


class Use(NamedTuple):
    """Energy of a year with what it costs and its carbon; less than nothing where more is used than before."""

    kwh: Decimal
    gbp: Decimal
    kgco2e: Decimal


@dataclass(frozen=True)
class Swap:
    """So many things of one kind, what each uses in a year, and what takes its place.

    What is not known is None. What it uses in the cloud, once it goes `to_cloud`, is in no figure; what is `retired`
    has nothing in its place. `pue` and `tariff`, in pounds a kWh, are those of the place, and count for the old thing
    and the new. `embodied` is of one new thing.
    """

    count: int
    old_kwh: Decimal | None
    new_kwh: Decimal | None = None
    embodied: Decimal | None = None
    pue: Decimal = Decimal(1)
    tariff: Decimal = TARIFF
    to_cloud: bool = False
    retired: bool = False


@dataclass(frozen=True)
class Energy:
    """What many swaps change in a year.

    `saved` adds up those that use less than before, `added` those that use more, `net` is the one less the other.
    `embodied` is the kgCO2e of making the new things, of as many as it is known of. `cloud` counts the things whose use
    in the cloud is not included, `unknown` those of which no use is known: they are in no figure.
    """

    saved: Use
    added: Use
    net: Use
    embodied: Decimal
    payback_years: Decimal | None
    cloud: int
    unknown: int
    without_embodied: int


class Effects(NamedTuple):
    """Why the carbon of two years differs, in kgCO2e: by what we use, and by how electricity is made."""

    ours: Decimal
    factors: Decimal


def kwh_of(watts: Decimal) -> Decimal:
    """What runs day and night uses in a year."""
    return watts * HOURS_OF_A_YEAR / 1000


def yearly_kwh(own: Decimal | None, of_model: Decimal | None, watts: Decimal | None) -> Decimal | None:
    """What one uses in a year: as measured for it, else for its model, else by its watts."""
    if own is not None or of_model is not None:
        return own if own is not None else of_model
    return None if watts is None else kwh_of(watts)


def at_site(kwh: Decimal, pue: Decimal) -> Decimal:
    """What a machine room uses for equipment that itself uses so much."""
    return kwh * pue


def use_of(kwh: Decimal, tariff: Decimal, factor: Decimal) -> Use:
    """At so many pounds and so many kgCO2e a kWh."""
    return _use(kwh, kwh * tariff, factor)


def saved(count: int, old_kwh: Decimal, new_kwh: Decimal, tariff: Decimal, factor: Decimal) -> Use:
    """What so many new things in the place of old ones save in a year."""
    return use_of(count * (old_kwh - new_kwh), tariff, factor)


def energy_of(swaps: Iterable[Swap], factor: Decimal) -> Energy:
    """What all of them together change, each at its tariff, and at so many kgCO2e a kWh.

    A payback is told where what all new things were made with is known, and all of them together save.
    """
    less = more = less_gbp = more_gbp = embodied = Decimal(0)
    cloud = unknown = without_embodied = 0
    for swap in swaps:
        gone = swap.to_cloud or swap.retired
        cloud += swap.count * swap.to_cloud
        if not gone and swap.embodied is None:
            without_embodied += swap.count
        embodied += swap.count * ((not gone and swap.embodied) or Decimal(0))
        new = _afterwards(swap)
        if swap.old_kwh is None or new is None:
            unknown += swap.count
            continue
        change = swap.count * at_site(swap.old_kwh - new, swap.pue)
        if change > 0:
            less, less_gbp = less + change, less_gbp + change * swap.tariff
        else:
            more, more_gbp = more - change, more_gbp - change * swap.tariff
    known = not unknown and not without_embodied
    return Energy(
        _use(less, less_gbp, factor),
        _use(more, more_gbp, factor),
        _use(less - more, less_gbp - more_gbp, factor),
        half_up(embodied),
        payback_years(embodied, less - more, factor) if known else None,
        cloud,
        unknown,
        without_embodied,
    )


def used_by(swaps: Iterable[Swap]) -> tuple[Decimal, Decimal]:
    """What the old things use in a year, and what takes their place: of those of which both are known."""
    old = new = Decimal(0)
    for swap in swaps:
        then = _afterwards(swap)
        if swap.old_kwh is not None and then is not None:
            old += swap.count * at_site(swap.old_kwh, swap.pue)
            new += swap.count * at_site(then, swap.pue)
    return old, new


def _afterwards(swap: Swap) -> Decimal | None:
    """What is used in the place of one, as far as it is known: nothing where nothing stands there any more."""
    return Decimal(0) if swap.to_cloud or swap.retired else swap.new_kwh


def payback_years(embodied: Decimal, kwh_saved: Decimal, factor: Decimal) -> Decimal | None:
    """After how many years what was used to make new things is made good by what they save; None where it never is."""
    yearly = kwh_saved * factor
    return half_up(embodied / yearly, TENTH) if yearly > 0 else None


def keeping_one_more_year(
    old_kwh: Decimal, new_kwh: Decimal, embodied: Decimal, months: int, factor: Decimal
) -> Decimal:
    """The kgCO2e that keeping an old thing for a year more saves: the year's share of making a new one that lasts so
    many months, less what the old one uses more. Less than nothing where replacing is better."""
    return half_up(embodied * 12 / months - (old_kwh - new_kwh) * factor, PENNY)


def effects(old_kwh: Decimal, new_kwh: Decimal, old_factor: Decimal, new_factor: Decimal) -> Effects:
    """The two add up to the change: our use at the old factor, and the factor's change on what we use now."""
    return Effects(half_up((new_kwh - old_kwh) * old_factor), half_up(new_kwh * (new_factor - old_factor)))


def factor_year(financial_year: int) -> int:
    """The calendar year whose factors count for the financial year that begins in `financial_year`: it holds most of
    it."""
    return financial_year


class Factor(NamedTuple):
    """kgCO2e a kWh, and the calendar year whose factor that is."""

    year: int
    value: Decimal


def factor_before(year: int, known: Mapping[int, Decimal]) -> Factor | None:
    """The latest factor that is known of a year before."""
    earlier = [one for one in known if one < year]
    return Factor(max(earlier), known[max(earlier)]) if earlier else None


def factor_for(financial_year: int, known: Mapping[int, Decimal]) -> Factor:
    """The factor that counts for a financial year: of its own year, else of the latest before that is known."""
    earlier = [year for year in known if year <= factor_year(financial_year)]
    return Factor(max(earlier), known[max(earlier)]) if earlier else Factor(FACTOR_YEAR, FACTOR)


class Span(NamedTuple):
    """From when until when a value counts, both days among them; without an end it still does."""

    starts: date
    ends: date | None
    value: Decimal


def on_day(day: date, layers: Iterable[Sequence[Span]], default: Decimal) -> Decimal:
    """The value of the first layer that has one on the day."""
    for spans in layers:
        for span in spans:
            if span.starts <= day and (span.ends is None or day <= span.ends):
                return span.value
    return default


def over_year(financial_year: int, layers: Sequence[Sequence[Span]], default: Decimal) -> Decimal:
    """What counts on the average day of a financial year: what changes within it counts for its days."""
    first, after = date(financial_year, FIRST_MONTH, 1), date(financial_year + 1, FIRST_MONTH, 1)
    changes = {first, after}
    for span in (span for spans in layers for span in spans):
        changes |= {span.starts} | (
            {span.ends + timedelta(days=1)} if span.ends and span.ends < after else set()
        )
    cuts = sorted(day for day in changes if first <= day <= after)
    parts = (on_day(one, layers, default) * (other - one).days for one, other in pairwise(cuts))
    return sum(parts, Decimal(0)) / (after - first).days


def _use(kwh: Decimal, gbp: Decimal, factor: Decimal) -> Use:
    return Use(half_up(kwh, TENTH), half_up(gbp), half_up(kwh * factor))
