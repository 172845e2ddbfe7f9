"""When everything that the councils own falls due: the rules of `forecast`, put to the database at once.

Nothing is kept: each question is answered from what the register says now, so that figures are right right after an
edit. A test holds that this and `forecast.due_of` never differ.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    Case,
    CharField,
    DateField,
    F,
    IntegerField,
    Model,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat, Least, NullIf
from django.db.models.lookups import In

from assets.refresh.calendar_sql import AddMonths, earliest_sql, year_sql
from assets.refresh.forecast import NEVER, Driver, Facts
from assets.refresh.models import ExtendedSupport
from assets.refresh.systems import Release, release_of
from assets.register.lifecycle import TERMINAL, AssetState
from assets.register.models import Asset, LifecyclePolicy, OperatingSystemRelease, Upgradeable
from assets.register.querysets import not_seen

R = TypeVar("R", bound=Model)
LEAVING = (
    AssetState.ON_ORDER,
    AssetState.LOST_STOLEN,
    AssetState.SANITISED,
    AssetState.SANITISE_FAILED,
)
"""Not here yet, or on its way out: nothing is planned for it, and pages say how many these are."""
IN_SERVICE = ~Q(state__in=(*TERMINAL, *LEAVING))
"""What a council has to replace one day."""
SYSTEM = Concat("os_name", Value("\x1f"), "os_version", output_field=CharField())
NO_DATE = Cast(Value(None), DateField())
REASONS = {
    Driver.OS: "os_end",
    Driver.VENDOR: "vendor_end",
    Driver.LIFE: "life_end",
    Driver.WARRANTY: "warranty_due",
}
"""The column of each driver, in the order in which they name a thing that is due by several."""


class Policy(NamedTuple):
    """How long things of a category last, and whether the end of their warranty makes them due."""

    months: int
    warranty_counts: bool


@dataclass(frozen=True)
class Basis:
    """What reasons follow from beside the assets themselves, read once. `life_changes` are months by category."""

    councils: Collection[int]
    life_changes: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def policies(self) -> dict[tuple[int | None, str], Policy]:
        """By council, None for the product's own, and category."""
        rows = self.read(LifecyclePolicy.objects.filter(Q(council=None) | Q(council__in=self.councils)))
        return {
            (row.council_id, row.category): Policy(row.useful_life_months, row.use_warranty_as_driver)
            for row in rows
        }

    @cached_property
    def releases(self) -> list[Release]:
        """Every release, with the end that everybody has of its security support."""
        return [
            Release(row.pk, row.product, row.cycle, row.name, row.released_on, row.end_of_security_support)
            for row in self.read(OperatingSystemRelease.objects.order_by("pk"))
        ]

    @cached_property
    def bought(self) -> dict[tuple[int, int], date]:
        """Until when a council has bought support, by council and release."""
        rows = self.read(ExtendedSupport.objects.filter(council__in=self.councils))
        return {(row.council_id, row.release_id): row.until for row in rows}

    @cached_property
    def systems(self) -> dict[str, Release]:
        """What runs on things, as far as its words mean a release."""
        named = Asset.objects.exclude(os_name="", os_version="").order_by()
        pairs = named.values_list("os_name", "os_version").distinct()
        found = {"\x1f".join(pair): self.release(*pair) for pair in pairs}
        return {system: release for system, release in found.items() if release}

    def read(self, rows: QuerySet[R]) -> Iterable[R]:
        """The rows as they count here: as they are."""
        return rows

    @cached_property
    def release(self) -> Callable[[str, str], Release | None]:
        """Which release the words of a register mean, each of them worked out once."""
        return cache(lambda name, version: release_of(name, version, self.releases))

    def policy(self, council: int, category: str) -> Policy | None:
        return self.policies.get((council, category)) or self.policies.get((None, category))

    def facts(self, asset: Asset) -> Facts:
        """The same of one asset, for `forecast.due_of`; its model must be there."""
        policy = self.policy(asset.council_id, asset.category)
        model = asset.model
        life = (model.useful_life_months if model else None) or (policy.months if policy else None)
        return Facts(
            in_service_date=asset.in_service_date,
            purchase_date=asset.purchase_date,
            warranty_end=asset.warranty_end,
            warranty_months=asset.warranty_months,
            life_months=life and life + self.life_changes.get(asset.category, 0),
            vendor_end_of_support=asset.vendor_end_of_support or (model.end_of_support if model else None),
            os_end_of_support=self.os_end_of(asset),
            os_upgradeable={"yes": True, "no": False}.get(asset.os_upgradeable),
            warranty_counts=bool(policy and policy.warranty_counts),
        )

    def os_end_of(self, asset: Asset) -> date | None:
        """When the support of what runs on it ends for its council, whether or not it can take the next."""
        release = self.release(asset.os_name, asset.os_version)
        return self.bought.get((asset.council_id, release.key), release.ends_on) if release else None

    def life(self) -> Any:
        """The months that a thing is meant to serve: its model's, else its council's, else the product's."""
        own, defaults = [], defaultdict(list)
        for (council, category), policy in self.policies.items():
            if council is None:
                defaults[policy.months].append(category)
            else:
                own.append(When(council=council, category=category, then=Value(policy.months)))
        shared = [When(category__in=names, then=Value(months)) for months, names in defaults.items()]
        of_category: Any = Case(*own, *shared, default=None, output_field=IntegerField())
        of_model = NullIf(F("model__useful_life_months"), Value(0), output_field=IntegerField())
        life: Any = Coalesce(of_model, of_category, output_field=IntegerField())
        if self.life_changes:
            changes = [When(category=name, then=Value(months)) for name, months in self.life_changes.items()]
            life = life + Case(*changes, default=Value(0), output_field=IntegerField())
        return life

    def os_end(self, upgradeable: Collection[str] = (Upgradeable.NO,)) -> Any:
        """When the support of what runs on it ends, where it cannot take the next, or as is said of that."""
        ends: defaultdict[tuple[int | None, date], list[str]] = defaultdict(list)
        for system, release in self.systems.items():
            for (council, key), until in self.bought.items():
                if key == release.key:
                    ends[council, until].append(system)
            if release.ends_on:
                ends[None, release.ends_on].append(system)
        if not ends:
            return NO_DATE
        ordered = sorted(ends.items(), key=lambda one: one[0][0] is None)  # what a council bought comes first
        whens = [
            When(_runs(names) & (Q(council=council) if council else Q()), then=Value(end, DateField()))
            for (council, end), names in ordered
        ]
        return Case(
            When(
                os_upgradeable__in=upgradeable,
                then=Case(*whens, default=None, output_field=DateField()),
            ),
            default=None,
            output_field=DateField(),
        )

    def unsupported(self, as_at: date) -> Q:
        """`forecast.unsupported` as a rule: of assets of these councils, what nobody mends any more."""
        own = Q(vendor_end_of_support__lt=as_at)
        found = own | Q(vendor_end_of_support=None, model__end_of_support__lt=as_at)
        ended: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for council in self.councils:
            ends = {
                system: self.bought.get((council, release.key), release.ends_on)
                for system, release in self.systems.items()
            }
            ended[tuple(system for system, end in ends.items() if end and end < as_at)].append(council)
        for systems, councils in ended.items():
            if systems:
                found |= _runs(systems) & (Q(council__in=councils) if len(ended) > 1 else Q())
        return found

    def warranty_due(self) -> Any:
        """When its warranty ends, where that makes it due."""
        counts = Q()
        for (council, category), policy in self.policies.items():
            if policy.warranty_counts and council is not None:
                counts |= Q(council=council, category=category)
        if not counts:
            return NO_DATE
        return Case(When(counts, then=F("warranty_end")), default=None, output_field=DateField())


