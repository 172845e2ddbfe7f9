"""Pages of orders: the list, writing one down with its lines, and its own page."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets.orders import ordering
from assets.orders.forms import LineForm, OrderForm, OrdersForm, ReasonForm
from assets.orders.models import OrderLine, PurchaseOrder
from assets.orders.ordering import OF_LINE, RELATED, add_line, add_order, change_row, moves_of
from assets.orders.sheets import take_out
from assets.orders.standing import assets_of, receipts_of, standings, total_of
from assets.orders.states import MOVES, OrderRefused, OrderState
from servicedesk.history.editing import Stale
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import may, open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import save, show

EITHER = ("GET", "HEAD", "POST")
MOST_SHOWN = 500


@require_safe
def orders(request: SignedInRequest) -> HttpResponse:
    """Every order of the councils whose register the person reads."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    form = OrdersForm(request.GET, person)
    rows = narrowed(person, form)
    page = keyset_page(rows, ("-id", "-id"), request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "form": form,
        "orders": page.rows,
        "previous": previous,
        "next": following,
        "today": timezone.localdate(),
        "sees_money": may(person, Permission.SEE_ASSET_MONEY),
        "may_plan": may(person, Permission.PLAN_REFRESH),
        "may_export": may(person, Permission.EXPORT),
        "filters": {name: request.GET.get(name, "") for name in form.fields},
    }
    return render(request, "orders/orders.html", shown, status=200 if form.is_valid() else 422)


def narrowed(person, form: OrdersForm) -> Any:
    """The orders that a list shows."""
    rows = PurchaseOrder.objects.visible_to(person)
    if not form.is_valid():
        return rows.none()
    given = form.cleaned_data
    if given["q"]:
        rows = rows.filter(reference__icontains=given["q"])
    if given["council"]:
        rows = rows.filter(council=given["council"])
    if given["standing"] == "overdue":
        late = PurchaseOrder.objects.visible_to(person).overdue(timezone.localdate())
        rows = rows.filter(pk__in=late.values("pk"))
    elif given["standing"]:
        rows = rows.filter(state=given["standing"])
    return rows.tallied().with_total_for(person).select_related(*RELATED)


@require_POST
def export(request: SignedInRequest) -> HttpResponse:
    """The lines of the listed orders as a workbook; that it was taken out is kept."""
    require(request.user, Permission.EXPORT)
    require(request.user, Permission.SEE_ASSETS)
    form = OrdersForm(request.POST, request.user)
    if not form.is_valid():
        raise BadRequest("Go back to the orders and try again.")
    return take_out(narrowed(request.user, form), by=request.user)


