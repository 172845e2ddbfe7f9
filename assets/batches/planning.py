"""Every write to programmes, budgets, deferrals, and to what a batch is planned with. Each is recorded."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone

from assets.batches.choosing import index_batch
from assets.batches.models import Batch, BatchLine, Deferral, Programme, ProgrammeBudget
from assets.batches.states import AT_WORK, BATCH_ENDS, BatchState
from assets.refresh.forecast import add_months, financial_year, year_begun
from assets.register.lifecycle import TERMINAL, MoveRefused
from assets.register.models import Asset
from servicedesk.history import editing
from servicedesk.history.recording import change_set
from servicedesk.people.access import councils_of, require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

SHORTEST_WINDOW = 24
"""Months of a refresh window, at least."""
MOST_YEARS = 10
EDITABLE: dict[type[Model], tuple[str, ...]] = {
    Batch: ("title", "programme", "tolerance_percent", "planned_from", "planned_to", "lessons"),
    BatchLine: ("spares", "purchase", "deploy", "disposal", "residual"),
    Programme: ("name", "from_fy", "to_fy", "window_from", "window_to", "councils"),
}
"""What may be changed of each."""


def add_programme(
    programme: Programme, *, by: Person, councils: list[Council], now: datetime | None = None
) -> Programme:
    """Write down a new one. Raises PermissionDenied, or ValidationError by field."""
    _check_councils(by, councils)
    return editing.add(programme, by=by, check=_check_programme(by), now=now, councils=councils)


def change_programme(
    programme: Programme, *, by: Person, version: int, now: datetime | None = None, **values: Any
) -> Programme:
    """Change one that was read at `version`. Raises PermissionDenied, editing.Stale, or ValidationError by field."""
    _refuse_unknown(Programme, values)
    there, wanted = list(programme.councils.all()), values.get("councils")
    _check_councils(by, [*there, *(wanted or [])])
    if wanted is not None:
        _check_leaving(by, there, list(wanted))
    return editing.change(programme, by=by, version=version, check=_check_programme(by), now=now, **values)


def set_budget(
    programme: Programme,
    council: Council,
    year: str,
    amount: Decimal,
    *,
    by: Person,
    version: int | None = None,
    now: datetime | None = None,
) -> ProgrammeBudget:
    """Say what a council may spend in a year, where it was read at `version`: 0 where nothing was said yet. Raises
    PermissionDenied, editing.Stale, or ValidationError."""
    require(by, Permission.PLAN_REFRESH, council)
    if not programme.councils.filter(pk=council.pk).exists():
        raise ValidationError({"council": f"{council} does not take part in {programme}"})
    if year not in years_of(programme):
        raise ValidationError({"financial_year": f"{programme} does not span {year}"})
    row = ProgrammeBudget.objects.filter(programme=programme, council=council, financial_year=year).first()
    if row is None:
        row = ProgrammeBudget(programme=programme, council=council, financial_year=year, amount=amount)
        return editing.add(row, by=by, check=_check_fields, now=now)
    read = row.version if version is None else version
    return editing.change(row, by=by, version=read, check=_check_fields, now=now, amount=amount)


def years_of(programme: Programme) -> list[str]:
    """The financial years that it spans, in order."""
    first, last = year_begun(programme.from_fy), year_begun(programme.to_fy)
    return [financial_year(year) for year in range(first, last + 1)]


def defer_asset(
    asset: Asset, *, by: Person, reason: str, until: date, now: datetime | None = None
) -> Deferral:
    """Say why what is due is not replaced before a day. Raises PermissionDenied, MoveRefused, or ValidationError."""
    now = now or timezone.now()
    require(by, Permission.PLAN_REFRESH, asset)
    if asset.state in TERMINAL:
        raise MoveRefused(f"{asset} is {asset.get_state_display().lower()}, so there is nothing to defer.")
    problems = {}
    if not reason.strip():
        problems["reason"] = "Enter why it is deferred"
    if until <= timezone.localdate(now):
        problems["until"] = "The date must be in the future"
    if problems:
        raise ValidationError(problems)
    with change_set(by=by, reason=reason.strip(), now=now) as deed:
        row = Deferral(
            council=asset.council,
            asset=asset,
            reason=reason.strip(),
            until=until,
            decided_by=by,
            decided_at=deed.at,
        )
        return editing.add(row, by=by, check=_check_fields)


def change_batch(
    batch: Batch, *, by: Person, version: int, now: datetime | None = None, **values: Any
) -> Batch:
    """Change what a batch is called and when it is planned. Raises PermissionDenied, MoveRefused, editing.Stale, or
    ValidationError by field."""
    _refuse_unknown(Batch, values)
    with change_set(by=by, now=now):
        held = Batch.objects.select_for_update(of=("self",)).select_related("council").get(pk=batch.pk)
        require(by, Permission.PLAN_REFRESH, held)
        if held.state in BATCH_ENDS:
            raise MoveRefused(
                f"{held} is {held.get_state_display().lower()}: nothing of it changes any more."
            )
        wanted = values.get("tolerance_percent", held.tolerance_percent)
        if wanted != held.tolerance_percent and held.state != BatchState.DRAFT:
            raise MoveRefused("The tolerance is approved with the batch, so only a draft’s can be changed.")
        changed = editing.change(batch, by=by, version=version, check=_check_batch, **values)
        index_batch(changed)
    return changed


def change_line(
    line: BatchLine, *, by: Person, version: int, now: datetime | None = None, **values: Any
) -> BatchLine:
    """Change spares and prices of a line. Of an approved batch too: what goes beyond its tolerance is approved anew.
    Raises PermissionDenied, MoveRefused, editing.Stale, or ValidationError by field."""
    _refuse_unknown(BatchLine, values)
    with change_set(by=by, now=now):
        batch = Batch.objects.select_for_update().get(pk=line.batch_id)
        require(by, Permission.PLAN_REFRESH, line)
        if batch.state not in (BatchState.DRAFT, *AT_WORK):
            state = batch.get_state_display().lower()
            raise MoveRefused(f"{batch} is {state}, so its prices stay. Send it back to draft first.")
        return editing.change(line, by=by, version=version, check=_check_fields, **values)


def _refuse_unknown(model: type[Model], values: dict[str, Any]) -> None:
    if unknown := set(values) - set(EDITABLE[model]):
        raise ValidationError({name: "This cannot be changed here." for name in unknown})


def _check_councils(by: Person, councils: list[Council]) -> None:
    """Who plans the refresh of one of the councils plans their programme, of councils whose registers they read."""
    require(by, Permission.PLAN_REFRESH)
    keys = {council.pk for council in councils}
    if not keys & councils_of(by, Permission.PLAN_REFRESH):
        raise ValidationError({"councils": "Choose a council whose refresh you plan"})
    if not keys <= councils_of(by, Permission.SEE_ASSETS):
        raise ValidationError({"councils": "Choose councils whose registers you read"})


def _check_leaving(by: Person, there: list[Council], wanted: list[Council]) -> None:
    """Nobody takes a council out of a programme but who plans its refresh, and nobody the last."""
    if not wanted:
        raise ValidationError({"councils": "Choose a council"})
    mine = councils_of(by, Permission.PLAN_REFRESH)
    others = [one.name for one in there if one not in wanted and one.pk not in mine]
    if others:
        raise ValidationError(
            {"councils": f"Only who plans its refresh takes out {' and '.join(sorted(others))}"}
        )


def _check_fields(row: Any) -> None:
    row.clean_fields()


def _check_batch(batch: Batch) -> None:
    batch.clean_fields(exclude=["reference", "rule"])
    if batch.planned_from and batch.planned_to and batch.planned_to < batch.planned_from:
        raise ValidationError({"planned_to": "The last day must be on or after the first"})


def _check_programme(by: Person) -> Callable[[Programme], None]:
    """What a programme must be. Its name is its own among those that the person sees: of others they learn nothing."""

    def check(programme: Programme) -> None:
        programme.clean_fields()
        others = Programme.objects.visible_to(by).exclude(pk=programme.pk)
        if others.filter(name__iexact=programme.name).exists():
            raise ValidationError({"name": "Name is already in use. Enter another"})
        first, last = year_begun(programme.from_fy), year_begun(programme.to_fy)
        if not first <= last < first + MOST_YEARS:
            raise ValidationError({"to_fy": f"A programme spans between 1 and {MOST_YEARS} financial years"})
        if programme.window_to < add_months(programme.window_from, SHORTEST_WINDOW) - timedelta(days=1):
            raise ValidationError({"window_to": "The refresh window must be at least two years"})

    return check
