"""Closing a financial year: what its equipment used is written down for good."""

from collections import Counter
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from assets.refresh.estate_energy import IN_USE, Assumptions, Figure, together
from assets.refresh.forecast import FIRST_MONTH, financial_year, year_of
from assets.refresh.models import ClosedYear
from assets.refresh.using import Catalogue
from assets.register.as_at import estate
from assets.register.models import AssetModel
from servicedesk.history.recording import change_set, record
from servicedesk.people.access import require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

READ = ("state", "category", "model", "site", "annual_kwh_override")


def last_ended(now: datetime) -> int:
    """The financial year that ended last, by the year in which it began."""
    return year_of(timezone.localdate(now)) - 1


def close_year(council: Council, *, by: Person, now: datetime | None = None) -> list[ClosedYear]:
    """Freeze the financial year that ended last, with what the register knew to be in use on its last day.

    It is done once. Raises PermissionDenied or ValidationError.
    """
    require(by, Permission.PLAN_REFRESH, council)
    now = now or timezone.now()
    year = last_ended(now)
    with change_set(by=by, reason=f"Energy of {financial_year(year)} closed", now=now) as deed:
        Council.objects.select_for_update().get(pk=council.pk)
        if ClosedYear.objects.filter(council=council, year=year).exists():
            raise ValidationError(f"{financial_year(year)} of {council} is closed already")
        assumptions = Assumptions(year, [council.pk])
        rows = [
            ClosedYear(
                council=council,
                year=year,
                category=category,
                count=figure.number,
                unknown=figure.unknown,
                kwh=figure.kwh,
                kgco2e=figure.kgco2e,
                cost=figure.cost or 0,
                factor=assumptions.factor.value,
                factor_year=assumptions.factor.year,
                closed_at=deed.at,
                closed_by=by,
            )
            for category, figure in _used(council, assumptions).items()
        ]
        if not rows:
            raise ValidationError(
                f"The register knows of nothing that {council} had in use at the end of {financial_year(year)}"
            )
        rows = ClosedYear.objects.bulk_create(rows)
        record(deed, rows)
    return rows


def _used(council: Council, assumptions: Assumptions) -> dict[str, Figure]:
    """By category, on the last day of the year."""
    models = {
        key: use for key, *use in AssetModel.objects.values_list("pk", "annual_kwh", "watts").iterator()
    }
    alike: Counter[tuple] = Counter()
    for row in estate(date(assumptions.year + 1, FIRST_MONTH - 1, 31), READ, [council.pk]):
        state, *rest = (value.value for value in row.values)
        alike[tuple(rest)] += state == IN_USE
    catalogue = Catalogue()
    found: dict[str, Figure] = {}
    for (category, model, site, own), number in alike.items():
        if number:
            known = catalogue.of(category, own, *models.get(model, (None, None)))
            figure = assumptions.figure(council.pk, site, category, number, known.kwh)
            found[category] = together([found.get(category, Figure()), figure])
    return found
