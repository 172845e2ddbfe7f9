"""Pages of what is due back: the list with how late each is, and what can be done about one."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assets.disposal import chasing
from assets.disposal.forms import AskBackForm, BackForm, CallOffForm, ChaseForm, CouncilFilterForm, LostForm
from assets.disposal.models import DueBack
from assets.register.facts import what_it_is
from assets.register.filling_in import fill_in
from assets.register.life_forms import DeedForm
from assets.register.models import Asset
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import may, open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

# Each deed: its form, what it does, the right to it, its words on the button, and what is said when it is done.
DEEDS: dict[str, tuple[type[DeedForm], Callable[..., Any], Permission, str, str]] = {
    "back": (BackForm, chasing.bring_back, Permission.MOVE_ASSETS, "It is back", "is back"),
    "lost": (
        LostForm,
        chasing.lose,
        Permission.MOVE_ASSETS,
        "Report lost or stolen",
        "is lost, and a security incident is open",
    ),
    "chase": (
        ChaseForm,
        chasing.chased_by_hand,
        Permission.MOVE_ASSETS,
        "I have asked for it",
        "was asked for",
    ),
    "call-off": (
        CallOffForm,
        chasing.call_off,
        Permission.EDIT_ASSETS,
        "It need not come back",
        "need not come back",
    ),
}


@require_safe
def due_back(request: SignedInRequest) -> HttpResponse:
    """What is still with people who must bring it back, the longest due first, and who was asked for it when."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    form, today = CouncilFilterForm(request.GET, person), timezone.localdate()
    overdue = request.GET.get("overdue") == "true"
    seen = chasing.seen(person)
    rows = seen.overdue(today) if overdue else seen.open()
    if not form.is_valid():
        rows = rows.none()
    elif form.cleaned_data["council"]:
        rows = rows.filter(council=form.cleaned_data["council"])
    page = keyset_page(rows, ("due_on", "id"), request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "form": form,
        "rows": chasing.with_chases(page.rows, today),
        "overdue": overdue,
        "previous": previous,
        "next": following,
    }
    return render(request, "disposal/due_back.html", shown, status=200 if form.is_valid() else 422)


@require_safe
def one(request: SignedInRequest, pk: int) -> HttpResponse:
    """One thing: how late it is, everybody who was asked, and what can be done."""
    row = _opened(request, pk)
    (told,) = chasing.with_chases([row], timezone.localdate())
    is_open = row.state == DueBack.State.OPEN
    shown = {
        "row": row,
        "told": told,
        "what": what_it_is(row.asset),
        "deeds": [
            (words, reverse("disposal:deed_due_back", args=[row.pk, name]))
            for name, (_, _, permission, words, _) in DEEDS.items()
            if is_open and may(request.user, permission, row.council_id)
        ],
        "happenings": happenings(request.user, row),
    }
    return render(request, "disposal/one_due_back.html", shown)


@require_http_methods(("GET", "HEAD", "POST"))
def deed(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    """It is back, lost, asked for, or need not come back."""
    row = _opened(request, pk)
    if deed not in DEEDS:
        raise Http404
    form_of, make, permission, words, done = DEEDS[deed]
    require(request.user, permission, row)

    def do(version: int | None, **given: Any) -> str:
        make(row, by=request.user, version=version, **given)
        return f"{row.asset} {done}"

    return fill_in(
        request,
        form_of(request.POST if request.method == "POST" else None, initial={"version": row.version}),
        do,
        title=f"{words}: {row.asset}",
        back=(str(row), reverse("disposal:one_due_back", args=[row.pk])),
        current_version=lambda: DueBack.objects.get(pk=row.pk).version,
        what_it_is=what_it_is(row.asset),
        words=words,
        warning=deed in ("lost", "call-off"),
    )


@require_http_methods(("GET", "HEAD", "POST"))
def ask(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask whoever has an asset to bring it back by a day."""
    asset = open_door(request.user, Asset.objects.select_related("council", "model", "manufacturer"), pk=pk)
    require(request.user, Permission.MOVE_ASSETS, asset)

    def do(version: int | None, **given: Any) -> str:
        row = chasing.ask_back(asset, by=request.user, **given)
        return f"{row.person} is asked for {asset}"

    return fill_in(
        request,
        AskBackForm(request.POST if request.method == "POST" else None),
        do,
        title=f"Ask for it back: {asset}",
        back=(str(asset), reverse("register:asset", args=[asset.pk])),
        current_version=lambda: 0,
        what_it_is=what_it_is(asset),
        words="Ask for it back",
    )


def _opened(request: SignedInRequest, pk: int) -> DueBack:
    return open_door(request.user, DueBack.objects.select_related(*chasing.RELATED), pk=pk)
