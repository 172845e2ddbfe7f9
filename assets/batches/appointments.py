"""Appointments: offering them, choosing a time, the no-show, calling one off. Every write but how a swap ends them.

Rows are held in one order: assets, batches and items first, then the slot, then the appointment. Of two people who
choose the last place of a time at once the second is told that it is full.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from assets.batches.appointment_following import OPEN, RELATED
from assets.batches.appointment_letters import tell_booked, tell_offered
from assets.batches.item_effects import bring_about
from assets.batches.item_guards import WHY_FROZEN
from assets.batches.items import held, move_item, write_moved
from assets.batches.models import Appointment, AppointmentState, BatchItem, SwapSlot
from assets.batches.slots_of_sites import frozen_on, shut_on
from assets.batches.states import AT_WORK
from assets.register.lifecycle import MoveRefused
from servicedesk import wording
from servicedesk.history.editing import Stale
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import may, require
from servicedesk.people.models import Person, Team
from servicedesk.people.roles import Permission

State = AppointmentState
WAITING = ("allocated", "no_show")
"""States of items whose swap has no time."""


class Offered(NamedTuple):
    """What became of many: the appointments that were offered, and a sentence for each item that got none."""

    made: list[Appointment]
    refused: list[str]


def offer(items: Iterable[BatchItem], *, by: Person | None, now: datetime | None = None) -> Offered:
    """Ask whoever has each old one to choose a time. `by` is None for the system. Raises PermissionDenied."""
    now, refused = now or timezone.now(), []
    with change_set(by=by, now=now) as deed:
        good = []
        for item in held([item.pk for item in items]):
            if by is not None:
                require(by, Permission.MOVE_ASSETS, item)
            if sentence := _why_not(item):
                refused.append(sentence)
            else:
                good.append(item)
        made = [
            Appointment(
                council=item.council, item=item, person=item.asset.holder, offered_at=deed.at, told_at=deed.at
            )
            for item in good
        ]
        Appointment.objects.bulk_create(made)
        record(deed, made)
        for one in made:
            tell_offered(one, 0, now)
    return Offered(made, refused)


def book(
    appointment: Appointment,
    slot: SwapSlot,
    *,
    by: Person,
    freeze_reason: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Appointment:
    """Choose a time, or another one: by whoever has the old one, or by who handles assets of the council. These alone
    choose one within a change freeze, for the reason that is kept with it.

    Raises PermissionDenied, MoveRefused, Stale, or ValidationError by field.
    """
    if appointment.person_id != by.pk:
        require(by, Permission.MOVE_ASSETS, appointment)
    now = now or timezone.now()
    with change_set(by=by, reason=freeze_reason.strip(), now=now) as deed:
        item = held([appointment.item_id])[0]
        slot = (
            SwapSlot.objects.select_for_update(of=("self",)).select_related("site__council").get(pk=slot.pk)
        )
        appointment = _held(appointment, version)
        _check_item(item)
        before = snapshot([appointment])
        _check_time(appointment, slot, by, freeze_reason, now)
        if engaged_then(appointment, slot, appointment.engineer, by):
            appointment.engineer = None  # whoever has the device need not know: the desk finds another
        appointment.slot, appointment.state = slot, State.BOOKED
        _write(deed, appointment, before)
        was = snapshot([item])
        bring_about("schedule", item, {"scheduled_for": slot.starts_at}, now)
        write_moved("schedule", [item], was, deed)
        tell_booked(appointment, now)
    return appointment


def _check_time(
    appointment: Appointment, slot: SwapSlot, by: Person, freeze_reason: str, now: datetime
) -> None:
    """Refuse a time at which it cannot take place. What concerns the desk alone holds up nobody else."""
    problems = clashes(appointment, slot, by, now)
    frozen = frozen_on(slot.council_id, slot.site_id, timezone.localdate(slot.starts_at))
    handles = may(by, Permission.MOVE_ASSETS, appointment.council_id)
    if frozen and not handles:
        problems.append(frozen)
    if handles and (engaged := engaged_then(appointment, slot, appointment.engineer, by)):
        problems.append(engaged)
    if problems:
        raise ValidationError({"slot": problems})
    if frozen and not freeze_reason.strip():
        raise ValidationError({"freeze_reason": WHY_FROZEN.format(frozen)})


def clashes(appointment: Appointment, slot: SwapSlot, by: Person, now: datetime) -> list[str]:
    """Why the appointment cannot take place at that time, each in a sentence; nothing where it can. Of what `by` may
    not see it tells that it is, not what or where."""
    found = []
    if slot.council_id != appointment.council_id:
        found.append(f"Choose a time at a site of {appointment.council}")
    if slot.starts_at <= now:
        found.append("This time is past. Choose another")
    if shut := shut_on(slot.site, timezone.localdate(slot.starts_at)):
        found.append(shut)
    return found + taken_then(appointment, slot, by)


def taken_then(appointment: Appointment, slot: SwapSlot, by: Person) -> list[str]:
    """Which of these clashes are with other appointments: no place is left, or who comes is somewhere else."""
    found = []
    others = Appointment.objects.taking_place().exclude(pk=appointment.pk)
    if others.filter(slot=slot).count() >= slot.capacity:
        found.append("This time is full. Choose another")
    if appointment.person_id:
        for other in _meanwhile(appointment, slot).filter(person=appointment.person_id)[:1]:
            seen = Appointment.objects.visible_to(by).filter(pk=other.pk).exists()
            what = f": {other.item.asset} in {other.item.batch}" if seen else ""
            found.append(f"{appointment.person} has an appointment at that time already{what}")
    return found


def engaged_then(appointment: Appointment, slot: SwapSlot | None, engineer: Person | None, by: Person) -> str:
    """What else the engineer swaps at that time, in a sentence; "" where they are free. A time takes as many swaps as
    there are engineers, so one engineer does one of them, at one place. Told as `clashes` are."""
    if engineer is None or slot is None:
        return ""
    # Two who ask for the same engineer at once wait for each other.
    Person.objects.select_for_update(no_key=True).get(pk=engineer.pk)
    other = _meanwhile(appointment, slot).filter(engineer=engineer).first()
    if other is None:
        return ""
    when = wording.moment(slot.starts_at)
    if not Appointment.objects.visible_to(by).filter(pk=other.pk).exists():
        return f"{engineer} is at another site on {when}"
    if other.slot_id == slot.pk:
        return f"{engineer} swaps {other.item.asset} on {when}. Choose another engineer"
    return f"{engineer} is at {other.slot} on {when}"


def _meanwhile(appointment: Appointment, slot: SwapSlot) -> QuerySet[Appointment]:
    """The other swaps that are booked for that time, or for a part of it."""
    booked = Appointment.objects.filter(state=State.BOOKED).exclude(pk=appointment.pk)
    others = booked.filter(slot__starts_at__lt=slot.ends_at, slot__ends_at__gt=slot.starts_at)
    return others.select_related("item__asset", "item__batch", "slot__site").order_by("pk")


def assign(
    appointment: Appointment,
    *,
    by: Person,
    version: int | None = None,
    now: datetime | None = None,
    **given: Any,
) -> Appointment:
    """Say which `engineer` swaps, and which `ticket` is done with it; what is left out stays. Raises as `book` does."""
    require(by, Permission.MOVE_ASSETS, appointment)
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        appointment = _held(appointment, version)
        engineer, ticket = (given.get(name, getattr(appointment, name)) for name in ("engineer", "ticket"))
        if engineer and not may(engineer, Permission.MOVE_ASSETS, appointment.council_id):
            raise ValidationError({"engineer": f"{engineer} does not handle assets of {appointment.council}"})
        if engineer != appointment.engineer and (
            wrong := engaged_then(appointment, appointment.slot, engineer, by)
        ):
            raise ValidationError({"engineer": wrong})
        if (appointment.engineer, appointment.ticket) != (engineer, ticket):
            before = snapshot([appointment])
            appointment.engineer, appointment.ticket = engineer, ticket
            _write(deed, appointment, before)
    return appointment


def miss(appointment: Appointment, *, by: Person, note: str = "", now: datetime | None = None) -> Appointment:
    """Say that nobody came. A new appointment is offered in its place, which is returned. Raises as `book` does."""
    require(by, Permission.MOVE_ASSETS, appointment)
    now = now or timezone.now()
    with change_set(by=by, reason=note, now=now):
        item = held([appointment.item_id])[0]
        appointment = _held(appointment, None)
        if appointment.state != State.BOOKED or appointment.slot is None:
            raise MoveRefused("No time was agreed, so nobody can have missed it.")
        if appointment.slot.starts_at > now:
            raise MoveRefused(f"It is not until {wording.moment(appointment.slot.starts_at)}.")
        missed = move_item(item, "miss", by=by, given={"note": note} if note else {}, now=now)
        return offer([missed], by=by, now=now).made[0]


def call_off(
    appointment: Appointment,
    *,
    by: Person,
    reason: str,
    version: int | None = None,
    now: datetime | None = None,
) -> Appointment:
    """Cancel an appointment: another may be offered. Raises as `book` does."""
    require(by, Permission.MOVE_ASSETS, appointment)
    if not reason.strip():
        raise ValidationError({"reason": "Enter the reason"})
    with change_set(by=by, reason=reason.strip(), now=now) as deed:
        item = held([appointment.item_id])[0]
        appointment = _held(appointment, version)
        before = snapshot([appointment])
        appointment.state = State.CANCELLED
        _write(deed, appointment, before)
        if item.scheduled_for:
            was, item.scheduled_for = snapshot([item]), None
            write_moved("", [item], was, deed)
    return appointment


def may_book(person: Person, appointment: Appointment) -> bool:
    """Whether the person may choose its time."""
    own = appointment.person_id == person.pk
    return appointment.state in OPEN and (own or may(person, Permission.MOVE_ASSETS, appointment.council_id))


def engineers_of(council: int) -> list[Person]:
    """Who may swap assets of a council, by the teams of the desk that works for it."""
    members = Person.objects.active().filter(memberships__team__in=Team.objects.filter(councils=council))
    return [
        one
        for one in members.distinct().order_by("display_name", "pk")
        if may(one, Permission.MOVE_ASSETS, council)
    ]


def _why_not(item: BatchItem) -> str:
    if item.batch.state not in AT_WORK or item.state not in (*WAITING, "scheduled"):
        return f"{item.asset} is “{item.get_state_display().lower()}” in {item.batch}: nothing is to be swapped now."
    if item.appointments.filter(state__in=OPEN).exists():
        return f"{item.asset} has an appointment already."
    return ""


def _check_item(item: BatchItem) -> None:
    if item.batch.state not in AT_WORK or item.state not in (*WAITING, "scheduled"):
        raise MoveRefused(f"{item.asset} is not waiting to be swapped any more.")


def _held(appointment: Appointment, version: int | None) -> Appointment:
    rows = Appointment.objects.select_related(*RELATED, "ticket").select_for_update(of=("self",))
    appointment = rows.get(pk=appointment.pk)
    if version is not None and version != appointment.version:
        raise Stale(appointment)
    if appointment.state not in OPEN:
        raise MoveRefused(f"This appointment is “{appointment.get_state_display().lower()}”.")
    return appointment


def _write(deed: ChangeSet, appointment: Appointment, before) -> None:
    appointment.version += 1
    appointment.save(update_fields=["slot", "state", "engineer", "ticket", "version"])
    record(deed, [appointment], before)


def refuse_stranger(person: Person, appointment: Appointment) -> None:
    """Refuse whoever may not choose the time of it, with 403."""
    if appointment.person_id != person.pk and not may(person, Permission.MOVE_ASSETS, appointment.council_id):
        raise PermissionDenied("Only the person who has the old device, or the desk, chooses the time.")
