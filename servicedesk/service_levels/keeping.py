"""Changing hours and promises. Who administers every council that something holds for may change it, nobody else.

What a change does to tickets is no matter of this app: the caller lets them follow, in the same transaction.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from servicedesk.history import editing
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, change_set, difference, record, record_entries, snapshot
from servicedesk.people.access import councils_of, require
from servicedesk.people.models import Agreement, Council, Team
from servicedesk.people.roles import Permission
from servicedesk.service_levels.calendar_shape import calendar_from_shape
from servicedesk.service_levels.models import (
    Calendar,
    CalendarEdition,
    CalendarException,
    CalendarVersion,
    CouncilCalendar,
    Metric,
    ServiceLevel,
    TeamCalendar,
)
from servicedesk.service_levels.promises import ROUND_THE_CLOCK, STANDARD, customers_of, hours_of, shape_of
from servicedesk.service_levels.working_time import DeadlineError

BESIDE_OTHERS = "It holds for councils that you do not administer. Make one for your own council instead."
OF_ALL_WHO_AGREED = "Who administers all councils of an agreement sets its targets, nobody else."


@dataclass(frozen=True)
class WeekGiven:
    """The hours of a week as somebody gives them; windows as a Calendar keeps them."""

    windows: Mapping[str, list] = field(default_factory=dict)
    always: bool = False
    bank_holidays: bool = True


def councils_kept(calendar: Calendar) -> set[int]:
    """The councils whose promises or teams are measured by the calendar."""
    everywhere = set(Council.objects.filter(archived_at=None).values_list("pk", flat=True))
    if calendar.code == ROUND_THE_CLOCK:
        return everywhere
    linked = set(CouncilCalendar.objects.filter(council__in=everywhere).values_list("council", flat=True))
    kept = set(calendar.councils.values_list("council", flat=True))
    kept |= set(calendar.teams.values_list("team__councils", flat=True)) - {None}
    if calendar.code == STANDARD:
        kept |= everywhere - linked
    levels = calendar.service_levels.select_related("council", "agreement")
    return kept.union(*(councils_promised(level.council, level.agreement) for level in levels))


def may_keep(person, councils: set[int]) -> bool:
    """Whether the person administers them all, and any at all."""
    administered = councils_of(person, Permission.ADMINISTER)
    return bool(administered) and councils <= administered


def new_calendar(*, by, code: str, name: str, week: WeekGiven, now: datetime | None = None) -> Calendar:
    """Add a calendar, which nobody keeps yet. Raises PermissionDenied, or ValidationError by field."""
    require(by, Permission.ADMINISTER)
    calendar = Calendar(code=code, name=name, **asdict(week))
    _check_hours(calendar)
    return editing.add(calendar, by=by, check=lambda row: editing.refuse_taken(row, "code", "name"), now=now)


def change_hours(
    calendar: Calendar,
    *,
    by,
    version: int,
    week: WeekGiven,
    starts_on: date | None = None,
    now: datetime | None = None,
) -> Calendar:
    """Give a calendar other weekly hours: from a day on, or from the beginning.

    Raises PermissionDenied, Stale, or ValidationError by field.
    """
    _refuse_others(by, councils_kept(calendar))
    with change_set(by=by, now=now) as deed:
        calendar = _begin_edition(deed, calendar, version)
        if starts_on is None:
            _write(calendar, by, now, **asdict(week))
        else:
            found = calendar.versions.filter(starts_on=starts_on).first()
            row = found or CalendarVersion(calendar=calendar, starts_on=starts_on)
            _write(row, by, now, **asdict(week))
        _check_hours(calendar)
    return calendar


def set_day(
    calendar: Calendar,
    *,
    by,
    version: int,
    day: date,
    windows: list,
    reason: str,
    now: datetime | None = None,
) -> Calendar:
    """Close a day, or open it for other hours than its weekday's; what was said of the day before is replaced.

    Raises PermissionDenied, Stale, or ValidationError by field.
    """
    _refuse_others(by, councils_kept(calendar))
    with change_set(by=by, now=now) as deed:
        calendar = _begin_edition(deed, calendar, version)
        found = calendar.exceptions.filter(date=day).first()
        row = found or CalendarException(calendar=calendar, date=day)
        _write(row, by, now, windows=windows, reason=reason)
        _check_hours(calendar)
    return calendar


def clear_day(calendar: Calendar, *, by, version: int, day: date, now: datetime | None = None) -> Calendar:
    """Let a day have the hours of its weekday again. Raises PermissionDenied, Stale, or ValidationError by field."""
    _refuse_others(by, councils_kept(calendar))
    with change_set(by=by, now=now) as deed:
        calendar = _begin_edition(deed, calendar, version)
        said = calendar.exceptions.filter(date=day).first()
        if said is None:
            raise ValidationError({"day": "It has the hours of its weekday already"})
        was = snapshot([said])[said.pk]
        fields = difference(was, dict.fromkeys(was, (None, "")))
        entry = Entry(said.pk, str(said), None, Change.Action.REMOVE, fields)
        said.delete()
        record_entries(deed, CalendarException, [entry])
    return calendar


def told_with(calendar: Calendar) -> list[CalendarVersion | CalendarException]:
    """What is told in the history of a calendar: its hours from a day on, and the days that differ or did once."""
    return [*calendar.versions.all(), *calendar.exceptions.all(), *_days_cleared(calendar)]


def _days_cleared(calendar: Calendar) -> list[CalendarException]:
    """The days that differed once, for their history alone."""
    edited = Change.objects.filter(kind=Calendar._meta.label_lower, object_id=calendar.pk)
    gone = Change.objects.filter(
        kind=CalendarException._meta.label_lower,
        action=Change.Action.REMOVE,
        change_set__in=edited.values("change_set"),
    )
    return [CalendarException(pk=key) for key in gone.values_list("object_id", flat=True)]


def close_days(
    calendar: Calendar, *, by, version: int, days: Mapping[date, str], now: datetime | None = None
) -> Calendar:
    """Close several days, each for its reason; what was said of them before is replaced. `by` may be the system itself.

    Raises PermissionDenied, or Stale.
    """
    if by is not None:
        _refuse_others(by, councils_kept(calendar))
    with change_set(by=by, now=now) as deed:
        calendar = _begin_edition(deed, calendar, version)
        said = {row.date: row for row in calendar.exceptions.filter(date__in=days)}
        for day, reason in days.items():
            row = said.get(day) or CalendarException(calendar=calendar, date=day)
            _write(row, by, now, windows=[], reason=reason)
    return calendar


def keep_for_council(
    council: Council, calendar: Calendar, *, by, now: datetime | None = None
) -> CouncilCalendar:
    """Measure a council's requests by a calendar from now on."""
    require(by, Permission.ADMINISTER, council)
    found = CouncilCalendar.objects.filter(council=council).first()
    return _write(found or CouncilCalendar(council=council), by, now, calendar=calendar)


