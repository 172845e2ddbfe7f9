"""Pages of what a batch takes in and buys: assets of a draft, spares and prices of a line, and orders for it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from assets.batches.choosing import add_assets, offered_for
from assets.batches.forms import AddAssetsForm, CountOrderForm, OrderForBatchForm, PricesForm
from assets.batches.models import BatchLine
from assets.batches.ordering import count_order, missing_for, order_for, stop_counting
from assets.batches.planning import change_line
from assets.batches.supply import linked
from assets.batches.views import EITHER, back_to, opened
from assets.orders.models import PurchaseOrder
from assets.register.filling_in import fill_in
from assets.register.lifecycle import MoveRefused
from servicedesk import wording
from servicedesk.people.access import may, open_door, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import save

MOST_TOLD = 20


@require_http_methods(EITHER)
def line(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Change spares and prices."""
    row = _opened(request, reference, pk)
    form = PricesForm(request.POST if request.method == "POST" else None, by=request.user, instance=row)
    try:
        saved, shown, status = save(form, change_line)
    except MoveRefused as refused:
        form.add_error(None, str(refused))
        saved, shown, status = None, {"form": form, "disagreements": []}, 409
    if saved:
        messages.success(request, "Spares and prices are saved")
        return redirect("batches:batch", reference)
    words = row.get_category_display().lower()
    shown |= {"title": f"Spares and prices: {words} of {row.council}", "back": back_to(row.batch)}
    return render(request, "batches/row_form.html", shown, status=status)


@require_http_methods(EITHER)
def order(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Write an order for a line, with what is missing of it proposed; its own page is where it is placed."""
    row, person = _opened(request, reference, pk), request.user
    proposed = {"quantity": missing_for(row) or None, "version": row.version}
    if may(person, Permission.SEE_ASSET_MONEY, row.council_id):
        proposed["unit_price"] = row.purchase
    form = OrderForBatchForm(
        request.POST if request.method == "POST" else None, line=row, by=person, initial=proposed
    )
    made: list[PurchaseOrder] = []

    def do(version: int | None, **given: Any) -> str:
        made.append(order_for(row, by=person, version=version, **given))
        return f"{made[0]} is written down for {row.batch}. Place it when it goes out"

    answer = _filled_in(request, row, form, do, "Order for this batch")
    return redirect("orders:order", made[0].pk) if made else answer


@require_http_methods(EITHER)
def count(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Count an order that there is for a line."""
    row = _opened(request, reference, pk)
    form = CountOrderForm(
        request.POST if request.method == "POST" else None, line=row, initial={"version": row.version}
    )

    def do(version: int | None, **given: Any) -> str:
        link = count_order(row, by=request.user, version=version, **given)
        return f"{link.order_line.order} counts for {row.batch}"

    return _filled_in(request, row, form, do, "Count an order that there is")


@require_POST
def stop(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Count an order no longer for the batch."""
    batch = opened(request, reference)
    link = open_door(request.user, linked(batch.lines.all()), pk=pk)
    require(request.user, Permission.PLAN_REFRESH, link)
    try:
        stop_counting(link, by=request.user)
        messages.success(request, f"{link.order_line.order} does not count for {batch} any more")
    except MoveRefused as refused:
        messages.error(request, str(refused))
    return redirect("batches:batch", reference)


@require_http_methods(EITHER)
def add(request: SignedInRequest, reference: str) -> HttpResponse:
    """Take more assets into a draft: by their tags, or from what is due."""
    batch = opened(request, reference)
    require(request.user, Permission.PLAN_REFRESH, batch)
    form = AddAssetsForm(
        request.POST if request.method == "POST" else None, offered=offered_for(batch, by=request.user)
    )

    def do(version: int | None, tags: list[str]) -> str:
        items, refused = add_assets(batch, tags, by=request.user)
        for sentence in refused[:MOST_TOLD]:
            messages.warning(request, sentence)
        return f"{wording.counted(len(items), 'asset')} added" + (
            ". Review each of them next" if items else ""
        )

    return fill_in(
        request,
        form,
        do,
        title=f"Add assets to {batch}",
        back=(batch.title, reverse("batches:batch", args=[reference])),
        current_version=lambda: batch.version,
        template="batches/deed.html",
        words="Add",
    )


def _opened(request: SignedInRequest, reference: str, pk: int) -> BatchLine:
    batch = opened(request, reference)
    row = batch.lines.select_related("council", "batch").filter(pk=pk).first()
    if row is None:
        raise Http404
    require(request.user, Permission.PLAN_REFRESH, row)
    return row


def _filled_in(request: SignedInRequest, row: BatchLine, form, do, words: str) -> HttpResponse:
    category = row.get_category_display().lower()
    return fill_in(
        request,
        form,
        do,
        title=f"{words}: {category} of {row.council}",
        back=(row.batch.title, reverse("batches:batch", args=[row.batch.reference])),
        current_version=lambda: BatchLine.objects.get(pk=row.pk).version,
        template="batches/deed.html",
        words="Save",
    )
