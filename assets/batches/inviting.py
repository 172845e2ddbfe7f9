"""What happens by itself each day: invitations 30 days before, reminders to choose, and of a time that is near.

Reminders count the working days of the council whose site it is.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from assets.batches.appointment_following import OPEN, RELATED
from assets.batches.appointment_letters import tell_offered, tell_soon
from assets.batches.appointments import WAITING, offer
from assets.batches.models import Appointment, AppointmentState, BatchItem
from assets.batches.states import AT_WORK
from servicedesk.service_levels.working_days import WorkingDays

INVITED_BEFORE = timedelta(days=30)
REMINDED_AFTER, SOON = 5, 2
"""Working days after which somebody is reminded to choose, and before their time."""
MOST_REMINDERS = 3


def invite_and_remind(now: datetime | None = None) -> int:
    """Run each day. Run twice it tells nobody twice. Returns how many were told.

    Letters wait for the hours of their person: that is the way of every letter.
    """
    now = now or timezone.now()
    return invite_due(now) + remind_to_choose(now) + remind_soon(now)


def invite_due(now: datetime) -> int:
    """Offer an appointment for what waits to be swapped in batches that begin within 30 days, or have begun."""
    until = timezone.localdate(now) + INVITED_BEFORE
    due = BatchItem.objects.filter(
        state__in=WAITING, batch__state__in=AT_WORK, batch__planned_from__lte=until
    )
    waiting = due.filter(asset__holder__isnull=False).exclude(appointments__state__in=OPEN).order_by("pk")
    return len(offer(list(waiting), by=None, now=now).made)


def remind_to_choose(now: datetime) -> int:
    """Remind whoever was asked five working days ago and has chosen no time, three times at most."""
    told, today, days = 0, timezone.localdate(now), WorkingDays()
    waiting = Appointment.objects.filter(
        state=AppointmentState.OFFERED,
        told_at__lte=now - timedelta(days=REMINDED_AFTER),
        reminders__lt=MOST_REMINDERS,
        item__batch__state__in=AT_WORK,
    )
    for one in waiting.select_related(*RELATED, "item__asset__model__manufacturer").order_by("pk"):
        if days.since(one.council_id, timezone.localdate(one.told_at), today) < REMINDED_AFTER:
            continue
        with transaction.atomic():
            taken = Appointment.objects.filter(pk=one.pk, reminders=one.reminders)
            if taken.update(told_at=now, reminders=F("reminders") + 1):
                told += tell_offered(one, one.reminders + 1, now)
    return told


def remind_soon(now: datetime) -> int:
    """Remind of a time that is within two working days; of each time once."""
    today, days, told = timezone.localdate(now), WorkingDays(), 0
    coming = Appointment.objects.filter(
        state=AppointmentState.BOOKED, slot__starts_at__gt=now, item__batch__state__in=AT_WORK
    )
    for council in sorted(set(coming.values_list("council", flat=True).order_by())):
        until = days.after(council, today, SOON)
        near = coming.filter(council=council, slot__starts_at__date__lte=until)
        told += sum(tell_soon(one, now) for one in near.select_related(*RELATED).order_by("pk"))
    return told
