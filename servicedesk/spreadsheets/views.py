"""Pages on which a spreadsheet comes in, step by step, and goes out."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.files.storing import XLSX, download
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import open_door
from servicedesk.people.requests import SignedInRequest
from servicedesk.spreadsheets import importing, taking_out
from servicedesk.spreadsheets.forms import ExportForm, MappingForm, SheetForm, UploadForm, VersionForm
from servicedesk.spreadsheets.importing import WrongStep
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Export, Import, ImportRow
from servicedesk.spreadsheets.reading import Refused
from servicedesk.spreadsheets.rejects import write_rejects
from servicedesk.spreadsheets.showing import WORDS, rows_shown

RELATED = ("council", "file", "job", "started_by")
State = Import.State
NEWEST, BY_NUMBER = ("-started_at", "-id"), ("number", "id")


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: SignedInRequest) -> HttpResponse:
    """The imports of the person's councils, and a new one."""
    person = request.user
    form = UploadForm(person, *(request.POST, request.FILES) if request.method == "POST" else ())
    if form.is_valid():
        given = form.cleaned_data
        kind = kinds()[given["kind"]]
        started = importing.start(given["file"], given["file"].name, kind, given["council"], by=person)
        return redirect("spreadsheets:import", started.pk)
    seen = (
        Import.objects.visible_to(person)
        .select_related("council", "file", "started_by")
        .defer("sheets", "notes")
    )
    page = keyset_page(seen, NEWEST, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {"form": form, "imports": page.rows, "previous": previous, "next": following}
    return render(request, "spreadsheets/imports.html", shown, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def one_import(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where an import stands: what its columns are, what its rows would do, how far it has come, what it did."""
    return _page(request, _open(request, pk))


@require_POST
def sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose another sheet or row of headings."""
    started = _open(request, pk)
    form = SheetForm(started, request.POST)
    if not form.is_valid():
        return _page(request, started, sheet_form=form, status=422)
    version = form.cleaned_data["version"]
    return _do(
        request, started, lambda: importing.choose(started, form.said(), by=request.user, version=version)
    )


@require_POST
def mapping(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what the columns are, and check every row."""
    started = _open(request, pk)
    form = MappingForm(started, request.POST)
    if not form.is_valid():
        return _page(request, started, form=form, status=422)
    given = form.cleaned_data

    def choose_and_check() -> Import:
        chosen = importing.choose(
            started, form.said(), by=request.user, create=given.get("create"), version=given["version"]
        )
        return importing.check(chosen, by=request.user)

    return _do(request, started, choose_and_check)


@require_POST
def check(request: SignedInRequest, pk: int) -> HttpResponse:
    """Check every row again."""
    started = _open(request, pk)
    return _do(request, started, lambda: importing.check(started, by=request.user))


@require_POST
def apply(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have the good rows written."""
    started = _open(request, pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Go back to the import and try again.")
    version = form.cleaned_data["version"]
    return _do(request, started, lambda: importing.apply(started, by=request.user, version=version))


@require_safe
def rejects(request: SignedInRequest, pk: int) -> HttpResponse:
    """The refused rows, to correct and upload again."""
    started = _open(request, pk)
    response = HttpResponse(content_type=XLSX)
    name = f"To correct {timezone.localdate():%Y-%m-%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    try:
        write_rejects(started, response)
    except WrongStep as wrong:
        return _wrong_step(request, started, wrong)
    return response


@require_POST
def exports(request: SignedInRequest) -> HttpResponseBase:
    """Take rows out: the file itself, or the page that says when it is ready."""
    form = ExportForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Go back to the list and try again.")
    given = form.cleaned_data
    filters = {
        name: value
        for name, value in request.POST.items()
        if value and name not in ("csrfmiddlewaretoken", "kind", "format")
    }
    try:
        export = taking_out.start(kinds()[given["kind"]], filters, given["format"], by=request.user)
    except ValidationError as error:
        raise BadRequest("One of the filters is not understood.") from error
    return download(export.file) if export.file else redirect("spreadsheets:export", export.pk)


@require_safe
@never_cache
def one_export(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whether an export is ready."""
    export = open_door(
        request.user, Export.objects.visible_to(request.user).select_related("job", "file"), pk=pk
    )
    return render(request, "spreadsheets/export.html", {"export": export, "kind": kinds()[export.kind]})


@require_safe
def export_file(request: SignedInRequest, pk: int) -> FileResponse:
    """The file of an export."""
    export = open_door(request.user, Export.objects.visible_to(request.user).select_related("file"), pk=pk)
    if export.file is None:
        raise Http404
    return download(export.file)


def _open(request: SignedInRequest, pk: int) -> Import:
    return open_door(request.user, Import.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


def _do(request: SignedInRequest, started: Import, deed: Callable[[], Import]) -> HttpResponse:
    """One step, then the page of where the import stands; a step that cannot be made says why."""
    try:
        deed()
    except Refused as refused:
        messages.error(request, str(refused))
        return _page(request, _open(request, started.pk), status=422)
    except WrongStep as wrong:
        return _wrong_step(request, started, wrong)
    return redirect("spreadsheets:import", started.pk)


def _wrong_step(request: SignedInRequest, started: Import, wrong: WrongStep) -> HttpResponse:
    back = reverse("spreadsheets:import", args=[started.pk])
    return render(request, "409.html", {"reason": str(wrong), "back": back}, status=409)


def _page(request: SignedInRequest, started: Import, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The step at which an import stands; `?columns` goes back to the columns of one that is checked."""
    shown = {"started": started, "kind": started.kind_of_row, "job": started.job, **forms}
    mapped = started.state in (State.UPLOADED, State.MAPPED)
    back = "columns" in request.GET and (started.state == State.CHECKED or started.given_up)
    if mapped or back or forms:
        shown.setdefault("form", MappingForm(started) if started.mapping else None)
        shown.setdefault("sheet_form", SheetForm(started))
        return render(request, "spreadsheets/columns.html", shown, status=status)
    if started.state in (State.CHECKED, State.APPLIED) or started.given_up:
        shown |= _rows(request, started)
        return render(request, "spreadsheets/rows.html", shown, status=status)
    return render(request, "spreadsheets/waiting.html", shown, status=status)


def _rows(request: SignedInRequest, started: Import) -> dict[str, Any]:
    """The rows with one action, a page at a time: the refused first, because they want something done."""
    counts = started.counts
    worst_first = ("error", "ambiguous", "update", "create", "unchanged")
    usual = next((action for action in worst_first if counts.get(action)), "create")
    action = request.GET.get("action", usual)
    rows = started.rows.filter(action=action) if action in ImportRow.Action.values else started.rows.none()
    page = keyset_page(rows, BY_NUMBER, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    return {
        "rows": rows_shown(started, page.rows, request.user),
        "parts": [
            (f"{words} ({counts.get(each, 0):,})", f"?action={each}", each == action)
            for each, words in WORDS.items()
        ],
        "refused": counts.get("error", 0) + counts.get("ambiguous", 0),
        "previous": previous,
        "next": following,
    }