@require_http_methods(EITHER)
def new(request: SignedInRequest) -> HttpResponse:
    """Write down another, as a draft."""
    require(request.user, Permission.PLAN_REFRESH)
    form = OrderForm(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_valid():
        try:
            return redirect("orders:order", add_order(form.made(), by=request.user).pk)  # type: ignore[arg-type]
        except ValidationError as error:
            show(form, error)
    shown: dict[str, Any] = {"form": form, "order": None, "disagreements": [], "title": "New order"}
    return render(request, "orders/form.html", shown, status=422 if form.is_bound else 200)


@require_safe
def order(request: SignedInRequest, pk: int) -> HttpResponse:
    """One order: its lines and where each stands, what came of it, and its history."""
    return _page(request, order_of(request, pk))


@require_http_methods(EITHER)
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change what is said of an order."""
    row = order_of(request, pk)
    require(request.user, Permission.PLAN_REFRESH, row)
    form = OrderForm(request.POST if request.method == "POST" else None, by=request.user, instance=row)
    return _changed(request, form, row, f"Change {row}")


@require_http_methods(EITHER)
def new_line(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put another line on a draft."""
    row = order_of(request, pk)
    require(request.user, Permission.PLAN_REFRESH, row)
    form = LineForm(request.POST if request.method == "POST" else None, by=request.user)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            add_line(OrderLine(order=row, **form.values()), by=request.user)
            return redirect("orders:order", row.pk)
        except ValidationError as error:
            show(form, error)
        except OrderRefused as refused:
            form.add_error(None, str(refused))
            status = 409
    shown = {"form": form, "order": row, "disagreements": [], "title": f"Add to {row}"}
    return render(request, "orders/form.html", shown, status=status)


@require_http_methods(EITHER)
def edit_line(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change a line of a draft."""
    line = line_of(request, pk)
    require(request.user, Permission.PLAN_REFRESH, line)
    form = LineForm(request.POST if request.method == "POST" else None, by=request.user, instance=line)
    return _changed(request, form, line.order, f"Change {line.model} of {line.order}", line)


@require_POST
def remove_line(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a line off a draft."""
    line = line_of(request, pk)
    require(request.user, Permission.PLAN_REFRESH, line)
    try:
        ordering.remove_line(line, by=request.user)
        messages.success(request, f"{line.model} is taken off {line.order}")
    except OrderRefused as refused:
        return _page(request, line.order, str(refused))
    return redirect("orders:order", line.order_id)


@require_http_methods(EITHER)
def move(request: SignedInRequest, pk: int, name: str) -> HttpResponse:
    """Make a move of the table: at once, or with its reason where it asks for one."""
    row = order_of(request, pk)
    if name not in MOVES:
        raise Http404
    step = MOVES[name]
    require(request.user, step.permission, row)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if not step.asks_why:
        form.fields.clear()
    if form.is_valid():
        try:
            reason = form.cleaned_data.get("reason", "")
            moved = ordering.move(row, name, by=request.user, version=_version(request), reason=reason)
            messages.success(request, f"{moved} is {moved.get_state_display().lower()}")
            return redirect("orders:order", row.pk)
        except (OrderRefused, Stale) as refused:
            return _page(request, order_of(request, pk), str(refused))
    shown = {"form": form, "order": row, "title": f"{step.words}: {row}", "words": step.words}
    return render(request, "orders/deed.html", shown, status=422 if form.errors else 200)


def line_of(request: SignedInRequest, pk: int) -> OrderLine:
    """A line that the person may see, or 404."""
    return open_door(request.user, OrderLine.objects.select_related(*OF_LINE), pk=pk)


def order_of(request: SignedInRequest, pk: int) -> PurchaseOrder:
    """An order that the person may see, or 404."""
    return open_door(request.user, PurchaseOrder.objects.select_related(*RELATED), pk=pk)


def _version(request: SignedInRequest) -> int | None:
    """The version that the page was made from, where it was sent along."""
    sent = request.POST.get("version", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else None


def _changed(
    request: SignedInRequest, form: Any, row: PurchaseOrder, title: str, line: OrderLine | None = None
) -> HttpResponse:
    try:
        saved, shown, status = save(form, change_row)
    except OrderRefused as refused:
        return _page(request, order_of(request, row.pk), str(refused))
    if saved:
        messages.success(request, f"{line.model if line else saved} is saved")
        return redirect("orders:order", row.pk)
    shown |= {"order": row, "title": title, "line": line}
    return render(request, "orders/form.html", shown, status=status)


def _page(request: SignedInRequest, row: PurchaseOrder, problem: str = "") -> HttpResponse:
    person = request.user
    lines = list(row.lines.select_related(*OF_LINE).order_by("pk"))
    found = standings(person, lines)
    shown = {
        "order": row,
        "problem": problem,
        "standings": found,
        "total": total_of(found),
        "sees_money": may(person, Permission.SEE_ASSET_MONEY, row.council_id),
        "may_plan": may(person, Permission.PLAN_REFRESH, row.council_id),
        "may_receive": may(person, Permission.MOVE_ASSETS, row.council_id) and row.state == OrderState.PLACED,
        "may_stage": may(person, Permission.MOVE_ASSETS, row.council_id),
        "moves": moves_of(person, row),
        "receipts": receipts_of(row)[:MOST_SHOWN],
        "assets": assets_of(row)[:MOST_SHOWN],
        "late": row.state == OrderState.PLACED
        and row.expected_on is not None
        and row.expected_on < timezone.localdate()
        and any(one.coming for one in found),
        "happenings": happenings(person, row, *lines),
    }
    return render(request, "orders/order.html", shown, status=409 if problem else 200)
