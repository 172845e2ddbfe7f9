"""Which promise a ticket carries, and by which hours it is measured."""

from dataclasses import dataclass

from django.db.models import Q

from servicedesk.catalogue.models import Service
from servicedesk.service_levels.calendar_shape import calendar_from_shape
from servicedesk.service_levels.models import Calendar, CouncilCalendar, ServiceLevel
from servicedesk.service_levels.working_time import WorkingCalendar

STANDARD, ROUND_THE_CLOCK = "STD", "24X7"


@dataclass(frozen=True)
class Promise:
    """A service level and the calendar that it is kept by for one council."""

    level: ServiceLevel
    calendar: Calendar


def promises_for(
    *, ticket_type: str, priority: str, council_id: int, service: Service | None
) -> dict[str, Promise]:
    """The promise for each metric: the most particular service level that fits. Empty where none does."""
    levels = ServiceLevel.objects.filter(
        Q(council=council_id) | Q(council=None),
        Q(service=service) | Q(service=None),
        ticket_type=ticket_type,
        priority=priority,
    ).select_related("calendar")
    best: dict[str, ServiceLevel] = {}
    for level in sorted(levels, key=_particularity):
        best[level.metric] = level
    if not best:
        return {}
    hours = calendar_for(council_id, service, priority)
    return {metric: Promise(level, level.calendar or hours) for metric, level in best.items()}


def calendar_for(council_id: int, service: Service | None, priority: str) -> Calendar:
    """The council's hours; round the clock for a critical fault of a service with out-of-hours cover."""
    if service and service.out_of_hours_cover and priority == "P1":
        return Calendar.objects.get(code=ROUND_THE_CLOCK)
    link = CouncilCalendar.objects.filter(council=council_id).select_related("calendar").first()
    return link.calendar if link else Calendar.objects.get(code=STANDARD)


def hours_of(calendar: Calendar) -> WorkingCalendar:
    """A calendar's hours as the arithmetic takes them."""
    shape = {
        "windows": calendar.windows,
        "always": calendar.always,
        "exceptions": {day.date.isoformat(): day.windows or None for day in calendar.exceptions.all()},
    }
    if calendar.bank_holidays and not calendar.always:
        shape["holidays"] = "england-and-wales"
    if calendar.always:
        del shape["windows"]
    return calendar_from_shape({calendar.code: shape}, calendar.code, timezone=calendar.timezone)


def _particularity(level: ServiceLevel) -> tuple[bool, bool]:
    return level.service_id is not None, level.council_id is not None
