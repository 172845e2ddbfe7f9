"""The tables of energy: what the equipment in use uses in a year, costs and emits. Pounds are one's own alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.urls import reverse

from assets.refresh.energy import TARIFF, Factor, effects, keeping_one_more_year, payback_years
from assets.refresh.estate_energy import EstateEnergy, Figure, Source, closed_years
from assets.refresh.estate_forecast import Basis
from assets.refresh.forecast import TENTH, financial_year, half_up
from assets.refresh.tables import ALL, TOGETHER
from assets.register.models import Category
from servicedesk.people.models import Council
from servicedesk.reports.counts import Shown
from servicedesk.reports.tables import NONE, Cell, Column, Row, Table

USES = [
    Column("assets", "In use"),
    Column("unknown", "Use not known"),
    Column("kwh", "kWh a year"),
    Column("kgco2e", "kgCO2e a year"),
]
COST = Column("cost", "Cost a year")


@dataclass(frozen=True)
class EnergyTables:
    """All of one reader."""

    energy: EstateEnergy
    councils: list[Council]

    @cached_property
    def tables(self) -> list[Table]:
        return [self._now(), self._by_category(), *self._by_year(), *self._keeping()]

    @cached_property
    def notes(self) -> list[str]:
        """What a reader must know of the numbers, in sentences."""
        factor, year = self.energy.assumptions.factor, self.energy.year
        notes = [
            f"Carbon is counted with {factor.value.normalize()} kgCO2e a kWh, the factor of {factor.year}."
        ]
        if factor.year != year:
            notes.append(f"{year} is not published here yet: counted with {factor.year}’s.")
        if poor := [one.name for one in self.councils if one.pk not in self.energy.money]:
            notes.append(f"What {' and '.join(poor)} pays is not shown to you.")
        said = {council for council, site in self.energy.assumptions.tariffs if site is None}
        if bare := [one.name for one in self.councils if one.pk in self.energy.money and one.pk not in said]:
            notes.append(
                f"Nobody has said what {' and '.join(bare)} pays: {TARIFF * 100:.1f}p a kWh is assumed."
            )
        return [
            *notes,
            "Servers and storage count with what their machine room uses beside: 1.70 kWh for each of theirs, where "
            "nothing else is said of the room.",
            "Where nothing is said of an asset or its model, the median of the models of its category counts.",
            "Cloud’s own use: not included, because it is not known. What uses energy unknown to us is in no sum.",
        ]

    def _now(self) -> Table:
        columns = [*USES, *([COST] if self.energy.money else [])]
        rows = [
            Row(one.code, one.name, self._figure(self.energy.total(council=one.pk), council=one.code))
            for one in self.councils
        ]
        if len(self.councils) > 1:
            rows.append(Row(ALL, TOGETHER, self._figure(self.energy.total())))
        heading = f"What the equipment in use uses in {financial_year(self.energy.year)}"
        return Table("now", heading, columns, rows, ("kwh",))

    def _by_category(self) -> Table:
        """Of all councils together, and how that is known: no pounds."""
        known = [Column("own", "Measured"), Column("model", "By model"), Column("category", "By median")]
        rows = []
        for category, label in self._categories():
            figure, sources = self.energy.total(category=category), self.energy.sources(category)
            cells = [Cell(Shown(sources[one])) for one in (Source.OWN, Source.MODEL, Source.CATEGORY)]
            rows.append(Row(category, label, [*self._figure(figure, category=category)[: len(USES)], *cells]))
        return Table("category", "By category", [*USES, *known], rows)

    def _by_year(self) -> Iterable[Table]:
        """Each council: years that are closed, the present one, and why carbon changed from one to the next."""
        closed = closed_years([one.pk for one in self.councils], self.energy.money)
        for council in self.councils:
            known = {year: said for (year, whose), said in closed.items() if whose == council.pk}
            known[self.energy.year] = self.energy.total(council=council.pk), self.energy.assumptions.factor
            why = [
                Column("ours", "Change by our use, kgCO2e"),
                Column("factors", "Change by the factor, kgCO2e"),
            ]
            columns = [*USES, *([COST] if council.pk in self.energy.money else []), *why]
            rows = []
            for year in sorted(known):
                figure, factor = known[year]
                words = financial_year(year) + (", so far as in use now" if year == self.energy.year else "")
                link = {"council": council.code} if year == self.energy.year else None
                figures = self._figure(figure, **link) if link else _cells(figure)
                told = figures[: len(columns) - len(why)]
                rows.append(Row(str(year), words, [*told, *_why(known.get(year - 1), figure, factor)]))
            yield Table(f"{council.code}-years", f"{council.name}: by financial year", columns, rows)

    def _keeping(self) -> Iterable[Table]:
        """One of each category kept a year more, against one of its catalogue's median in its place."""
        catalogue, factor = self.energy.catalogue, self.energy.assumptions.factor.value
        basis = Basis([one.pk for one in self.councils])
        rows = []
        for category, label in self._categories():
            old, new = self.energy.of_one(category), catalogue.kwh.get(category)
            made, policy = catalogue.embodied.get(category), basis.policies.get((None, category))
            if old is None or new is None or made is None or policy is None:
                continue
            kept = keeping_one_more_year(old, new, made, policy.months, factor)
            numbers = [half_up(old, TENTH), half_up(new, TENTH), half_up(old * factor), half_up(new * factor)]
            payback = payback_years(made, old - new, factor)
            cells = [*map(_number, numbers), _number(half_up(made)), _number(payback), _signed(kept)]
            rows.append(Row(category, label, cells))
        headings = {
            "old": "Kept: kWh",
            "new": "Replaced: kWh",
            "old_kg": "Kept: kgCO2e",
            "new_kg": "Replaced: kgCO2e",
            "made": "Making a new one: kgCO2e",
            "payback": "Years until that is made good",
            "saved": "kgCO2e that keeping it a year saves",
        }
        if rows:
            columns = [Column(code, words) for code, words in headings.items()]
            yield Table("keeping", "Keep one for one more year, or replace it", columns, rows)

    def _categories(self) -> list[tuple[str, str]]:
        there = {category for _, category, _, _ in self.energy.lines}
        return [(category, label) for category, label in Category.choices if category in there]

    def _figure(self, figure: Figure, **given: str) -> list[Cell]:
        """Its cells; what is not known leads to its list."""
        count, unknown, *rest = _cells(figure)
        if figure.unknown:
            unknown = Cell(
                unknown.shown, href=reverse("refresh:assets", query={**given, "standing": "no_energy"})
            )
        cells = [count, unknown, *rest]
        return cells if self.energy.money else cells[: len(USES)]


def _cells(figure: Figure) -> list[Cell]:
    kwh = kg = NONE
    if figure.number > figure.unknown or not figure.number:
        kwh, kg = _number(half_up(figure.kwh, TENTH)), _number(half_up(figure.kgco2e))
    cost = NONE if figure.cost is None or kwh is NONE else Cell(Shown(half_up(figure.cost)), "money")
    return [Cell(Shown(figure.number)), Cell(Shown(figure.unknown)), kwh, kg, cost]


def _why(before: tuple[Figure, Factor] | None, figure: Figure, factor: Factor) -> list[Cell]:
    """By what carbon differs from the year before, where that one is known."""
    if before is None:
        return [NONE, NONE]
    told = effects(before[0].kwh, figure.kwh, before[1].value, factor.value)
    return [_signed(told.ours), _signed(told.factors)]


def _number(value: Decimal | None) -> Cell:
    return Cell(Shown(value))


def _signed(value: Decimal) -> Cell:
    return Cell(Shown(value), signed=True)