def _runs(systems: Collection[str]) -> Q:
    """What runs on it is one of these."""
    return Q(In(SYSTEM, systems))


def with_reasons(assets: QuerySet[Asset], basis: Basis) -> QuerySet[Asset]:
    """Each asset with where its life begins, `life_start`, and the date of every reason that competes."""
    estimated = AddMonths(F("warranty_end"), -F("warranty_months"))
    return assets.annotate(
        life_start=Coalesce("in_service_date", "purchase_date", estimated),
        os_end=basis.os_end(),
        vendor_end=Coalesce("vendor_end_of_support", "model__end_of_support"),
        life_end=AddMonths(F("life_start"), basis.life()),
        warranty_due=basis.warranty_due(),
    )


def with_due(assets: QuerySet[Asset], basis: Basis) -> QuerySet[Asset]:
    """Each asset with its reasons, when it is due, `due_on`, and by which `driver`: None where nothing is known."""
    never = Value(NEVER, DateField())
    found = with_reasons(assets, basis)
    found = found.annotate(
        due_on=NullIf(Least(*(Coalesce(F(column), never) for column in REASONS.values())), never)
    )
    named = [When(**{column: F("due_on")}, then=Value(driver.value)) for driver, column in REASONS.items()]
    return found.annotate(driver=Case(*named, default=None, output_field=CharField()))