def keep_for_team(team: Team, calendar: Calendar, *, by, now: datetime | None = None) -> TeamCalendar:
    """Give a team or supplier hours of its own."""
    _refuse_others(by, set(team.councils.values_list("pk", flat=True)))
    found = TeamCalendar.objects.filter(team=team).first()
    return _write(found or TeamCalendar(team=team), by, now, calendar=calendar)


def save_level(
    level: ServiceLevel, *, by, version: int | None = None, now: datetime | None = None, **values: Any
) -> ServiceLevel:
    """Add a promise, or change one that was read at `version`.

    Raises PermissionDenied, Stale, or ValidationError by field.
    """
    council, agreement = (values.get(name, getattr(level, name)) for name in ("council", "agreement"))
    _refuse_alone(by, council, agreement)
    if level.pk:
        _refuse_alone(by, level.council, level.agreement)
        return editing.change(level, by=by, version=version or 0, check=check_level, now=now, **values)
    for name, value in values.items():
        setattr(level, name, value)
    return editing.add(level, by=by, check=check_level, now=now)


def councils_promised(council: Council | None, agreement: Agreement | None = None) -> set[int]:
    """The councils whose word a promise is: all who take part in its agreement, whoever provides among them; else the
    council that it names, or all."""
    if council and not agreement:
        return {council.pk}
    said = agreement.councils.all() if agreement else Council.objects.all()
    return set(said.filter(archived_at=None).values_list("pk", flat=True))


