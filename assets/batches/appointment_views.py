"""Pages of appointments: the list, the times that sites offer, one appointment, and the day sheet of a site."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets.batches import appointments as workflow
from assets.batches.appointment_following import OPEN
from assets.batches.appointment_forms import (
    AssignForm,
    CallOffForm,
    CapacityForm,
    ChooseForm,
    DayForm,
    OfferDayForm,
    OfferForm,
    first_day,
)
from assets.batches.freezing import with_freeze
from assets.batches.models import Appointment, BatchItem, SwapSlot
from assets.batches.slots_of_sites import change_slot, closure, offer_day, remove_slot, times_of
from assets.batches.views import EITHER
from assets.register.lifecycle import MoveRefused
from servicedesk import wording
from servicedesk.history.editing import Stale
from servicedesk.people.access import councils_of, may, open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import save, show

SHOWN = (
    *("council", "item__batch", "item__asset__model__manufacturer", "item__replacement", "person"),
    *("slot__site__council", "slot__council", "engineer", "ticket"),
)
MOST = 200
REFUSALS = (MoveRefused, Stale)


@require_http_methods(EITHER)
def appointments(request: SignedInRequest) -> HttpResponse:
    """Appointments that are open, the next first, and asking the people of a batch to choose."""
    person = request.user
    require(person, Permission.MOVE_ASSETS if request.method == "POST" else Permission.SEE_ASSETS)
    form = OfferForm(request.POST if request.method == "POST" else None, person)
    if form.is_valid():
        items = BatchItem.objects.visible_to(person).filter(batch=form.cleaned_data["batch"])
        waiting = items.filter(state__in=workflow.WAITING).exclude(appointments__state__in=OPEN)
        mine = [item for item in waiting if may(person, Permission.MOVE_ASSETS, item.council_id)]
        made = workflow.offer(mine, by=person).made
        messages.success(request, f"{wording.counted(len(made), 'appointment')} offered")
        return redirect("batches:appointments")
    day = DayForm(request.GET, person)
    rows = Appointment.objects.visible_to(person).filter(state__in=OPEN)
    given = day.cleaned_data if day.is_valid() else {}
    if given.get("site"):
        rows = rows.filter(slot__site=given["site"])
    if given.get("day"):
        rows = rows.filter(slot__starts_at__date=given["day"])
    found = list(with_freeze(rows).select_related(*SHOWN).order_by("slot__starts_at", "pk")[:MOST])
    shown = {
        "day_form": day,
        "form": form if may(person, Permission.MOVE_ASSETS) else None,
        "booked": [one for one in found if one.slot_id],
        "waiting": [one for one in found if not one.slot_id],
        "sees_money": may(person, Permission.SEE_ASSET_MONEY),
        "may_plan": may(person, Permission.PLAN_REFRESH),
    }
    return render(request, "batches/appointments.html", shown, status=422 if form.is_bound else 200)


@require_http_methods(EITHER)
def slots(request: SignedInRequest) -> HttpResponse:
    """The times that sites offer, and offering those of another day."""
    person = request.user
    require(person, Permission.PLAN_REFRESH if request.method == "POST" else Permission.SEE_ASSETS)
    form = OfferDayForm(request.POST if request.method == "POST" else None, person)
    if form.is_valid():
        given = dict(form.cleaned_data)
        try:
            made = offer_day(given.pop("site"), given.pop("day"), by=person, **given)
            messages.success(request, f"{wording.counted(len(made), 'time')} offered")
            return redirect("batches:slots")
        except ValidationError as error:
            show(form, error)
    seen = SwapSlot.objects.visible_to(person).filter(ends_at__gte=timezone.now())
    rows = seen.with_taken().select_related("site", "council").order_by("starts_at", "pk")[:MOST]
    planned = councils_of(person, Permission.PLAN_REFRESH)
    shown = {"form": form if planned else None, "slots": rows, "planned": planned}
    return render(request, "batches/slots.html", shown, status=422 if form.is_bound else 200)


@require_http_methods(EITHER)
def slot(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say how many engineers are there at a time."""
    row = _slot(request, pk)
    form = CapacityForm(request.POST if request.method == "POST" else None, by=request.user, instance=row)
    saved, shown, status = save(form, change_slot)
    if saved:
        messages.success(request, "Engineers are saved")
        return redirect("batches:slots")
    back = {"text": "Times that sites offer", "href": reverse("batches:slots")}
    shown |= {
        "title": f"Engineers at {row}, {wording.moment(row.starts_at)}",
        "back": back,
        "happenings": happenings(request.user, row),
    }
    return render(request, "batches/row_form.html", shown, status=status)


