"""The hours that a council's desk kept at a moment: by the calendar that it had then, as that was then.

What is counted of the past is counted by these, so that closed days and other hours that are written down later change
nothing of it.
"""

from datetime import datetime

from servicedesk.history.models import Change
from servicedesk.service_levels.models import Calendar, CouncilCalendar
from servicedesk.service_levels.promises import STANDARD, calendar_for, hours_of
from servicedesk.service_levels.working_time import WorkingCalendar


def desk_hours_at(council_id: int, moment: datetime) -> WorkingCalendar:
    """The working hours of a council's desk as they were known at a moment."""
    calendar = _calendar_at(council_id, moment)
    changed = _first_change(Calendar._meta.label_lower, calendar.pk, "version", moment)
    return hours_of(calendar, changed["version"][0] if changed else calendar.version)


def _calendar_at(council_id: int, moment: datetime) -> Calendar:
    link = CouncilCalendar.objects.filter(council=council_id).values_list("pk", flat=True).first()
    changed = _first_change(CouncilCalendar._meta.label_lower, link, "calendar", moment) if link else None
    if changed is None:
        return calendar_for(council_id)
    kept = changed["calendar"][0]  # none before the council was given a calendar of its own
    return Calendar.objects.get(pk=kept) if kept else Calendar.objects.get(code=STANDARD)


def _first_change(kind: str, key: int, name: str, moment: datetime) -> dict | None:
    """The first change of a field at a moment or later: it says how it was."""
    told = Change.objects.filter(kind=kind, object_id=key, change_set__at__gte=moment, fields__has_key=name)
    return told.order_by("pk").values_list("fields", flat=True).first()
