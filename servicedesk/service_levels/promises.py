"""Which promise a ticket carries, and whose hours count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.people.models import Agreement, Council, Person, Team
from servicedesk.service_levels.calendar_shape import calendar_from_shape
from servicedesk.service_levels.models import (
    Calendar,
    CalendarEdition,
    CouncilCalendar,
    Metric,
    ServiceLevel,
    TeamCalendar,
)
from servicedesk.service_levels.working_time import WorkingCalendar, next_open

STANDARD, ROUND_THE_CLOCK = "STD", "24X7"
K = ServiceLevel.Kind


@dataclass(frozen=True)
class Promise:
    """A service level and the calendar that it is kept by for one council."""

    level: ServiceLevel
    calendar: Calendar


@dataclass(frozen=True)
class Matter:
    """What promises are looked up by: a kind of ticket of a council, and when it was reported."""

    ticket_type: str
    priority: str
    council_id: int
    service: Service | None
    reported_at: datetime

    @property
    def reported_on(self) -> date:
        return timezone.localdate(self.reported_at)


class Promises:
    """What customers are promised. The levels of each kind of ticket are read once for as long as this lives."""

    def __init__(self) -> None:
        self.read: dict[tuple, dict[ServiceLevel, Promise]] = {}

    def __call__(self, matter: Matter) -> dict[str, Promise]:
        """By metric: the most particular service level that fits. Empty where none does."""
        key = matter.ticket_type, matter.priority, matter.council_id, matter.service
        if key not in self.read:
            self.read[key] = _promised(matter)
        promised = self.read[key]
        return {level.metric: promised[level] for level in _most_particular_last(matter, promised)}


def _promised(matter: Matter) -> dict[ServiceLevel, Promise]:
    levels = list(_fitting(matter, kind=K.SLA))
    if not levels:
        return {}
    hours = calendar_for(matter.council_id, matter.service, matter.priority)
    return {level: Promise(level, level.calendar or hours) for level in levels}


def promises_for(matter: Matter) -> dict[str, Promise]:
    """What the customer is promised of one ticket, by metric."""
    return Promises()(matter)


def promise_of_supplier(matter: Matter, team: Team) -> Promise | None:
    """What a supplier has promised us, by their own hours; None where there is no contract for it."""
    contracts = _fitting(matter, kind=K.UC, team=team, metric=Metric.SUPPLIER)
    fitting = _most_particular_last(matter, contracts)
    if not fitting:
        return None
    level = fitting[-1]
    return Promise(level, level.calendar or calendar_of_team(team.pk) or calendar_for(matter.council_id))


def promises_between_teams(matter: Matter, teams: Iterable[int]) -> dict[int, ServiceLevel]:
    """By team: how long it has promised to hold such a ticket, where it has."""
    levels = _most_particular_last(matter, _fitting(matter, kind=K.OLA, team__in=teams))
    return {level.team_id: level for level in levels if level.team_id}


def calendar_for(council_id: int, service: Service | None = None, priority: str = "") -> Calendar:
    """The council's hours; round the clock for a critical fault of a service with out-of-hours cover."""
    if service and service.out_of_hours_cover and priority == "P1":
        return Calendar.objects.get(code=ROUND_THE_CLOCK)
    link = CouncilCalendar.objects.filter(council=council_id).select_related("calendar").first()
    return link.calendar if link else Calendar.objects.get(code=STANDARD)


def calendar_of_team(team_id: int) -> Calendar | None:
    """The hours of its own that a team or supplier keeps; None where it keeps those of the council."""
    link = TeamCalendar.objects.filter(team=team_id).select_related("calendar").first()
    return link.calendar if link else None


def next_working_instant(whom: Person | Team | Council, now: datetime) -> datetime:
    """`now` where they are at work, else when they are next: a team by its own hours, a person by those of their teams
    that keep their own, else everybody by their council's. A team of several councils is at work when one of them is.

    Who is told of a P1 is told at once: do not ask.
    """
    return min(next_open(hours_of(calendar), now) for calendar in _calendars_kept_by(whom, now))


def _calendars_kept_by(whom: Person | Team | Council, now: datetime) -> list[Calendar]:
    if isinstance(whom, Council):
        return [calendar_for(whom.pk)]
    if isinstance(whom, Team):
        own, councils = Q(teams__team=whom), list(whom.councils.values_list("pk", flat=True))
    else:
        teams = whom.memberships.in_force(now).values("team")
        own, councils = Q(teams__team__in=teams), [whom.council_id]
    kept = list(Calendar.objects.filter(own).distinct())
    return kept or [calendar_for(council) for council in councils] or [Calendar.objects.get(code=STANDARD)]


