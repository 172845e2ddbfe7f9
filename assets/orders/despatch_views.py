"""The page that takes a supplier's despatch sheet in: from there on it is an import like any other."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from assets.orders.despatch import KIND
from assets.orders.forms import DespatchForm
from assets.orders.views import EITHER, order_of
from servicedesk.people.access import require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets import importing


@require_http_methods(EITHER)
def despatch_sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose the sheet, and say where its boxes go. Nothing is received yet."""
    order = order_of(request, pk)
    require(request.user, Permission.MOVE_ASSETS, order)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = DespatchForm(*sent, order=order)
    if form.is_valid():
        sheet = form.cleaned_data["sheet"]
        said = {"given": form.given}
        started = importing.start(sheet, sheet.name, KIND, order.council, by=request.user, said=said)
        return redirect("spreadsheets:import", started.pk)
    shown = {"order": order, "form": form}
    return render(request, "orders/despatch_sheet.html", shown, status=422 if form.is_bound else 200)