def check_level(level: ServiceLevel) -> None:
    """Raises ValidationError by field where a promise makes no sense, or stands already."""
    kind, metric, team = level.kind, level.metric, level.team
    wrong: dict[str, str] = {}
    if kind == ServiceLevel.Kind.SLA and team:
        wrong["team"] = "A promise to the customer names no team."
    if kind != ServiceLevel.Kind.SLA and not team:
        wrong["team"] = "Select the team or supplier that promises it"
    if team and (kind == ServiceLevel.Kind.UC) != (team.kind == Team.Kind.SUPPLIER):
        wrong["team"] = "A contract is with a supplier, an agreement between teams with a team of our own."
    if (kind == ServiceLevel.Kind.UC) != (metric == Metric.SUPPLIER):
        wrong["metric"] = "A contract with a supplier, and nothing else, is measured by the supplier's fix."
    elif (metric, level.ticket_type == "request") in NEVER:
        wrong["metric"] = "A request is delivered; an incident is fixed."
    if level.ended_on and level.ended_on <= level.starts_on:
        wrong["ended_on"] = "The end must be after the start"
    if level.agreement:
        wrong |= _wrong_with_target(level, level.agreement)
    same = ServiceLevel.objects.exclude(pk=level.pk).filter(**{name: getattr(level, name) for name in SCOPE})
    if not wrong and same.exists():
        wrong["starts_on"] = "There is such a promise from this day on already. Change that one"
    if wrong:
        raise ValidationError(wrong)


def _wrong_with_target(level: ServiceLevel, agreement: Agreement) -> dict[str, str]:
    """What makes no sense of a promise as a target of an agreement, by field."""
    wrong = {}
    if level.kind != ServiceLevel.Kind.SLA:
        wrong["agreement"] = "A target of an agreement is a promise to the customer"
    elif not level.pk and agreement.ends_at and agreement.ends_at <= timezone.now():
        wrong["agreement"] = f"{agreement} has ended. Choose another, or none"
    if level.council and level.council not in customers_of(agreement):
        wrong["council"] = f"{level.council} is not promised anything by {agreement}"
    brought = agreement.services.all()
    stood = ServiceLevel.objects.filter(pk=level.pk, agreement=agreement, service=level.service)
    if level.service and brought and level.service not in brought and not stood.exists():
        wrong["service"] = f"{agreement} does not cover {level.service}"
    return wrong


NEVER = {(Metric.RESOLUTION, True), (Metric.FULFILMENT, False)}
"""What is measured of which tickets never: {(metric, whether of requests)}."""
SCOPE = ("ticket_type", "priority", "metric", "council", "service", "team", "agreement", "starts_on")


def _refuse_alone(by, council: Council | None, agreement: Agreement | None) -> None:
    """Raises PermissionDenied where a promise is not the person's to make."""
    why = OF_ALL_WHO_AGREED if agreement else BESIDE_OTHERS
    _refuse_others(by, councils_promised(council, agreement), why)


def _refuse_others(by, councils: set[int], why: str = BESIDE_OTHERS) -> None:
    require(by, Permission.ADMINISTER)
    if not may_keep(by, councils):
        raise PermissionDenied(why)


def _begin_edition(deed: ChangeSet, calendar: Calendar, version: int) -> Calendar:
    """Keep what the calendar said until now, for what was measured by it, and count its version on."""
    calendar = Calendar.objects.select_for_update().get(pk=calendar.pk)
    if calendar.version != version:
        raise editing.Stale(calendar)
    CalendarEdition.objects.create(calendar=calendar, version=version, shape=shape_of(calendar))
    calendar.version += 1
    calendar.save(update_fields=["version"])
    fields = {"version": [version, calendar.version, str(version), str(calendar.version)]}
    record_entries(deed, Calendar, [Entry(calendar.pk, str(calendar), None, Change.Action.UPDATE, fields)])
    return calendar


def _write(row: Any, by, now: datetime | None, **values: Any) -> Any:
    """Save a row that has no version of its own, recorded. Where it says that already, nothing is written."""
    with change_set(by=by, now=now) as deed:
        before = snapshot([row]) if row.pk else None
        for name, value in values.items():
            setattr(row, name, value)
        if snapshot([row]) != before:
            row.save()
            record(deed, [row], before)
    return row


def _check_hours(calendar: Calendar) -> None:
    """Raises ValidationError where no hours can be read of it."""
    try:
        if calendar.pk:
            hours_of(calendar)
        else:
            shape = {"always": True} if calendar.always else {"windows": calendar.windows}
            calendar_from_shape({calendar.code: shape}, calendar.code)
    except DeadlineError as problem:
        raise ValidationError(str(problem)) from problem