def hours_of(calendar: Calendar, version: int | None = None) -> WorkingCalendar:
    """A calendar's hours as the arithmetic takes them: the present ones, or those of an earlier version."""
    shape = None
    if version is not None and version != calendar.version:
        editions = CalendarEdition.objects.filter(calendar=calendar, version=version)
        shape = editions.values_list("shape", flat=True).first()
    shape = shape or shape_of(calendar)
    return calendar_from_shape({calendar.code: shape}, calendar.code, timezone=calendar.timezone)


class Hours:
    """Hours by calendar and version, each read once for as long as this lives."""

    def __init__(self) -> None:
        self.read: dict[tuple[int, int | None], WorkingCalendar] = {}

    def __call__(self, calendar: Calendar, version: int | None = None) -> WorkingCalendar:
        key = calendar.pk, calendar.version if version is None else version
        if key not in self.read:
            self.read[key] = hours_of(calendar, version)
        return self.read[key]


def shape_of(calendar: Calendar) -> dict[str, Any]:
    """A calendar as `calendar_shape` reads it, whole: with its days that differ and its later versions."""
    exceptions = {day.date.isoformat(): day.windows or None for day in calendar.exceptions.all()}
    versions = [
        {"starts_on": version.starts_on.isoformat(), **_shape_of_week(version)}
        for version in calendar.versions.all()
    ]
    return {
        "timezone": calendar.timezone,
        "exceptions": exceptions,
        "versions": versions,
        **_shape_of_week(calendar),
    }


def _shape_of_week(week: Any) -> dict[str, Any]:
    if week.always:
        return {"always": True}
    holidays = {"holidays": "england-and-wales"} if week.bank_holidays else {}
    return {"windows": week.windows, **holidays}


def customers_of(agreement: Agreement) -> QuerySet[Council]:
    """To whom the targets of an agreement are promised: the provider's customers, or each of those who share."""
    return agreement.councils.exclude(pk__in=[agreement.provider_id])


def _fitting(matter: Matter, **narrowed: Any) -> QuerySet[ServiceLevel]:
    """What is promised, or was or will be, of such tickets, in the order in which it starts."""
    levels = ServiceLevel.objects.filter(
        Q(council=matter.council_id) | Q(council=None),
        Q(service=matter.service) | Q(service=None),
        Q(agreement=None) | Q(agreement__in=_agreements_about(matter)),
        ticket_type=matter.ticket_type,
        priority=matter.priority,
        **narrowed,
    )
    return levels.select_related("calendar", "agreement").order_by("starts_on")


def _agreements_about(matter: Matter) -> QuerySet[Agreement]:
    """Those that have been agreed to and make the council a customer, about the service: each that brings it, and each
    that names no services, because that covers whatever its councils are offered."""
    brought = Q(services=matter.service) if matter.service else Q()
    agreed = Agreement.objects.filter(brought | Q(services=None), awaiting=None, councils=matter.council_id)
    return agreed.exclude(provider=matter.council_id)


def _most_particular_last(matter: Matter, fitting: Iterable[ServiceLevel]) -> list[ServiceLevel]:
    """Of each scope the latest to have started, unless it has ended. What agreements say comes after all else; then
    what names a service after what names none, and a council after none; and of agreements that name as much, the one
    that began later."""
    latest = {
        (level.metric, level.team_id, level.service_id, level.council_id, level.agreement_id): level
        for level in fitting
        if level.starts_on <= matter.reported_on and _is_in_force(level.agreement, matter.reported_at)
    }
    held = [level for level in latest.values() if not level.ended_on or level.ended_on > matter.reported_on]
    return sorted(held, key=_particularity)


def _is_in_force(agreement: Agreement | None, at: datetime) -> bool:
    if agreement is None:
        return True
    return agreement.starts_at <= at and (agreement.ends_at is None or at < agreement.ends_at)


def _particularity(level: ServiceLevel) -> tuple:
    agreement = level.agreement
    named = level.service_id is not None, level.council_id is not None
    return (agreement is not None, *named, *((agreement.starts_at, agreement.pk) if agreement else ()))
