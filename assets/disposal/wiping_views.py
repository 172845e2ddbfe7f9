"""Pages of the wipe ledger, of single media, and of the disposal register."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets.disposal import leaving, media, sheets
from assets.disposal.forms import (
    CouncilFilterForm,
    FailedWipeForm,
    MediumForm,
    RegisterFilterForm,
    StrikeOutForm,
    TakeOutForm,
    WipeForm,
)
from assets.disposal.ledger import WORDS, Part, lines, order_of, rows_of
from assets.register.facts import what_it_is
from assets.register.filling_in import fill_in
from assets.register.life_forms import DeedForm
from assets.register.models import Asset, Medium
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, capped_count, page_addresses
from servicedesk.people.access import councils_of, may, open_door, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

EITHER = ("GET", "HEAD", "POST")
MOST_PRINTED = 2000
MOST_TAKEN_OUT = 100_000
BY_DAY = (F("left_on").asc(nulls_last=True), "asset_tag", "id")
"""What left on a day that nobody wrote down comes last, whatever the database."""


@require_safe
def wiping(request: SignedInRequest) -> HttpResponse:
    """One part of the wipe ledger."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    form = CouncilFilterForm(request.GET, person)
    asked = request.GET.get("show", "")
    part = Part(asked) if asked in list(Part) else Part.WAITING
    council = form.cleaned_data["council"] if form.is_valid() else None
    rows = rows_of(part, person, council)
    if part == Part.MISSING and request.GET.get("state") == "sanitised":
        rows = rows.filter(state="sanitised")
    page = keyset_page(rows if form.is_valid() else rows.none(), order_of(part), request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "form": form,
        "part": part,
        "parts": [(words, f"?show={name}", name == part) for name, words in WORDS.items()],
        "title": WORDS[part],
        "lines": lines(page.rows),
        "count": capped_count(rows),
        "previous": previous,
        "next": following,
    }
    return render(request, "disposal/wiping.html", shown, status=200 if form.is_valid() else 422)


@require_http_methods(EITHER)
def add(request: SignedInRequest, pk: int) -> HttpResponse:
    """List a medium of an asset."""
    asset = open_door(request.user, Asset.objects.select_related("council", "model", "manufacturer"), pk=pk)
    require(request.user, Permission.MOVE_ASSETS, asset)

    def do(version: int | None, **given: Any) -> str:
        return f"{media.add_medium(asset, by=request.user, **given)} is listed"

    form = MediumForm(request.POST if request.method == "POST" else None, initial={"version": asset.version})
    return fill_in(
        request,
        form,
        do,
        title=f"Add a medium: {asset}",
        back=(str(asset), reverse("register:asset", args=[asset.pk])),
        current_version=lambda: Asset.objects.get(pk=asset.pk).version,
        what_it_is=what_it_is(asset),
        words="Add it",
    )


def _wipe(medium: Medium, by: Any, version: int | None, **given: Any) -> str:
    asset = media.wipe_medium(medium, by=by, given=given, passed=True)
    return f"{medium} is wiped. {asset} is {asset.get_state_display().lower()}"


def _fail(medium: Medium, by: Any, version: int | None, **given: Any) -> str:
    media.wipe_medium(medium, by=by, given=given, passed=False)
    return f"It is written down that {medium} could not be wiped"


def _take_out(medium: Medium, by: Any, version: int | None, on: date) -> str:
    media.take_out(medium, by=by, on=on, version=version or 0)
    return f"{medium} is taken out"


def _strike_out(medium: Medium, by: Any, version: int | None, reason: str) -> str:
    media.strike_out(medium, by=by, reason=reason, version=version or 0)
    return f"{medium} is listed no more"


# Each deed on a medium: its form, what it does and says, the right to it, and its words.
DEEDS: dict[str, tuple[type[DeedForm], Callable[..., str], Permission, str]] = {
    "wipe": (WipeForm, _wipe, Permission.MOVE_ASSETS, "Wiped or destroyed"),
    "fail": (FailedWipeForm, _fail, Permission.MOVE_ASSETS, "Wipe failed"),
    "take-out": (TakeOutForm, _take_out, Permission.MOVE_ASSETS, "Taken out"),
    "strike-out": (StrikeOutForm, _strike_out, Permission.EDIT_ASSETS, "List it no more"),
}


@require_http_methods(EITHER)
def deed(request: SignedInRequest, pk: int, deed: str) -> HttpResponse:
    """A medium is wiped, could not be, is taken out, or was listed by mistake."""
    medium: Medium = open_door(request.user, Medium.objects.select_related("asset__council"), pk=pk)
    if deed not in DEEDS:
        raise Http404
    form_of, make, permission, words = DEEDS[deed]
    require(request.user, permission, medium)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    second: dict[str, Any] = {"by": request.user, "council": medium.asset.council_id}
    more = second if form_of is WipeForm else {}

    def do(version: int | None, **given: Any) -> str:
        return make(medium, request.user, version, **given)

    return fill_in(
        request,
        form_of(*sent, initial={"version": medium.version}, **more),
        do,
        title=f"{words}: {medium}",
        back=(str(medium.asset), reverse("register:asset", args=[medium.asset_id])),
        current_version=lambda: Medium.objects.get(pk=medium.pk).version,
        words=words,
        warning=deed in ("wipe", "strike-out"),
    )


@require_safe
def register(request: SignedInRequest) -> HttpResponse:
    """How everything that has left did so, and what it weighed by year."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    form = RegisterFilterForm(request.GET, person)
    rows = leaving.left(person, **form.cleaned_data) if form.is_valid() else Asset.objects.none()
    page = keyset_page(rows, ("asset_tag", "id"), request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "form": form,
        "lines": leaving.lines(person, page.rows),
        "count": capped_count(rows),
        "previous": previous,
        "next": following,
        "weights": leaving.weight_by_year(person, form.cleaned_data["council"]) if form.is_valid() else [],
        "may_export": may(person, Permission.EXPORT),
        "sees_money": may(person, Permission.SEE_ASSET_MONEY),
        "asked": {name: value for name, value in request.GET.items() if name != CURSOR},
    }
    return render(request, "disposal/register.html", shown, status=200 if form.is_valid() else 422)


@require_safe
def printed(request: SignedInRequest) -> HttpResponse:
    """The same on paper, whole."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    rows = _asked(request, request.GET).order_by(*BY_DAY)
    shown = {
        "lines": list(leaving.all_lines(person, rows[:MOST_PRINTED])),
        "count": rows.count(),
        "most": MOST_PRINTED,
        "today": timezone.localdate(),
        "sees_money": may(person, Permission.SEE_ASSET_MONEY),
        "person": person,
    }
    return render(request, "disposal/print.html", shown)


@require_POST
def export(request: SignedInRequest) -> HttpResponse:
    """The same as a spreadsheet: of the councils whose assets the person may take out."""
    person = request.user
    require(person, Permission.EXPORT)
    rows = _asked(request, request.POST).filter(council__in=councils_of(person, Permission.EXPORT))
    ordered = rows.order_by(*BY_DAY)[:MOST_TAKEN_OUT]
    asked = {name: request.POST[name] for name in ("council", "since", "until") if request.POST.get(name)}
    return sheets.take_out(list(leaving.all_lines(person, ordered)), by=person, filters=asked)


def _asked(request: SignedInRequest, query: Any) -> Any:
    form = RegisterFilterForm(query, request.user)
    if not form.is_valid():
        raise BadRequest("Go back to the disposal register and try again.")
    return leaving.left(request.user, **form.cleaned_data)
