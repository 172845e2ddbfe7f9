"""The tables of energy: what the equipment in use uses in a year, costs and emits. Pounds are one's own alone."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.urls import reverse

from assets.refresh.energy import PUE, TARIFF, Factor, effects, keeping_one_more_year, payback_years
from assets.refresh.estate_energy import Assumptions, EstateEnergy, Figure, closed_years
from assets.refresh.estate_forecast import Basis
from assets.refresh.forecast import TENTH, financial_year, half_up, year_of
from assets.refresh.tables import ALL, TOGETHER
from assets.refresh.using import Source
from assets.register.models import Category
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.reports.counts import Shown
from servicedesk.reports.tables import NONE, Cell, Column, Row, Table

USES = [
    Column("assets", "In use"),
    Column("unknown", "Use not known"),
    Column("kwh", "kWh a year"),
    Column("kgco2e", "kgCO2e a year"),
]
COST = Column("cost", "Cost a year")


ROOMS = (
    f"Servers and storage count with what their machine room uses beside: {PUE} kWh for each of theirs, where nothing "
    "else is said of the room."
)


def assumed(assumptions: Assumptions, councils: Iterable[Council], money: Collection[int]) -> list[str]:
    """With which factor a year is counted, and which councils' tariff is a guess, in sentences."""
    factor, year = assumptions.factor, assumptions.year
    notes = [f"Carbon is counted with {factor.value.normalize()} kgCO2e a kWh, the factor of {factor.year}."]
    if factor.year != year:
        notes.append(f"{year} is not published here yet: counted with {factor.year}’s.")
    if bare := [one.name for one in councils if one.pk in money and assumptions.guesses_pounds(one.pk)]:
        notes.append(
            f"Nobody has said what {' and '.join(bare)} pays in all of {financial_year(year)}: "
            f"{TARIFF * 100:.1f}p a kWh is assumed where nothing is said."
        )
    return notes


def energy_for(person, today: date) -> "EnergyTables":
    """What one reader is told: of the councils whose registers they read, pounds of those whose money they see."""
    councils = list(
        Council.objects.filter(pk__in=councils_of(person, Permission.SEE_ASSETS)).order_by("name")
    )
    keys = frozenset(council.pk for council in councils)
    money = councils_of(person, Permission.SEE_ASSET_MONEY) & keys
    return EnergyTables(EstateEnergy(keys, money, year_of(today)), councils)


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
        notes = assumed(self.energy.assumptions, self.councils, self.energy.money)
        if poor := [one.name for one in self.councils if one.pk not in self.energy.money]:
            notes.append(f"What {' and '.join(poor)} pays is not shown to you.")
        return [
            *notes,
            ROOMS,
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
        known = {
            Source.MEASURED: "Measured",
            Source.MODEL: "By model",
            Source.WATTS: "By watts",
            Source.MEDIAN: "By median",
        }
        rows = []
        for category, label in self._categories():
            figure, sources = self.energy.total(category=category), self.energy.sources(category)
            cells = [
                _listed(Cell(Shown(sources[one])), category=category, standing=one.value) for one in known
            ]
            rows.append(Row(category, label, [*self._figure(figure, category=category)[: len(USES)], *cells]))
        columns = [*USES, *(Column(source, words) for source, words in known.items())]
        return Table("category", "By category", columns, rows)

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
        """Of each council: one of each category kept a year more than its council means it to last, against one of the
        catalogue's median in its place."""
        columns = [
            Column("life", "Life: months"),
            Column("old", "Kept: kWh"),
            Column("new", "Replaced: kWh"),
            Column("old_kg", "Kept: kgCO2e"),
            Column("new_kg", "Replaced: kgCO2e"),
            Column("made", "Making a new one: kgCO2e"),
            Column("payback", "Years until that is made good"),
            Column("saved", "kgCO2e that keeping it a year saves"),
        ]
        basis = Basis([one.pk for one in self.councils])
        for council in self.councils:
            found = [
                Row(category, label, cells)
                for category, label in self._categories()
                if (cells := self._kept(council.pk, category, basis))
            ]
            if found:
                heading = f"{council.name}: keep one for one more year, or replace it"
                yield Table(f"{council.code}-keeping", heading, columns, found)

    def _kept(self, council: int, category: str, basis: Basis) -> list[Cell]:
        """Nothing where something that it follows from is not known."""
        catalogue, factor = self.energy.catalogue, self.energy.assumptions.factor.value
        old, new = self.energy.of_one(council, category), catalogue.kwh.get(category)
        made, policy = catalogue.embodied.get(category), basis.policy(council, category)
        if old is None or new is None or made is None or policy is None:
            return []
        numbers = [half_up(old, TENTH), half_up(new, TENTH), half_up(old * factor), half_up(new * factor)]
        payback = payback_years(made, old - new, factor)
        kept = keeping_one_more_year(old, new, made, policy.months, factor)
        old_use, new_use, old_kg, new_kg = map(_number, numbers)
        code = next(one.code for one in self.councils if one.pk == council)
        whose = {"council": code, "category": category, "standing": "in_use"}
        return [
            Cell(Shown(policy.months)),
            _listed(old_use, **whose),
            new_use,
            _listed(old_kg, **whose),
            new_kg,
            _number(half_up(made)),
            _number(payback),
            _signed(kept),
        ]

    def _categories(self) -> list[tuple[str, str]]:
        there = {category for _, category, _, _ in self.energy.lines}
        return [(category, label) for category, label in Category.choices if category in there]

    def _figure(self, figure: Figure, **given: str) -> list[Cell]:
        """Its cells, each with the list of what is in use, and what is not known with its own."""
        cells = _cells(figure)[: None if self.energy.money else len(USES)]
        standings = ["no_energy" if column.code == "unknown" else "in_use" for column in (*USES, COST)]
        return [
            _listed(cell, **given, standing=standing)
            for cell, standing in zip(cells, standings, strict=False)
        ]


def _listed(cell: Cell, **given: str) -> Cell:
    """With the list of what it counts, where there is anything."""
    return replace(cell, href=reverse("refresh:assets", query=given)) if cell.shown.number else cell


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
