"""The times that sites offer for swaps: cut out of a day, within the hours of the council, and as many as can be."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from assets.batches.models import Appointment, SwapSlot
from servicedesk import wording
from servicedesk.history.recording import change_set, record
from servicedesk.people.access import require
from servicedesk.people.models import Person, Site
from servicedesk.people.roles import Permission
from servicedesk.service_levels.promises import calendar_for, hours_of

MOST_A_DAY = 50
SHORTEST, LONGEST = 5, 480


def offer_day(
    site: Site,
    day: date,
    *,
    by: Person,
    begins: time,
    ends: time,
    minutes: int,
    capacity: int,
    room: str = "",
    now: datetime | None = None,
) -> list[SwapSlot]:
    """Offer the times of one day at a site, each so many minutes long. Raises PermissionDenied, or ValidationError."""
    require(by, Permission.PLAN_REFRESH, site)
    now, room = now or timezone.now(), room.strip()
    starts = _starts(day, begins, ends, minutes)
    if day < timezone.localdate(now):
        raise ValidationError({"day": "The day must not be in the past"})
    if closed := closure(site, day):
        raise ValidationError({"day": closed})
    with change_set(by=by, now=now) as deed:
        Site.objects.select_for_update().get(pk=site.pk)
        there = SwapSlot.objects.filter(site=site, room__iexact=room)
        until = starts[-1] + timedelta(minutes=minutes)
        if there.filter(starts_at__lt=until, ends_at__gt=starts[0]).exists():
            raise ValidationError({"begins": f"{site} offers some of these times already"})
        slots = [
            SwapSlot(
                council=site.council,
                site=site,
                room=room,
                starts_at=start,
                ends_at=start + timedelta(minutes=minutes),
                capacity=capacity,
            )
            for start in starts
        ]
        for slot in slots:
            slot.clean_fields()
        SwapSlot.objects.bulk_create(slots)
        record(deed, slots)
    return slots


def closure(site: Site, day: date) -> str:
    """Why nothing takes place at a site on a day, in a sentence; "" where it can."""
    if hours_of(calendar_for(site.council_id)).windows_on(day):
        return ""
    return f"{site.council} is closed on {wording.weekday(day)}"


def free_slots(site: Site, now: datetime) -> QuerySet[SwapSlot]:
    """The times at a site that are still to come and not full, the soonest first."""
    rows = SwapSlot.objects.filter(site=site, starts_at__gt=now).with_room()
    return rows.select_related("site__council", "council").order_by("starts_at", "pk")


def sites_of(appointment: Appointment) -> list[Site]:
    """Where it may be: the site of the old one, else that of its person; every site of the council where neither
    offers a time."""
    asset, person = appointment.item.asset, appointment.person
    near = [asset.site_id] if asset.site_id else [person.site_id] if person and person.site_id else []
    own = Site.objects.filter(council=appointment.council_id, swap_slots__starts_at__gt=timezone.now())
    rows = own.distinct().order_by("name", "pk")
    return list(rows.filter(pk__in=near)) or list(rows)


def _starts(day: date, begins: time, ends: time, minutes: int) -> list[datetime]:
    if not SHORTEST <= minutes <= LONGEST:
        raise ValidationError({"minutes": f"Enter between {SHORTEST} and {LONGEST} minutes"})
    zone = timezone.get_current_timezone()
    at, last = (datetime.combine(day, clock, zone) for clock in (begins, ends))
    found = []
    while at + timedelta(minutes=minutes) <= last:
        found.append(at)
        at += timedelta(minutes=minutes)
    if not found:
        raise ValidationError({"ends": "It must end after it begins, and be long enough for one swap"})
    if len(found) > MOST_A_DAY:
        raise ValidationError({"minutes": f"Offer at most {MOST_A_DAY} times a day"})
    return found
