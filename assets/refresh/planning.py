"""Every write to what councils plan with: costs, bought support, energy, scenarios and baselines. Each is recorded.

The factors of energy are shared, and are entered by whoever plans the refresh of any council: what is published is no
secret and is told with its source, and an administrator, who sees no assets, would not see what it changes.
"""

from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from assets.refresh import levers
from assets.refresh.models import (
    Baseline,
    BaselineLine,
    EnergyFactor,
    ExtendedSupport,
    RoomOverhead,
    Scenario,
    Tariff,
    UnitCosts,
)
from assets.refresh.what_if import WhatIf
from servicedesk.history import editing
from servicedesk.history.recording import change_set, record
from servicedesk.people.access import require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.wording import day

Row = TypeVar("Row", UnitCosts, ExtendedSupport, Scenario, Tariff, RoomOverhead, EnergyFactor)
EDITABLE: dict[type, tuple[str, ...]] = {
    UnitCosts: ("base_fy", "price", "deploy", "disposal", "residual", "engineer_days"),
    ExtendedSupport: ("until",),
    Scenario: ("name", "inflation", "yearly_cap", "engineer_days", "levers"),
    Tariff: ("pence", "starts_on", "ends_on"),
    RoomOverhead: ("pue", "starts_on", "ends_on"),
    EnergyFactor: ("generation", "grid_losses", "source", "checked_on"),
}
"""What may be changed of each; whose it is and what it is about, it stays."""


def add_row(row: Row, *, by: Person, now: datetime | None = None) -> Row:
    """Write down a new one. Raises PermissionDenied, or ValidationError by field."""
    require(by, Permission.PLAN_REFRESH, row)
    if isinstance(row, EnergyFactor):
        row.entered_by = by
    return editing.add(row, by=by, check=_check, now=now)


def change_row(
    row: Row, *, by: Person, version: int, reason: str = "", now: datetime | None = None, **values: Any
) -> Row:
    """Change one that was read at `version`. What is shared is corrected for a reason alone, which history keeps.

    Raises PermissionDenied, history.editing.Stale, or ValidationError.
    """
    if unknown := set(values) - set(EDITABLE[type(row)]):
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    require(by, Permission.PLAN_REFRESH, row)
    if isinstance(row, EnergyFactor) and not reason.strip():
        raise ValidationError({"reason": "Say why the factor is corrected"})
    return editing.change(row, by=by, version=version, check=_check, reason=reason, now=now, **values)


def archive_scenario(row: Scenario, *, by: Person, version: int, now: datetime | None = None) -> Scenario:
    """Offer a scenario no longer; it is still read. Raises PermissionDenied, Stale or ValidationError."""
    require(by, Permission.PLAN_REFRESH, row)
    if row.archived_at:
        raise ValidationError(f"{row} is archived already")
    return editing.change(row, by=by, version=version, now=now, archived_at=now or timezone.now())


def bring_back_scenario(row: Scenario, *, by: Person, version: int, now: datetime | None = None) -> Scenario:
    """Offer an archived one again. Raises PermissionDenied or Stale."""
    require(by, Permission.PLAN_REFRESH, row)
    return editing.change(row, by=by, version=version, now=now, archived_at=None)


def take_baseline(
    *,
    by: Person,
    council: Council,
    name: str,
    reference: str = "",
    scenario: Scenario | None = None,
    as_at: date | None = None,
    now: datetime | None = None,
) -> Baseline:
    """Freeze the plan of a council, as it is or as a scenario has it, for a paper. Raises PermissionDenied."""
    require(by, Permission.PLAN_REFRESH, council)
    now = now or timezone.now()
    what_if = WhatIf(by, council, scenario, as_at or timezone.localdate(now), now)
    with change_set(by=by, now=now) as deed:
        baseline = Baseline.objects.create(
            council=council,
            scenario=scenario,
            name=name,
            reference=reference,
            as_at=what_if.as_at,
            inflation=what_if.forecast.inflation,
            taken_by=by,
            taken_at=deed.at,
        )
        BaselineLine.objects.bulk_create(
            BaselineLine(
                baseline=baseline,
                year=line.year,
                category=line.category,
                driver=line.driver or "",
                count=line.count,
                cost=line.cost,
            )
            for line in what_if.lines
        )
        record(deed, [baseline])
    return baseline


def _check(row: Row) -> None:
    """What the database would refuse, or cannot be, in words. Raises ValidationError by field."""
    row.clean_fields()
    match row:
        case UnitCosts():
            _refuse_second(row, "category", f"{row.council} has said what this category costs already")
        case ExtendedSupport():
            _refuse_second(row, "release", f"{row.council} has said so of this release already")
        case Scenario():
            editing.refuse_taken(row, "name", within="council_id")
            levers.read(row.levers)
        case Tariff() | RoomOverhead():
            _check_dates(row)
        case EnergyFactor():
            if EnergyFactor.objects.filter(year=row.year).exclude(pk=row.pk).exists():
                raise ValidationError({"year": f"{row} is entered already. Correct that one"})


def _refuse_second(row: UnitCosts | ExtendedSupport, name: str, words: str) -> None:
    others = type(row).objects.filter(council=row.council, **{name: getattr(row, name)})  # type: ignore[attr-defined]
    if others.exclude(pk=row.pk).exists():
        raise ValidationError({name: words})


def _check_dates(row: Tariff | RoomOverhead) -> None:
    """One at a time for each place. Whoever else writes of the council waits meanwhile."""
    Council.objects.select_for_update().get(pk=row.council_id)
    if row.site and row.site.council_id != row.council_id:
        raise ValidationError({"site": f"{row.site} is no site of {row.council}"})
    if row.ends_on and row.ends_on < row.starts_on:
        raise ValidationError({"ends_on": "The end must be on or after the start"})
    others = type(row).objects.filter(council=row.council_id, site=row.site_id).exclude(pk=row.pk)  # type: ignore[attr-defined]
    until = Q(starts_on__lte=row.ends_on) if row.ends_on else Q()
    other = others.filter(until, Q(ends_on=None) | Q(ends_on__gte=row.starts_on)).first()
    if other:
        end = f"until {day(other.ends_on)}" if other.ends_on else "without an end"
        words = f"There is another from {day(other.starts_on)} {end}. Say first when that one ends"
        raise ValidationError({"starts_on": words})
