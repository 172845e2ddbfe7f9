"""The page that receives by a supplier's despatch sheet: look it over, then take in all of it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from assets.orders.despatch import Despatch, boxes_of, read_despatch, read_kept
from assets.orders.forms import DespatchForm
from assets.orders.receiving import receive_sheet
from assets.orders.states import OrderRefused
from assets.orders.views import EITHER, order_of
from servicedesk.people.access import require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.wording import counted


@require_http_methods(EITHER)
def despatch_sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Look a sheet over, with everything that is wrong; sent again with nothing wrong, all of it is received."""
    order = order_of(request, pk)
    require(request.user, Permission.MOVE_ASSETS, order)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = DespatchForm(*sent, order=order)
    found, status = None, 422 if form.is_bound else 200
    if form.is_valid():
        try:
            sheet = form.cleaned_data["sheet"]
            found = read_despatch(sheet, order) if sheet else read_kept(form.cleaned_data["kept"], order)
            status = 200 if found.is_good else 422
            if found.is_good and not sheet:
                made = receive_sheet(order, boxes_of(found.rows), by=request.user, place=form.place)
                messages.success(request, f"{counted(len(made), 'box', 'boxes')} received")
                return redirect("orders:order", order.pk)
        except ValidationError as error:
            form.add_error("sheet", error.messages)
            found = None
        except OrderRefused as refused:
            form.add_error(None, str(refused))
            status = 409
    return render(request, "orders/despatch_sheet.html", _shown(order, form, found), status=status)


def _shown(order, form: DespatchForm, found: Despatch | None) -> dict:
    kept = ("site", "room", "despatch_note")
    return {
        "order": order,
        "form": form,
        "found": found,
        "said": {name: form[name].value() or "" for name in kept} if form.is_bound else {},
    }
