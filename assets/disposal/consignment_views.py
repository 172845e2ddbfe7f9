"""Pages of consignments: the list, making one up, handing it over, its certificate, closing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets.disposal import closing, consigning
from assets.disposal.forms import CancelForm, CertificateForm, ConsignmentForm, CouncilFilterForm, ItemsForm
from assets.disposal.models import Consignment, State
from assets.disposal.scanning import scan
from assets.disposal.states import EDITABLE, MOVES
from assets.register.filling_in import fill_in
from assets.register.life_forms import DeedForm
from assets.register.lifecycle import MoveRefused
from servicedesk.files.storing import download
from servicedesk.history.editing import Stale
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import may, open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import save, show

EITHER = ("GET", "HEAD", "POST")
MOST_ITEMS = 500


@require_safe
def consignments(request: SignedInRequest) -> HttpResponse:
    """Every consignment of the registers that the person reads."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    form = CouncilFilterForm(request.GET, person)
    rows = Consignment.objects.visible_to(person).select_related("council", "supplier")
    if not form.is_valid():
        rows = rows.none()
    elif form.cleaned_data["council"]:
        rows = rows.filter(council=form.cleaned_data["council"])
    page = keyset_page(rows, ("-id", "-id"), request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "form": form,
        "rows": page.rows,
        "previous": previous,
        "next": following,
        "may_make": may(person, Permission.EDIT_ASSETS),
    }
    return render(request, "disposal/consignments.html", shown, status=200 if form.is_valid() else 422)


