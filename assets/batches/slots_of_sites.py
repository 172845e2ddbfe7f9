"""The times that sites offer for swaps: cut out of a day, within the hours of the council, and as many as can be."""

from datetime import date, datetime, time, timedelta

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from assets.batches.models import Appointment, ChangeFreeze, SwapSlot
from assets.register.lifecycle import MoveRefused
from servicedesk import wording
from servicedesk.history import editing
from servicedesk.history.recording import change_set, record
from servicedesk.people.access import require
from servicedesk.people.models import Person, Site
from servicedesk.people.roles import Permission
from servicedesk.service_levels.promises import calendar_for, hours_of

MOST_A_DAY, MOST_TIMES = 50, 60
SHORTEST, LONGEST = 5, 480
FARTHEST = timedelta(days=731)


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
    if day > timezone.localdate(now) + FARTHEST:
        raise ValidationError({"day": "Choose a day within the next two years"})
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


def change_slot(
    slot: SwapSlot, *, by: Person, version: int, capacity: int, now: datetime | None = None
) -> SwapSlot:
    """Say how many engineers are there; never fewer than have somebody who comes. Raises PermissionDenied,
    editing.Stale, or ValidationError by field."""
    require(by, Permission.PLAN_REFRESH, slot)

    def check(row: SwapSlot) -> None:
        row.clean_fields()
        taken = row.appointments.taking_place().count()
        if row.capacity < taken:
            raise ValidationError({"capacity": f"{wording.counted(taken, 'swap')} booked already"})

    return editing.change(slot, by=by, version=version, check=check, now=now, capacity=capacity)


def remove_slot(slot: SwapSlot, *, by: Person, now: datetime | None = None) -> None:
    """Offer a time no longer that nobody has ever chosen. Raises PermissionDenied or MoveRefused."""
    require(by, Permission.PLAN_REFRESH, slot)
    with change_set(by=by, now=now):
        rows = SwapSlot.objects.select_related("site", "council").select_for_update(of=("self",))
        held = rows.filter(pk=slot.pk).first()
        if held is None:
            raise MoveRefused("This time is not offered any more.")
        if held.appointments.exists():
            raise MoveRefused("Somebody has chosen this time, so it stays.")
        editing.remove(held, by=by)


def closure(site: Site, day: date) -> str:
    """Why nothing takes place at a site on a day, in a sentence; "" where it can."""
    return shut_on(site, day) or frozen_on(site.council_id, site.pk, day)


def shut_on(site: Site, day: date) -> str:
    """That the council of the site is closed on a day, in a sentence; "" where it is open."""
    if hours_of(calendar_for(site.council_id)).windows_on(day):
        return ""
    return f"{site.council} is closed on {wording.weekday(day)}"


def frozen_on(council: int, site: int | None, day: date) -> str:
    """That changes are frozen on a day at a site, or at the whole council where none is known, in a sentence; "" where
    they are not."""
    freezes = ChangeFreeze.objects.at(council, site).during(day, day)
    freeze = freezes.select_related("site", "council").first()
    return freeze.told if freeze else ""


def free_slots(site: Site, now: datetime) -> QuerySet[SwapSlot]:
    """The times at a site that are still to come and not full, the soonest first."""
    rows = SwapSlot.objects.filter(site=site, starts_at__gt=now).with_room()
    return rows.select_related("site__council", "council").order_by("starts_at", "pk")


def times_of(appointment: Appointment, now: datetime, *, frozen: bool = False) -> list[SwapSlot]:
    """The times from which it may be chosen, the soonest first: none on a day on which nothing takes place. With
    `frozen` those within change freezes too, each of which says so: the desk may choose one for a reason."""
    found = [slot for site in sites_of(appointment) for slot in free_slots(site, now)[:MOST_TIMES]]
    places = {(slot.site, timezone.localdate(slot.starts_at)) for slot in found}
    shut = {(site, day) for site, day in places if shut_on(site, day)}
    freezes = {(site, day): frozen_on(site.council_id, site.pk, day) for site, day in places}
    able = []
    for slot in found:
        place = slot.site, timezone.localdate(slot.starts_at)
        slot.freeze = freezes[place]
        if place not in shut and (frozen or not slot.freeze):
            able.append(slot)
    return sorted(able, key=lambda slot: (slot.starts_at, slot.pk))[:MOST_TIMES]


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
