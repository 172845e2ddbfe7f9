"""What the equipment in use uses in a year, what that costs and emits: counted by the database, multiplied here."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    Q,
    Value,
    When,
)
from django.db.models.functions import Round

from assets.refresh.energy import PUE, TARIFF, Factor, Span, factor_before, factor_for, kwh_of, over_year
from assets.refresh.models import ClosedYear, EnergyFactor, RoomOverhead, Tariff
from assets.refresh.using import SOURCES, Catalogue, Known, Source
from assets.register.lifecycle import TERMINAL, AssetState
from assets.register.models import Asset, Category

IN_USE = AssetState.IN_USE
"""Only what is in use uses energy: not what lies in a store."""
IN_A_ROOM = (Category.SERVER, Category.STORAGE)
"""What stands in a machine room, which uses more than its equipment does."""
OF_MODEL = ("model__annual_kwh", "model__watts")


class Figure(NamedTuple):
    """Of so many, of which so many are of no known use and in no sum. The cost is None to whoever may not know it."""

    number: int = 0
    unknown: int = 0
    kwh: Decimal = Decimal(0)
    kgco2e: Decimal = Decimal(0)
    cost: Decimal | None = Decimal(0)


def together(figures: Iterable[Figure]) -> Figure:
    """All of them; without a cost where that of one may not be known, so that it cannot be worked out."""
    found = Figure()
    for one in figures:
        cost = None if found.cost is None or one.cost is None else found.cost + one.cost
        found = Figure(
            found.number + one.number,
            found.unknown + one.unknown,
            found.kwh + one.kwh,
            found.kgco2e + one.kgco2e,
            cost,
        )
    return found


@dataclass(frozen=True)
class Assumptions:
    """What a kWh costs and emits in a financial year, and what machine rooms add."""

    year: int
    councils: Collection[int]

    @cached_property
    def factors(self) -> dict[int, Decimal]:
        return dict(EnergyFactor.objects.values_list("year", "generation"))

    @cached_property
    def factor(self) -> Factor:
        return factor_for(self.year, self.factors)

    @cached_property
    def before(self) -> Factor | None:
        """The factor with which this year's is compared."""
        return factor_before(self.factor.year, self.factors)

    @cached_property
    def tariffs(self) -> dict[tuple[int, int | None], list[Span]]:
        return _spans(Tariff.objects.filter(council__in=self.councils), "pence")

    @cached_property
    def overheads(self) -> dict[tuple[int, int | None], list[Span]]:
        return _spans(RoomOverhead.objects.filter(council__in=self.councils), "pue")

    @cached_property
    def sites(self) -> set[int]:
        """Those of which anything is said."""
        return {site for _, site in (*self.tariffs, *self.overheads) if site}

    def pounds(self, council: int, site: int | None) -> Decimal:
        """A kWh: at the tariff of its site, else of its council, else at the one that is assumed."""
        layers = self.tariffs.get((council, site), []), self.tariffs.get((council, None), [])
        return over_year(self.year, layers, TARIFF * 100) / 100

    def guesses_pounds(self, council: int) -> bool:
        """Whether on any day of the year nobody has said what the council pays."""
        said = [self.tariffs.get((council, None), [])]
        return over_year(self.year, said, Decimal(0)) != over_year(self.year, said, Decimal(1))

    def pue(self, council: int, site: int | None, category: str) -> Decimal:
        if category not in IN_A_ROOM:
            return Decimal(1)
        return over_year(self.year, [self.overheads.get((council, site), [])], PUE)

    def figure(
        self, council: int, site: int | None, category: str, count: int, kwh: Decimal | None
    ) -> Figure:
        """Of so many alike, at one place."""
        if kwh is None:
            return Figure(count, count)
        used = count * kwh * self.pue(council, site, category)
        return Figure(count, 0, used, used * self.factor.value, used * self.pounds(council, site))


