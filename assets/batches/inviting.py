"""What happens by itself each day: invitations 30 days before, reminders to choose, and of a time that is near."""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from assets.batches.appointment_following import OPEN, RELATED
from assets.batches.appointment_letters import tell_offered, tell_soon
from assets.batches.appointments import WAITING, offer
from assets.batches.models import Appointment, AppointmentState, BatchItem
from assets.batches.states import AT_WORK

INVITED_BEFORE = timedelta(days=30)
REMINDED_AFTER = timedelta(days=7)
MOST_REMINDERS = 3
SOON = timedelta(days=2)


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
    """Remind whoever was asked a week ago and has chosen no time, three times at most."""
    told = 0
    late = Appointment.objects.filter(
        state=AppointmentState.OFFERED,
        told_at__lte=now - REMINDED_AFTER,
        reminders__lt=MOST_REMINDERS,
        item__batch__state__in=AT_WORK,
    )
    for one in late.select_related(*RELATED, "item__asset__model__manufacturer").order_by("pk"):
        taken = Appointment.objects.filter(pk=one.pk, reminders=one.reminders)
        if taken.update(told_at=now, reminders=F("reminders") + 1):
            told += tell_offered(one, one.reminders + 1, now)
    return told


def remind_soon(now: datetime) -> int:
    """Remind of a time that is within two days; of each time once."""
    near = Appointment.objects.filter(
        state=AppointmentState.BOOKED,
        slot__starts_at__gt=now,
        slot__starts_at__lte=now + SOON,
        item__batch__state__in=AT_WORK,
    )
    return sum(tell_soon(one, now) for one in near.select_related(*RELATED).order_by("pk"))
