"""What is written to people about the replacement of what they have, and whether it still may be said when it goes."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from assets.batches.letters import tell
from assets.batches.models import Appointment, AppointmentState
from assets.register.facts import what_it_is
from servicedesk import wording
from servicedesk.notifications.models import Message
from servicedesk.notifications.sending import Letter
from servicedesk.people.models import Person

EVENT = "swap_offered"


def tell_offered(appointment: Appointment, time: int, now: datetime) -> int:
    """Ask for a time; `time` counts the reminders. Returns how many were told: nobody where nobody has the old one."""
    thing = what_it_is(appointment.item.asset)
    subject = f"{'Reminder: ' if time else ''}Choose when we replace your {thing}"
    body = (
        f"We replace {thing}, {appointment.item.asset}, which you have.\n\n"
        f"Choose a time that suits you:\n{_address(appointment)}\n\n"
        "Please save what is on it before you come, and bring it with its charger."
    )
    return tell(appointment, EVENT, subject, body, f"swap {appointment.pk} offered {time}", now)


def tell_booked(appointment: Appointment, now: datetime) -> int:
    """Confirm the time. Each time that is chosen is told once."""
    when = wording.moment(appointment.slot.starts_at) if appointment.slot else ""
    subject = f"We replace your {what_it_is(appointment.item.asset)} on {when}"
    cause = f"swap {appointment.pk} booked {appointment.version}"
    return tell(appointment, EVENT, subject, _where(appointment), cause, now)


def tell_soon(appointment: Appointment, now: datetime) -> int:
    """Remind of a time that is near."""
    when = wording.moment(appointment.slot.starts_at) if appointment.slot else ""
    subject = f"Reminder: your appointment is on {when}"
    cause = f"swap {appointment.pk} soon {appointment.slot_id}"
    return tell(appointment, EVENT, subject, _where(appointment), cause, now)


def about_appointment(person: Person, message: Message) -> Letter | None:
    """TOLD_ABOUT: to whoever it is for, as long as it is open."""
    open_ones = Appointment.objects.filter(
        pk=message.about_id,
        person=person,
        state__in=(AppointmentState.OFFERED, AppointmentState.BOOKED),
    )
    return Letter(message.subject, message.body, []) if open_ones.exists() else None


def _where(appointment: Appointment) -> str:
    slot = appointment.slot
    if slot is None:
        return ""
    return (
        f"Come to {slot} on {wording.moment(slot.starts_at)}, and bring {appointment.item.asset} with its charger.\n\n"
        f"If that does not suit you any more, choose another time:\n{_address(appointment)}"
    )


def _address(appointment: Appointment) -> str:
    return settings.BASE_URL + reverse("batches:appointment", args=[appointment.pk])