@dataclass(frozen=True)
class EstateEnergy:
    """The present financial year of what is in use now. Costs are those of the councils in `money` alone."""

    councils: Collection[int]
    money: Collection[int]
    year: int

    @cached_property
    def assumptions(self) -> Assumptions:
        return Assumptions(self.year, self.councils)

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue()

    @cached_property
    def lines(self) -> list[tuple[int, str, Known, Figure]]:
        """By council and category, each with how it is known."""
        place: Any = Case(When(site__in=self.assumptions.sites, then=F("site")), default=None)
        rows = Asset.objects.filter(council__in=self.councils, state=IN_USE).order_by().annotate(place=place)
        wanted = "council", "category", "place", "annual_kwh_override", *OF_MODEL
        found = []
        for council, category, site, *use, number in rows.values_list(*wanted).annotate(n=Count("pk")):
            known = self.catalogue.of(category, *use)
            figure = self.assumptions.figure(council, site, category, number, known.kwh)
            told = figure if council in self.money else figure._replace(cost=None)
            found.append((council, category, known, told))
        return found

    def total(self, *, council: int | None = None, category: str | None = None) -> Figure:
        return together(
            figure
            for whose, kind, _, figure in self.lines
            if council in (None, whose) and category in (None, kind)
        )

    def sources(self, category: str) -> dict[Source, int]:
        """How many of a category are known from where."""
        found: defaultdict[Source, int] = defaultdict(int)
        for _, kind, known, figure in self.lines:
            if kind == category:
                found[known.source] += figure.number
        return found

    def of_one(self, council: int, category: str) -> Decimal | None:
        """What one of a council and category uses on average, of those of which it is known, without its machine
        room."""
        known = [
            (figure.number, line.kwh)
            for whose, kind, line, figure in self.lines
            if (whose, kind) == (council, category) and line.kwh is not None
        ]
        number = sum(count for count, _ in known)
        return sum((count * kwh for count, kwh in known), Decimal(0)) / number if number else None


def closed_years(
    councils: Collection[int], money: Collection[int]
) -> dict[tuple[int, int], tuple[Figure, Factor]]:
    """By year and council what was frozen, with the factor of then."""
    found: dict[tuple[int, int], tuple[Figure, Factor]] = {}
    for row in ClosedYear.objects.filter(council__in=councils):
        cost = row.cost if row.council_id in money else None
        figure = Figure(row.count, row.unknown, row.kwh, row.kgco2e, cost)
        before, _ = found.get((row.year, row.council_id), (Figure(), None))
        found[row.year, row.council_id] = together([before, figure]), Factor(row.factor_year, row.factor)
    return found


def energy_known_by(source: Source) -> Q:
    """What is in use and of which this, and nothing surer, says what it uses."""
    measured, model, watts = (Q(**{f"{name}__isnull": False}) for name in ("annual_kwh_override", *OF_MODEL))
    median = Q(category__in=list(Catalogue().kwh))
    rules = {
        Source.MEASURED: measured,
        Source.MODEL: ~measured & model,
        Source.WATTS: ~measured & ~model & watts,
        Source.MEDIAN: ~measured & ~model & ~watts & median,
        Source.UNKNOWN: ~measured & ~model & ~watts & ~median,
    }
    return Q(state=IN_USE) & rules[source]


def energy_columns() -> dict[str, Any]:
    """What each asset uses in a year, without its machine room, and from where that is known in words, as the database
    reckons it; of what has left nothing."""
    own, of_model, watts = (Q(**{f"{name}__isnull": False}) for name in ("annual_kwh_override", *OF_MODEL))
    medians = Catalogue().kwh
    gone, amount = Q(state__in=TERMINAL), DecimalField(max_digits=12, decimal_places=1)
    by_watts = ExpressionWrapper(F("model__watts") * Value(kwh_of(Decimal(1))), output_field=amount)
    used = Case(
        When(gone, then=None),
        When(own, then=F("annual_kwh_override")),
        When(of_model, then=F("model__annual_kwh")),
        When(watts, then=by_watts),
        *(When(category=category, then=Value(kwh)) for category, kwh in medians.items()),
        output_field=amount,
    )
    source = Case(
        When(gone, then=Value("")),
        When(own, then=Value(SOURCES[Source.MEASURED])),
        When(of_model, then=Value(SOURCES[Source.MODEL])),
        When(watts, then=Value(SOURCES[Source.WATTS])),
        When(category__in=list(medians), then=Value(SOURCES[Source.MEDIAN])),
        default=Value(""),
        output_field=CharField(),
    )
    return {"kwh": Round(used, precision=1), "kwh_source": source}


def _spans(rows: Any, value: str) -> dict[tuple[int, int | None], list[Span]]:
    found: defaultdict[tuple[int, int | None], list[Span]] = defaultdict(list)
    for council, site, *span in rows.values_list("council", "site", "starts_on", "ends_on", value):
        found[council, site].append(Span(*span))
    return dict(found)
