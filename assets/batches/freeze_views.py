"""Pages of change freezes: the list, another one, one that is changed or lifted."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from assets.batches.appointment_forms import FreezeForm
from assets.batches.freezing import add_freeze, booked_within, change_freeze, lift_freeze
from assets.batches.models import ChangeFreeze
from assets.batches.views import EITHER
from servicedesk import wording
from servicedesk.people.access import councils_of, open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import save, show


@require_http_methods(EITHER)
def freezes(request: SignedInRequest) -> HttpResponse:
    """Freezes that are not over, and writing another one down."""
    person = request.user
    require(person, Permission.PLAN_REFRESH if request.method == "POST" else Permission.SEE_ASSETS)
    form = FreezeForm(request.POST if request.method == "POST" else None, by=person)
    if form.is_valid():
        try:
            _tell(request, add_freeze(form.made(), by=person))  # type: ignore[arg-type]
            return redirect("batches:freezes")
        except ValidationError as error:
            show(form, error)
    rows = ChangeFreeze.objects.visible_to(person).filter(ends_on__gte=timezone.localdate())
    planned = councils_of(person, Permission.PLAN_REFRESH)
    shown = {
        "form": form if planned else None,
        "freezes": rows.select_related("council", "site"),
        "planned": planned,
    }
    return render(request, "batches/freezes.html", shown, status=422 if form.is_bound else 200)


@require_http_methods(EITHER)
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change the days or the reason of one."""
    row = _opened(request, pk)
    form = FreezeForm(request.POST if request.method == "POST" else None, by=request.user, instance=row)
    saved, shown, status = save(form, change_freeze)
    if saved:
        _tell(request, saved)
        return redirect("batches:freezes")
    shown |= {
        "title": f"Change: {row}",
        "back": {"text": "Change freezes", "href": reverse("batches:freezes")},
        "happenings": happenings(request.user, row),
    }
    return render(request, "batches/row_form.html", shown, status=status)


@require_POST
def lift(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take one away."""
    row = _opened(request, pk)
    lift_freeze(row, by=request.user)
    messages.success(request, f"{row} is lifted")
    return redirect("batches:freezes")


def _opened(request: SignedInRequest, pk: int) -> ChangeFreeze:
    row: ChangeFreeze = open_door(request.user, ChangeFreeze.objects.select_related("council", "site"), pk=pk)
    require(request.user, Permission.PLAN_REFRESH, row)
    return row


def _tell(request: SignedInRequest, row: ChangeFreeze) -> None:
    """That it is saved, and what was booked for its days before."""
    messages.success(request, f"{row} is saved")
    if booked := booked_within(row):
        messages.warning(
            request, f"{wording.counted(booked, 'swap')} booked within it. Call them off by hand"
        )
