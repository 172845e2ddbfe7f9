"""When the laptops of the wave under way are swapped: a site offers the times of a day, and some are booked."""

from datetime import datetime, time, timedelta

from assets.batches.appointments import assign, book, engineers_of, offer
from assets.batches.models import BatchItem
from assets.batches.slots_of_sites import closure, free_slots, offer_day
from servicedesk.people.models import Council

BOOKED = 2


def load_appointments(now: datetime) -> None:
    """The people of the county's wave are asked; two of them have chosen a time, with an engineer each."""
    county = Council.objects.get(code="OCC")
    manager = county.people.get(email__startswith="asset.manager@")
    waiting = BatchItem.objects.filter(council=county, state="allocated", batch__state="under_way")
    items = list(waiting.exclude(asset__holder=None).order_by("pk"))
    if not items:
        return
    made = offer(items, by=manager, now=now - timedelta(days=1)).made
    site = county.sites.order_by("pk")[0]
    day = (now + timedelta(days=7)).date()
    while closure(site, day):
        day += timedelta(days=1)
    offer_day(
        site,
        day,
        by=manager,
        begins=time(9, 30),
        ends=time(12),
        minutes=30,
        capacity=2,
        room="Training room",
        now=now,
    )
    slots, engineers = list(free_slots(site, now)), engineers_of(county.pk)
    for at, appointment in enumerate(made[:BOOKED]):
        booked = book(appointment, slots[at], by=appointment.person or manager, now=now)
        assign(booked, by=manager, engineer=engineers[at] if len(engineers) > at else None, now=now)
