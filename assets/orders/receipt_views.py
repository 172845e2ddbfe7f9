"""Pages of what comes of a line: receiving it, cancelling the rest, staging it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from assets.orders import ordering, receiving
from assets.orders.forms import CallOffForm, ReceiveForm, StageForm
from assets.orders.models import GoodsReceipt, OrderLine
from assets.orders.standing import standings
from assets.orders.states import OrderRefused
from assets.orders.views import EITHER, line_of
from assets.register.lifecycle import AssetState
from assets.register.models import Asset
from assets.register.workflow import move_all
from servicedesk import wording
from servicedesk.people.access import require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

LATELY = 5


@require_http_methods(EITHER)
def receive(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take in what came, box by box or many at once. Where it goes stays filled in for the next."""
    line = line_of(request, pk)
    require(request.user, Permission.MOVE_ASSETS, line)
    sent = request.POST if request.method == "POST" else None
    form = ReceiveForm(sent, line=line, by=request.user, initial=request.GET.dict())
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            made = receiving.receive(
                line, form.boxes, by=request.user, place=form.place, extra_because=form.extra_because
            )
            messages.success(request, _said(made))
            return redirect(f"{reverse('orders:receive', args=[pk])}{_query(form)}")
        except ValidationError as error:
            _tell(form, error)
        except OrderRefused as refused:
            form.add_error(None, str(refused))
            status = 409
    return render(request, "orders/receive.html", _shown(request, line, form), status=status)


@require_http_methods(EITHER)
def call_off(request: SignedInRequest, pk: int) -> HttpResponse:
    """Cancel what is still to come of a line, or some of it."""
    line = line_of(request, pk)
    require(request.user, Permission.PLAN_REFRESH, line)
    standing = standings(request.user, [line])[0]
    sent = request.POST if request.method == "POST" else None
    form = CallOffForm(sent, initial={"count": standing.coming})
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            number = ordering.call_off(line, by=request.user, **form.cleaned_data)
            messages.success(
                request, f"{number} of {line.model} {'comes' if number == 1 else 'come'} no more"
            )
            return redirect("orders:order", line.order_id)
        except ValidationError as error:
            form.add_error(None, error)
        except OrderRefused as refused:
            form.add_error(None, str(refused))
            status = 409
    title = f"Cancel the rest: {line.model}"
    shown = {
        "form": form,
        "order": line.order,
        "title": title,
        "words": "Cancel them",
        "said": standing.words,
    }
    return render(request, "orders/deed.html", shown, status=status)


@require_http_methods(EITHER)
def stage(request: SignedInRequest, pk: int) -> HttpResponse:
    """Stage many of a line together, with the ticks of its model's check list for each of them."""
    line = line_of(request, pk)
    require(request.user, Permission.MOVE_ASSETS, line)
    rows = line.ordered.filter(asset__state=AssetState.IN_STOCK).select_related("asset")
    assets = [one.asset for one in rows.order_by("pk")]
    form = StageForm(request.POST if request.method == "POST" else None, assets=assets, model=line.model)
    if form.is_valid():
        chosen = set(form.cleaned_data["asset"])
        given = {"checked": form.cleaned_data.get("checked", [])}
        wanted = [asset for asset in assets if asset.pk in chosen]
        if _staged(request, wanted, given, form):
            return redirect("orders:order", line.order_id)
    shown = {"form": form, "line": line, "order": line.order, "assets": assets}
    return render(request, "orders/stage.html", shown, status=422 if form.is_bound else 200)


def _staged(request: SignedInRequest, assets: list[Asset], given: dict, form: StageForm) -> bool:
    """Whether all were staged; else each that was not is named with its reason."""
    outcome = move_all(assets, "stage", by=request.user, given=given)
    if outcome.moved:
        messages.success(request, f"{wording.counted(len(outcome.moved), 'asset')} staged")
    for sentence in dict.fromkeys(refusal.sentence for refusal in outcome.refused):
        form.add_error("checked" if "checked" in form.fields else None, sentence)
    return not outcome.refused


def _said(made: list[GoodsReceipt]) -> str:
    dead = [one for one in made if one.dead_on_arrival]
    good = [one for one in made if not one.dead_on_arrival]
    if len(made) == 1:
        one = made[0]
        return f"{one} is {'written down as dead on arrival' if dead else 'received'}"
    parts = [f"{len(good)} received"] + ([f"{len(dead)} dead on arrival"] if dead else [])
    return ", ".join(parts)


def _query(form: ReceiveForm) -> str:
    kept = form.kept
    return reverse("orders:orders", query=kept)[len(reverse("orders:orders")) :] if kept else ""


def _tell(form: ReceiveForm, error: ValidationError) -> None:
    """What is wrong with boxes stands at the field that they were typed into."""
    where = "pasted" if form.cleaned_data["pasted"] else "serial_number"
    for name, texts in error.message_dict.items() if hasattr(error, "error_dict") else [("", error.messages)]:
        form.add_error(where if name == "boxes" else None, texts)


def _shown(request: SignedInRequest, line: OrderLine, form: ReceiveForm) -> dict:
    receipts = line.receipts.select_related("asset", "received_by").order_by("-pk")
    return {
        "form": form,
        "line": line,
        "order": line.order,
        "standing": standings(request.user, [line])[0],
        "lately": receipts[:LATELY],
    }
