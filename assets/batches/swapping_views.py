"""The page on which an engineer swaps a device with a phone in the hand."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assets.batches.appointment_forms import FindForm, SwapForm
from assets.batches.item_effects import BROUGHT_IN_WITHIN
from assets.batches.models import BatchItem
from assets.batches.slots_of_sites import frozen_on
from assets.batches.swapping import swap as swap_item
from assets.batches.swapping import to_swap
from assets.batches.views import EITHER
from assets.register.facts import what_it_is
from assets.register.lifecycle import MoveRefused
from servicedesk import wording
from servicedesk.history.editing import Stale
from servicedesk.people.access import require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import show
from servicedesk.service_levels.working_days import WorkingDays


@require_http_methods(EITHER)
def swap(request: SignedInRequest) -> HttpResponse:
    """First the old device, by GET; then the new one, the signature, and everything closes."""
    require(request.user, Permission.MOVE_ASSETS)
    sent = request.POST if request.method == "POST" else request.GET
    find = FindForm(sent if "old" in sent else None)
    if not find.is_valid():
        return render(request, "batches/swap.html", _shown(find), status=422 if find.is_bound else 200)
    item = to_swap(request.user, find.cleaned_data["old"])
    if item is None:
        find.add_error("old", f"Nothing that waits to be swapped is called {find.cleaned_data['old']}")
        return render(request, "batches/swap.html", _shown(find), status=422)
    today = timezone.localdate()
    begins = {
        "old": find.cleaned_data["old"],
        "signed_by": str(item.asset.holder or ""),
        "back_on": WorkingDays().after(item.council_id, today, BROUGHT_IN_WITHIN),
        "version": item.version,
    }
    frozen = frozen_on(item.council_id, item.asset.site_id, today)
    form = SwapForm(request.POST or None, item=item, frozen=frozen, initial=begins)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            return _done(request, item, form)
        except ValidationError as error:
            show(form, error)
        except (MoveRefused, Stale) as refused:
            form.add_error(None, str(refused))
            status = 409
    return render(request, "batches/swap.html", _shown(find, form, item, frozen), status=status)


def _done(request: SignedInRequest, item: BatchItem, form: SwapForm) -> HttpResponse:
    made = swap_item(item, by=request.user, **{"new": "", **form.given()})
    by = f" for {made.item.replacement}" if made.item.replacement else ""
    messages.success(request, f"{made.item.asset} is swapped{by}")
    if until := form.cleaned_data["back_on"]:
        messages.success(request, f"{made.item.asset} is due back on {wording.day(until)}")
    if made.resolved:
        messages.success(request, f"Request {made.resolved} is resolved")
    return redirect("batches:swap")


def _shown(
    find: FindForm, form: SwapForm | None = None, item: BatchItem | None = None, frozen: str = ""
) -> dict:
    kind = what_it_is(item.asset) if item else ""
    return {"find": find, "form": form, "item": item, "kind": kind, "frozen": frozen}
