"""Pages of the forecast."""

from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from assets.refresh.figures import EstateForecast, forecast_for
from assets.refresh.filters import due_filters
from assets.refresh.forecast import year_of
from assets.refresh.forms import ForecastForm
from assets.refresh.sheets import may_be_taken_out, take_out
from assets.refresh.tables import ForecastTables
from assets.refresh.words import DRIVERS
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.models import SavedView
from servicedesk.lists.showing import CURSOR, address, capped_count, chosen, page_addresses
from servicedesk.people.access import may, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

ORDER = ("asset_tag", "id")
SHOWN = ("council", "manufacturer", "model", "site")


@require_safe
def forecast(request: SignedInRequest) -> HttpResponse:
    """When assets fall due, and what that costs."""
    require(request.user, Permission.SEE_ASSETS)
    form = ForecastForm(request.GET, request.user)
    shown: dict[str, Any] = {
        "form": form,
        "tables": None,
        "sees_money": may(request.user, Permission.SEE_ASSET_MONEY),
    }
    if not form.is_valid():
        return render(request, "refresh/forecast.html", shown, status=422)
    found = forecast_for(request.user, **form.cleaned_data)
    shown |= {
        "tables": ForecastTables(found, form.asked),
        "asked": form.asked | ({"council": request.GET["council"]} if request.GET.get("council") else {}),
        "may_export": may_be_taken_out(found, request.user),
    }
    return render(request, "refresh/forecast.html", shown)


@require_safe
def assets(request: SignedInRequest) -> HttpResponse:
    """The assets that a figure counts: exactly as many."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    form = ForecastForm({"as_at": request.GET.get("as_at", "")}, person)
    if not form.is_valid():
        raise BadRequest("Go back to the forecast and try again.")
    filters = due_filters(person, request.GET, form.cleaned_data["as_at"])
    found, rows = filters.forecast, filters.qs if filters.is_valid() else filters.queryset.none()
    page = keyset_page(rows.select_related(*SHOWN), ORDER, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    words = chosen(filters.form, request.GET) if filters.is_valid() else []
    shown = {
        "filters": filters,
        "chosen": words,
        "views": SavedView.objects.visible_to(person).of_list("due"),
        "to_save": address(request.GET, **{CURSOR: ""}) if words else "",
        "assets": [(asset, _cost(found, asset)) for asset in page.rows],
        "count": capped_count(rows),
        "previous": previous,
        "next": following,
        "sees_money": bool(found.money),
        "drivers": DRIVERS,
        "as_at": form.asked.get("as_at"),
    }
    return render(request, "refresh/assets.html", shown, status=200 if filters.is_valid() else 422)


@require_POST
def export(request: SignedInRequest) -> HttpResponse:
    """The forecast as a spreadsheet; that it was taken out is kept."""
    require(request.user, Permission.SEE_ASSETS)
    form = ForecastForm(request.POST, request.user)
    if not form.is_valid():
        raise BadRequest("Go back to the forecast and try again.")
    found = forecast_for(request.user, **form.cleaned_data)
    if not may_be_taken_out(found, request.user):
        raise PermissionDenied("You need the right to export.")
    return take_out(ForecastTables(found), by=request.user)


def _cost(found: EstateForecast, asset) -> object:
    """What replacing it costs in its year, to whoever may know."""
    if asset.due_on is None or asset.council_id not in found.money:
        return None
    year = year_of(max(asset.due_on, found.as_at))
    return found.prices.unit(asset.council_id, asset.category, asset.model_id, year)