@require_POST
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Offer a time no longer."""
    row = _slot(request, pk)
    try:
        remove_slot(row, by=request.user)
        messages.success(request, f"{wording.moment(row.starts_at)}, {row}: not offered any more")
    except MoveRefused as refused:
        messages.error(request, str(refused))
    return redirect("batches:slots")


@require_http_methods(EITHER)
def appointment(request: SignedInRequest, pk: int) -> HttpResponse:
    """One appointment: whose it is chooses its time here."""
    row = _opened(request, pk)
    if request.method == "POST":
        workflow.refuse_stranger(request.user, row)
    times = _times(request, row)
    form = ChooseForm(request.POST if request.method == "POST" else None, slots=times, appointment=row)
    if form.is_valid():
        slot = next(one for one in times if one.pk == form.cleaned_data["slot"])
        try:
            given = {name: value for name, value in form.cleaned_data.items() if name != "slot"}
            booked = workflow.book(row, slot, by=request.user, **given)
            messages.success(request, f"Booked: {wording.moment(slot.starts_at)}, {booked.slot}")
            return redirect("batches:appointment", pk)
        except ValidationError as error:
            show(form, error)
        except REFUSALS as refused:
            return _page(request, _opened(request, pk), problem=str(refused))
    return _page(request, row, form=form)


@require_POST
def assign(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say who swaps, and which request is done with it."""
    row = _opened(request, pk)
    require(request.user, Permission.MOVE_ASSETS, row)
    form = _assign_form(request, row)
    if form.is_valid():
        try:
            workflow.assign(row, by=request.user, **form.cleaned_data)
            messages.success(request, "Saved")
            return redirect("batches:appointment", pk)
        except ValidationError as error:
            show(form, error)
        except REFUSALS as refused:
            return _page(request, _opened(request, pk), problem=str(refused))
    return _page(request, row, assigning=form)


@require_POST
def miss(request: SignedInRequest, pk: int) -> HttpResponse:
    """Nobody came: another appointment is offered."""
    row = _opened(request, pk)
    require(request.user, Permission.MOVE_ASSETS, row)
    try:
        again = workflow.miss(row, by=request.user)
        messages.success(request, f"{row.person or 'Whoever has it'} is asked to choose another time")
        return redirect("batches:appointment", again.pk)
    except REFUSALS as refused:
        return _page(request, _opened(request, pk), problem=str(refused))


@require_http_methods(EITHER)
def call_off(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel an appointment, with the reason."""
    row = _opened(request, pk)
    require(request.user, Permission.MOVE_ASSETS, row)
    form = CallOffForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            workflow.call_off(row, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, "The appointment is cancelled")
            return redirect("batches:appointment", pk)
        except REFUSALS as refused:
            return _page(request, _opened(request, pk), problem=str(refused))
    shown = {"appointment": row, "form": form}
    return render(request, "batches/call_off.html", shown, status=422 if form.is_bound else 200)


@require_safe
def day_sheet(request: SignedInRequest) -> HttpResponse:
    """What is left to do at a site on a day, to be printed."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    form = DayForm(request.GET, person)
    valid = form.is_valid()
    site, day = form.cleaned_data.get("site"), first_day(form, timezone.localdate())
    rows = Appointment.objects.visible_to(person).filter(slot__starts_at__date=day)
    rows = rows.filter(slot__site=site) if site else rows
    found = list(
        with_freeze(rows.taking_place())
        .select_related(*SHOWN)
        .order_by("slot__site__name", "slot__starts_at", "pk")
    )
    shown = {
        "form": form,
        "day": day,
        "site": site,
        "left": [one for one in found if one.state == "booked"],
        "done": [one for one in found if one.state == "done"],
    }
    return render(request, "batches/day_sheet.html", shown, status=200 if valid else 422)


def _slot(request: SignedInRequest, pk: int) -> SwapSlot:
    row: SwapSlot = open_door(request.user, SwapSlot.objects.select_related("site", "council"), pk=pk)
    require(request.user, Permission.PLAN_REFRESH, row)
    return row


def _opened(request: SignedInRequest, pk: int) -> Appointment:
    return open_door(request.user, Appointment.objects.select_related(*SHOWN), pk=pk)


def _times(request: SignedInRequest, row: Appointment) -> list[SwapSlot]:
    """The times from which the person may choose: the desk's, those within change freezes too."""
    handles = may(request.user, Permission.MOVE_ASSETS, row.council_id)
    return times_of(row, timezone.now(), frozen=handles)


def _assign_form(request: SignedInRequest, row: Appointment) -> AssignForm:
    engineers = workflow.engineers_of(row.council_id)
    data = request.POST if request.method == "POST" else None
    return AssignForm(data, appointment=row, engineers=engineers, by=request.user)


def _page(
    request: SignedInRequest,
    row: Appointment,
    *,
    form: ChooseForm | None = None,
    assigning: AssignForm | None = None,
    problem: str = "",
) -> HttpResponse:
    person, staff = request.user, may(request.user, Permission.MOVE_ASSETS, row.council_id)
    reads = may(person, Permission.SEE_ASSETS, row.council_id)
    times = _times(request, row) if form is None and row.state in OPEN else []
    is_open = row.state in OPEN
    if staff and is_open and assigning is None:
        assigning = AssignForm(
            None, appointment=row, engineers=workflow.engineers_of(row.council_id), by=person
        )
    bound = form is not None and form.is_bound or assigning is not None and assigning.is_bound
    shown = {
        "appointment": row,
        "form": (form or ChooseForm(None, slots=times, appointment=row))
        if workflow.may_book(person, row)
        else None,
        "assigning": assigning if is_open else None,
        "staff": staff,
        "reads": reads,
        "is_open": is_open,
        "closed": closure(row.slot.site, timezone.localdate(row.slot.starts_at))
        if is_open and row.slot
        else "",
        "has_begun": is_open and row.slot is not None and row.slot.starts_at <= timezone.now(),
        "problem": problem,
        "happenings": happenings(person, row) if reads else [],
    }
    return render(
        request, "batches/appointment.html", shown, status=409 if problem else 422 if bound else 200
    )
