"""Change freezes: every write of one, and what they mean for what is planned."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import TruncDate

from assets.batches.models import Appointment, Batch, ChangeFreeze
from assets.batches.querysets import AppointmentQuerySet
from servicedesk.history import editing
from servicedesk.people.access import require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

EDITABLE = ("starts_on", "ends_on", "why")


def add_freeze(row: ChangeFreeze, *, by: Person, now: datetime | None = None) -> ChangeFreeze:
    """Say when nothing is changed. Raises PermissionDenied, or ValidationError by field."""
    require(by, Permission.PLAN_REFRESH, row)
    return editing.add(row, by=by, check=_check, now=now)


def change_freeze(
    row: ChangeFreeze, *, by: Person, version: int, now: datetime | None = None, **values: Any
) -> ChangeFreeze:
    """Change one that was read at `version`. Raises PermissionDenied, editing.Stale, or ValidationError by field."""
    require(by, Permission.PLAN_REFRESH, row)
    if unknown := set(values) - set(EDITABLE):
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    return editing.change(row, by=by, version=version, check=_check, now=now, **values)


def lift_freeze(row: ChangeFreeze, *, by: Person, now: datetime | None = None) -> None:
    """Take one away. Raises PermissionDenied."""
    require(by, Permission.PLAN_REFRESH, row)
    editing.remove(row, by=by, now=now)


def booked_within(row: ChangeFreeze) -> int:
    """How many swaps are booked for its days."""
    booked = Appointment.objects.filter(
        state="booked",
        slot__council=row.council_id,
        slot__starts_at__date__range=(row.starts_on, row.ends_on),
    )
    return (booked.filter(slot__site=row.site_id) if row.site_id else booked).count()


def freezes_of(batch: Batch) -> list[ChangeFreeze]:
    """Those that the days touch for which a batch is planned, of the councils that take part in it."""
    days = [day for day in (batch.planned_from, batch.planned_to) if day]
    if not days:
        return []
    rows = ChangeFreeze.objects.filter(council__in=[part.council_id for part in batch.paying.all()])
    return list(rows.during(days[0], days[-1]).select_related("council", "site"))


def coming(councils: Iterable[int], today: date) -> list[ChangeFreeze]:
    """Those of the councils that are not over, the next first."""
    rows = ChangeFreeze.objects.filter(council__in=councils, ends_on__gte=today)
    return list(rows.select_related("council", "site"))


def with_freeze(rows: AppointmentQuerySet) -> AppointmentQuerySet:
    """Each with `freeze`: why changes are frozen on its day at its site, None where they are not."""
    there = Q(site=None) | Q(site=OuterRef("slot__site"))
    on = OuterRef("on")
    freezes = ChangeFreeze.objects.filter(
        there, council=OuterRef("slot__council"), starts_on__lte=on, ends_on__gte=on
    )
    return rows.alias(on=TruncDate("slot__starts_at")).annotate(freeze=Subquery(freezes.values("why")[:1]))


def _check(row: ChangeFreeze) -> None:
    row.clean_fields()
    if row.site and row.site.council_id != row.council_id:
        raise ValidationError({"site": "Choose a site of this council"})
    if row.ends_on < row.starts_on:
        raise ValidationError({"ends_on": "The last day must be on or after the first"})