@dataclass(frozen=True)
class Group:
    """How many assets of a council, category and model fall due in a financial year by one driver, and what is said of
    them. `year` and `driver` are None where nothing is known; `estimated` have a life that begins by their warranty;
    of `own_date` the end of support is written down for the asset itself; of `undated` nothing says when they came."""

    council: int
    category: str
    model: int | None
    year: int | None
    driver: str | None
    count: int
    overdue: int
    unsupported: int
    not_seen: int
    estimated: int
    own_date: int
    undated: int


EVERY = 2**62
"""A limit that no table reaches: it keeps a query within another from being worked out once for each of its uses."""
FLAGS = ("unsupported", "stale", "estimated", "own_date", "undated")
"""In the order of a Group's counts."""
COLUMNS = ", ".join(("council", "category", "model", *REASONS.values(), *FLAGS))


def groups_of(assets: QuerySet[Asset], basis: Basis, as_at: date, now: datetime) -> list[Group]:
    """The assets, counted in one pass. What is overdue keeps the year in which it fell due."""
    one, never = Value(1), Value(NEVER, DateField())
    rows = with_reasons(assets.order_by(), basis).annotate(
        **{f"by_{column}": Coalesce(F(column), never) for column in REASONS.values()},
        unsupported=Case(When(basis.unsupported(as_at), then=one)),
        stale=Case(When(not_seen(now), then=one)),
        estimated=Case(When(in_service_date=None, purchase_date=None, then=one)),
        own_date=Case(When(vendor_end_of_support__isnull=False, then=one)),
        undated=Case(When(life_start=None, then=one)),
    )
    wanted = rows.values_list(
        "council_id",
        "category",
        "model_id",
        *(f"by_{column}" for column in REASONS.values()),
        *FLAGS,
    )
    try:
        inner, parameters = wanted.query.sql_with_params()
    except EmptyResultSet:
        return []
    today, never_text = as_at.isoformat(), NEVER.isoformat()
    driver = " ".join(f"WHEN {column} THEN '{driver.value}'" for driver, column in REASONS.items())
    # All that is put together here are names of ours; what people wrote goes in as parameters.
    sql = f"""
        WITH reasons ({COLUMNS}) AS NOT MATERIALIZED ({inner} LIMIT {EVERY}),
        dated AS NOT MATERIALIZED (
            SELECT *, {earliest_sql(*REASONS.values())} AS due FROM reasons LIMIT {EVERY}
        )
        SELECT council, category, model,
            CASE WHEN due < %s THEN {year_sql("due")} END,
            CASE WHEN due < %s THEN CASE due {driver} END END,
            COUNT(*),
            COUNT(CASE WHEN due < %s THEN 1 END),
            {", ".join(f"COUNT({flag})" for flag in FLAGS)}
        FROM dated GROUP BY 1, 2, 3, 4, 5"""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, never_text, never_text, today])
        return [Group(*row) for row in cursor.fetchall()]