@require_http_methods(EITHER)
def new(request: SignedInRequest) -> HttpResponse:
    """Begin one."""
    require(request.user, Permission.EDIT_ASSETS)
    form = ConsignmentForm(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_valid():
        try:
            made = consigning.make(by=request.user, **form.values())
            messages.success(request, f"Consignment {made} is begun. Scan what goes into it")
            return redirect("disposal:consignment", made.pk)
        except ValidationError as error:
            show(form, error)
    shown: dict[str, Any] = {
        "form": form,
        "row": None,
        "title": "New consignment",
        "words": "Begin it",
        "disagreements": [],
    }
    return render(request, "disposal/consignment_form.html", shown, status=422 if form.is_bound else 200)


@require_safe
def consignment(request: SignedInRequest, pk: int) -> HttpResponse:
    """What is in it, its papers, and what differs."""
    return _page(request, _opened(request, pk))


@require_http_methods(EITHER)
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change what is written of it."""
    return _written(request, pk, consigning.change, "Change", "Save")


@require_http_methods(EITHER)
def collect(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say that the firm has it, with its papers."""
    return _written(request, pk, consigning.collect, "Collected:", MOVES["collect"].words)


def _written(request: SignedInRequest, pk: int, write: Any, title: str, words: str) -> HttpResponse:
    row = _opened(request, pk)
    require(request.user, Permission.EDIT_ASSETS, row)
    form = ConsignmentForm(request.POST if request.method == "POST" else None, by=request.user, instance=row)
    try:
        saved, shown, status = save(form, write)
    except MoveRefused as refused:
        form.add_error(None, str(refused))
        saved, shown, status = None, {"form": form, "disagreements": []}, 409
    if saved:
        messages.success(request, f"Consignment {saved} is saved")
        return redirect("disposal:consignment", saved.pk)
    shown |= {"row": row, "title": f"{title} {row}", "words": words}
    return render(request, "disposal/consignment_form.html", shown, status=status)


@require_POST
def scan_in(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put what was scanned into it; what may not leave is named, each with its reason."""
    row = _opened(request, pk)
    require(request.user, Permission.EDIT_ASSETS, row)
    form = ItemsForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form=form, status=422)
    try:
        found = scan(row, form.cleaned_data["names"].split("\n"), by=request.user)
    except MoveRefused as refused:
        return _page(request, row, problem=str(refused), status=409)
    if found.added:
        messages.success(request, f"In it now: {', '.join(str(asset) for asset in found.added)}")
    if found.sentences:
        return _page(request, _opened(request, pk), sentences=found.sentences)
    return redirect("disposal:consignment", row.pk)


@require_POST
def take_out(request: SignedInRequest, pk: int, item: int) -> HttpResponse:
    """Take a thing out again."""
    row = _opened(request, pk)
    require(request.user, Permission.EDIT_ASSETS, row)
    found = row.items.filter(pk=item).select_related("consignment", "asset").first()
    if found is None:
        raise Http404
    try:
        consigning.remove_item(found, by=request.user)
    except MoveRefused as refused:
        return _page(request, row, problem=str(refused), status=409)
    messages.success(request, f"{found.asset} is not in it any more")
    return redirect("disposal:consignment", row.pk)


@require_http_methods(EITHER)
def certify(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take in what the facility certified."""
    row = _opened(request, pk)
    require(request.user, Permission.EDIT_ASSETS, row)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = CertificateForm(*sent, initial={"version": row.version})

    def do(version: int | None, file: Any = None, **rest: Any) -> str:
        taken = closing.take_certificate(row, form.read, by=request.user, file=file, version=version)
        differing = len(closing.comparison_of(taken).differences)
        return f"The certificate is taken in: {differing or 'no'} difference{'' if differing == 1 else 's'}"

    return fill_in(
        request,
        form,
        do,
        title=f"Certificate of {row}",
        back=(str(row), reverse("disposal:consignment", args=[row.pk])),
        current_version=lambda: Consignment.objects.get(pk=row.pk).version,
        words="Take it in",
    )


@require_http_methods(EITHER)
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give it up, and say why."""
    row = _opened(request, pk)
    require(request.user, Permission.EDIT_ASSETS, row)
    sent = request.POST if request.method == "POST" else None

    def do(version: int | None, reason: str = "") -> str:
        consigning.cancel(row, by=request.user, reason=reason, version=version)
        return f"Consignment {row} is cancelled"

    return fill_in(
        request,
        CancelForm(sent, row=row, initial={"version": row.version}),
        do,
        title=f"Cancel {row}",
        back=(str(row), reverse("disposal:consignment", args=[row.pk])),
        current_version=lambda: Consignment.objects.get(pk=row.pk).version,
        words="Cancel it",
        warning=True,
    )


@require_POST
def close(request: SignedInRequest, pk: int) -> HttpResponse:
    """Let everything in it leave the register."""
    row = _opened(request, pk)
    require(request.user, Permission.EDIT_ASSETS, row)
    form = DeedForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else None
    try:
        closing.close(row, by=request.user, version=version)
    except (MoveRefused, Stale) as refused:
        return _page(request, _opened(request, pk), problem=str(refused), status=409)
    messages.success(request, f"Consignment {row} is closed, and everything in it has left the register")
    return redirect("disposal:consignment", row.pk)


@require_safe
def certificate(request: SignedInRequest, pk: int) -> FileResponse:
    """The certificate as it was sent, always as a download."""
    row = _opened(request, pk)
    if row.certificate is None:
        raise Http404
    return download(row.certificate)


def _opened(request: SignedInRequest, pk: int) -> Consignment:
    return open_door(request.user, Consignment.objects.select_related(*consigning.RELATED), pk=pk)


def _page(
    request: SignedInRequest,
    row: Consignment,
    *,
    form: ItemsForm | None = None,
    problem: str = "",
    sentences: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    person = request.user
    keeps = may(person, Permission.EDIT_ASSETS, row.council_id)
    items = items_shown(row)
    differs = row.state in (State.COLLECTED, State.CERTIFIED) and row.lines.exists()
    shown = {
        "row": row,
        "form": form or ItemsForm(initial={"version": row.version}),
        "items": items[:MOST_ITEMS],
        "count": len(items),
        "differences": closing.comparison_of(row, items).differences if differs else [],
        "compared": differs,
        "keeps": keeps,
        "moves": [name for name, step in MOVES.items() if keeps and row.state in step.sources],
        "editable": keeps and row.state in EDITABLE,
        "sees_money": may(person, Permission.SEE_ASSET_MONEY, row.council_id),
        "problem": problem,
        "sentences": sentences or [],
        "words": MOVES,
        "happenings": happenings(person, row),
    }
    return render(request, "disposal/consignment.html", shown, status=status)


def items_shown(row: Consignment) -> list:
    """What is in it now, or was in it when it closed."""
    kept = row.items.exclude(outcome="") if row.state == State.CLOSED else row.items.filter(is_current=True)
    return list(kept.select_related("asset__model", "asset__manufacturer", "asset__council"))
