"""Pages of the items of a batch: one, its moves, moves of many at once, and taking those back."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets.batches.exchange_forms import ExchangeForm
from assets.batches.exchanging import GIVEN, exchange, may_exchange
from assets.batches.forms import ItemsForm, item_form
from assets.batches.freezing import coming
from assets.batches.items import RELATED, Moved, fresh, move_item, move_items, moves_of
from assets.batches.models import BatchItem, ChangeFreeze
from assets.batches.states import ITEM_MOVES, ItemState
from assets.batches.undoing import own_deed, take_back
from assets.batches.views import EITHER, back_to, opened
from assets.register.changes import left_in_words
from assets.register.facts import what_it_is
from assets.register.filling_in import fill_in
from assets.register.lifecycle import MoveRefused
from assets.register.models import Disposal, Sanitisation
from assets.register.together_views import tell_refused
from servicedesk import wording
from servicedesk.history.undoing import Overtaken
from servicedesk.people.access import open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets.models import Ticket

MOST = 500
LONGEST_KEY = 18


@require_safe
def item(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """One asset on its way through its batch."""
    row = _opened(request, reference, pk)
    shown = {
        "item": row,
        "batch": row.batch,
        "kind": what_it_is(row.asset),
        "moves": moves_of(request.user, row),
        "may_exchange": may_exchange(request.user, row),
        "incident": _incident(request, row),
        "wiping": Sanitisation.objects.visible_to(request.user).filter(asset=row.asset_id).first(),
        "disposal": Disposal.objects.visible_to(request.user).filter(asset=row.asset_id).first(),
        "happenings": happenings(request.user, row),
        "back": back_to(row.batch),
    }
    return render(request, "batches/item.html", shown)


@require_http_methods(EITHER)
def move(request: SignedInRequest, reference: str, pk: int, name: str) -> HttpResponse:
    """Make a move of the table: its form asks just for what it needs."""
    row = _opened(request, reference, pk)
    if name not in ITEM_MOVES:
        raise Http404
    step = ITEM_MOVES[name]
    require(request.user, step.permission, row)
    sent: Any = (request.POST, request.FILES) if request.method == "POST" else (None, None)

    def do(version: int | None, **given: Any) -> str:
        moved = move_item(row, name, by=request.user, given=given, version=version)
        return f"{moved.asset}: {ItemState(moved.state).label.lower()}"

    return fill_in(
        request,
        item_form(name, row, request.user, *sent),
        do,
        title=f"{step.words}: {row.asset}",
        back=(row.batch.title, reverse("batches:batch", args=[reference])),
        current_version=lambda: fresh(row).version,
        template="batches/deed.html",
        words=step.words,
        needs=step.needs,
        warning=name in ("lose", "destroy", "sanitise"),
        item=row,
        freezes=_freezes(name, [row]),
    )


@require_http_methods(EITHER)
def another(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Choose another new device for it than the one that is kept."""
    row = _opened(request, reference, pk)
    require(request.user, GIVEN.permission, row)

    def do(version: int | None, **given: Any) -> str:
        changed = exchange(row, by=request.user, version=version, **given)
        return f"{changed.replacement} is kept for {changed.asset}, and {row.replacement} no longer"

    sent = request.POST if request.method == "POST" else None
    return fill_in(
        request,
        ExchangeForm(sent, item=row, by=request.user, initial={"version": row.version}),
        do,
        title=f"Another new device for {row.asset}",
        back=(f"{row.asset} in {row.batch}", reverse("batches:item", args=[reference, pk])),
        current_version=lambda: fresh(row).version,
        template="batches/deed.html",
        words="Keep this one",
        item=row,
    )


@require_POST
def together(request: SignedInRequest, reference: str, name: str) -> HttpResponse:
    """One move of the chosen items: what it asks for, and then the deed, with a sentence for each that is refused."""
    batch = opened(request, reference)
    if name not in ITEM_MOVES:
        raise Http404
    step = ITEM_MOVES[name]
    require(request.user, step.permission)
    versions = _read_keys(request.POST.getlist("item"))
    seen = batch.items.visible_to(request.user).select_related(*RELATED)
    items = list(seen.filter(pk__in=versions).order_by("council__code", "pk"))
    if not items or len(versions) > MOST:
        messages.error(request, f"Choose between 1 and {MOST} assets")
        return redirect("batches:batch", reference)
    asked = request.POST.get("do") == "move" or not step.asks
    form = ItemsForm(name, items, request.POST if asked else None, by=request.user)
    shown = {
        "batch": batch,
        "back": back_to(batch),
        "name": name,
        "move": step,
        "form": form,
        "items": items,
        "freezes": _freezes(name, items),
        "keys": [f"{one.pk}-{versions[one.pk]}" for one in items],
    }
    if not form.is_valid():
        return render(request, "batches/together.html", shown, status=422 if form.is_bound else 200)
    try:
        done = move_items(items, name, by=request.user, given=form.given(), versions=versions)
    except (MoveRefused, ValidationError) as refused:
        messages.error(request, " ".join(getattr(refused, "messages", [str(refused)])))
        return render(request, "batches/together.html", shown, status=409)
    _tell(request, done, step.target)
    return redirect("batches:batch", reference)


@require_POST
def undo(request: SignedInRequest, reference: str, deed: int) -> HttpResponse:
    """Take back what one has just done to items."""
    batch = opened(request, reference)
    done = own_deed(request.user, deed)
    try:
        undone = take_back(done, batch, by=request.user)
        messages.success(request, f"{wording.counted(undone.restored, 'change')} taken back")
        for left in undone.left:
            messages.warning(request, left_in_words(left))
    except Overtaken as overtaken:
        messages.error(request, str(overtaken))
    return redirect("batches:batch", reference)


def _opened(request: SignedInRequest, reference: str, pk: int) -> BatchItem:
    return open_door(request.user, opened(request, reference).items.select_related(*RELATED), pk=pk)


def _freezes(name: str, items: list[BatchItem]) -> list[ChangeFreeze]:
    """What is to be minded before a time is chosen."""
    councils = {item.council_id for item in items}
    return coming(councils, timezone.localdate()) if name == "schedule" else []


def _incident(request: SignedInRequest, row: BatchItem) -> Ticket | None:
    if row.incident_id is None:
        return None
    return Ticket.objects.visible_to(request.user).filter(pk=row.incident_id).first()


def _tell(request: SignedInRequest, done: Moved, target: str) -> None:
    tell_refused(request, [(one.item.asset, one.sentence) for one in done.refused])
    words = ItemState(target).label.lower()
    if done.moved:
        messages.success(request, f"{wording.counted(len(done.moved), 'asset')}: {words}")
    else:
        messages.error(request, "Nothing was moved")


def _read_keys(keys: list[str]) -> dict[int, int]:
    """Chosen items, each with the version at which it was read: 17-3."""
    found = {}
    for key in keys:
        pk, _, version = key.partition("-")
        if all(part.isdecimal() and len(part) <= LONGEST_KEY for part in (pk, version)):
            found[int(pk)] = int(version)
    return found
