"""Pages of energy and carbon, and of what they are reckoned with."""

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assets.refresh.closing import close_year, last_ended
from assets.refresh.energy_forms import CloseYearForm
from assets.refresh.energy_tables import energy_for
from assets.refresh.forecast import financial_year
from assets.refresh.forms import planned_councils
from assets.refresh.models import ClosedYear, EnergyFactor, RoomOverhead, Tariff
from servicedesk.people.access import councils_of, may, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission


@require_safe
def energy(request: SignedInRequest) -> HttpResponse:
    """What the equipment in use uses, costs and emits: energy is no secret between councils, what it costs is."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    tables = energy_for(person, timezone.localdate())
    ended = last_ended(timezone.now())
    closed = ClosedYear.objects.filter(year=ended).values("council")
    shown = {
        "tables": tables,
        "sees_money": bool(tables.energy.money),
        "ended": financial_year(ended),
        "to_close": planned_councils(person).exclude(pk__in=closed),
    }
    return render(request, "refresh/energy.html", shown)


@require_safe
def basis(request: SignedInRequest) -> HttpResponse:
    """Tariffs of the councils whose money the person sees, machine rooms, and the factors of the years."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    shown = {
        "tariffs": Tariff.objects.visible_to(person).select_related("council", "site"),
        "rooms": RoomOverhead.objects.visible_to(person).select_related("council", "site"),
        "factors": EnergyFactor.objects.visible_to(person),
        "sees_money": may(person, Permission.SEE_ASSET_MONEY),
        "planned": councils_of(person, Permission.PLAN_REFRESH),
    }
    return render(request, "refresh/energy_basis.html", shown)


@require_POST
def close(request: SignedInRequest) -> HttpResponse:
    """Freeze the year that ended last, of one council."""
    require(request.user, Permission.PLAN_REFRESH)
    form = CloseYearForm(request.POST, request.user)
    if not form.is_valid():
        raise BadRequest("Go back to energy and try again.")
    council = form.cleaned_data["council"]
    try:
        rows = close_year(council, by=request.user)
        messages.success(request, f"{financial_year(rows[0].year)} of {council} is closed")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("refresh:energy")
