"""Pages of stock-takes: the list, counting, and the report that remains."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from assets.register import stock_taking
from assets.register.models import Asset, StockTake
from assets.register.stock_take_forms import BeginForm, CountForm, MoveHereForm
from assets.register.stock_take_report import (
    SHOWN,
    STILL,
    WORDS,
    elsewhere_owned,
    lines_of,
    registered,
    said,
    tallied,
)
from assets.register.stock_taking import Counted, Ended, Outcome
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import may, open_door, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

MOST_LINES = 500
LATELY = 5


@require_http_methods(["GET", "HEAD", "POST"])
def stock_takes(request: SignedInRequest) -> HttpResponse:
    """Every stock-take of the registers that the person reads, and a way to begin one."""
    person = request.user
    require(person, Permission.EDIT_ASSETS if request.method == "POST" else Permission.SEE_ASSETS)
    form = BeginForm(request.POST if request.method == "POST" else None, by=person)
    if form.is_valid():
        try:
            begun = stock_taking.begin(by=person, **form.cleaned_data)
            return redirect("register:stock_take", begun.pk)
        except ValidationError as error:
            form.add_error(None, error)
    rows = tallied(StockTake.objects.visible_to(person)).select_related(*SHOWN)
    page = keyset_page(rows, ("-begun_at", "-id"), request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "form": form if may(person, Permission.EDIT_ASSETS) else None,
        "stock_takes": page.rows,
        "previous": previous,
        "next": following,
    }
    return render(request, "register/stock_takes.html", shown, status=422 if form.is_bound else 200)


@require_safe
def stock_take(request: SignedInRequest, pk: int) -> HttpResponse:
    """Counting, as long as it is open; afterwards its report."""
    return _page(request, _opened(request, pk), CountForm())


@require_POST
def count(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take down one scan. A scanner's script is given what changed; without it the page comes again."""
    there = _opened(request, pk)
    require(request.user, Permission.MOVE_ASSETS, there)
    form = CountForm(request.POST)
    if not form.is_valid():
        return _page(request, there, form, status=422)
    try:
        name, which = form.cleaned_data["name"], form.cleaned_data["asset"]
        asset = _which(request, there, which) if which else None
        counted = stock_taking.count(there, name, by=request.user, asset=asset)
    except Ended as ended:
        return _refused(request, there, ended)
    if HtmxDetails(request) or counted.several:
        return _page(request, there, CountForm(), counted)
    told = said(request.user, there, counted)
    (messages.success if told.good else messages.warning)(request, told.text)
    return redirect("register:stock_take", there.pk)


@require_POST
def move_here(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say in the register that things that were met here are here now."""
    there = _opened(request, pk)
    require(request.user, Permission.EDIT_ASSETS, there)
    met = [line for line in lines_of(there, Outcome.ELSEWHERE) if not line.moved_here]
    form = MoveHereForm(request.POST, lines=met)
    if not form.is_valid():
        return _page(request, there, CountForm(), move_form=form, status=422)
    moved = stock_taking.move_here(there, form.cleaned_data["line"], by=request.user)
    names = ", ".join(str(asset) for asset in moved)
    messages.success(request, f"{names or 'Nothing'} {'are' if len(moved) > 1 else 'is'} at {there} now")
    return redirect("register:stock_take", there.pk)


@require_POST
def finish(request: SignedInRequest, pk: int) -> HttpResponse:
    """End the counting and keep its report."""
    return _end(request, pk, stock_taking.finish, "The stock-take is finished. This is its report")


@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give it up."""
    return _end(request, pk, stock_taking.cancel, "The stock-take is cancelled")


def _end(request: SignedInRequest, pk: int, deed: Any, told: str) -> HttpResponse:
    there = _opened(request, pk)
    require(request.user, Permission.EDIT_ASSETS, there)
    try:
        deed(there, by=request.user)
    except Ended as ended:
        return _refused(request, there, ended)
    messages.success(request, told)
    return redirect("register:stock_take", there.pk)


def _opened(request: SignedInRequest, pk: int) -> StockTake:
    return open_door(request.user, StockTake.objects.select_related(*SHOWN), pk=pk)


def _which(request: SignedInRequest, there: StockTake, key: int) -> Asset:
    """The one that was chosen of several with one name: of the council that is counting alone."""
    seen = Asset.objects.select_related("site")
    return open_door(request.user, seen, pk=key, council=there.council_id)


def _refused(request: SignedInRequest, there: StockTake, ended: Ended) -> HttpResponse:
    if not HtmxDetails(request):
        messages.error(request, str(ended))
    return _page(request, _opened(request, there.pk), CountForm(), problem=str(ended), status=409)


def _page(
    request: SignedInRequest,
    there: StockTake,
    form: CountForm,
    counted: Counted | None = None,
    move_form: MoveHereForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    person, is_open = request.user, there.state == StockTake.State.OPEN
    lines = {name: list(lines_of(there, name)[: MOST_LINES + 1]) for name in Outcome}
    numbers = tallied(StockTake.objects.visible_to(person)).get(pk=there.pk)
    unknown = [line.name for line in lines[Outcome.UNKNOWN]]
    lately = there.lines.exclude(counted_at=None).select_related("counted_by")
    shown = {
        "stock_take": there,
        "form": form,
        "move_form": move_form,
        "counting": is_open and may(person, Permission.MOVE_ASSETS, there.council_id),
        "keeping": is_open and may(person, Permission.EDIT_ASSETS, there.council_id),
        "lines": lines,
        "most": MOST_LINES,
        "numbers": {name: getattr(numbers, f"of_{name}") for name in Outcome},
        "words": {**WORDS, **({Outcome.MISSING: STILL} if is_open else {})},
        "registered": registered,
        "known": elsewhere_owned(person, there, unknown),
        "counted": counted,
        # What stands at the head of a page has no place in a fragment.
        "problem": (problem or " ".join(map(str, form.errors.get("name", []))))
        if HtmxDetails(request)
        else "",
        "said": said(person, there, counted) if counted else None,
        "lately": lately.order_by("-counted_at", "-id")[:LATELY],
    }
    page = "register/_counted.html" if HtmxDetails(request) else "register/stock_take.html"
    return render(request, page, shown, status=status)
