"""Pages on which the rows of an import are looked at, decided about, imported, and taken back."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.files.storing import XLSX, download
from servicedesk.lists.showing import CURSOR
from servicedesk.people.access import open_door
from servicedesk.people.requests import SignedInRequest
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.check_forms import ApplyForm, ChoicesForm, RowsForm
from servicedesk.spreadsheets.forms import VersionForm
from servicedesk.spreadsheets.models import HELD_BACK, Action, Import, WrongStep
from servicedesk.spreadsheets.moving_on import RELATED, Unconfirmed
from servicedesk.spreadsheets.reading import Refused
from servicedesk.spreadsheets.rejects import CHECKED, write_rejects
from servicedesk.spreadsheets.showing import WORDS, missing_shown, problems_in_words, rows_shown
from servicedesk.spreadsheets.steps import steps
from servicedesk.spreadsheets.stored_rows import RowPage, page_of

WORST_FIRST = ("error", "disagree", "ambiguous", "stale", "update", "create", "unchanged")
MISSING = "missing"


@require_POST
def check(request: SignedInRequest, pk: int) -> HttpResponse:
    """Check every row again."""
    started = open_import(request, pk)
    return do(request, started, lambda: importing.begin_check(started, by=request.user))


@require_POST
def decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say which of ours a row is, or whose value counts, and check the rows again."""
    started = open_import(request, pk)
    form = ChoicesForm(
        started,
        rows_shown(started, _page_of_rows(started, _asked(request, started)).rows, request.user),
        request.POST,
    )
    if not form.is_valid():
        return rows_page(request, started, status=422, choices=form)
    version = form.cleaned_data["version"]
    return do(
        request, started, lambda: importing.decide(started, form.said(), by=request.user, version=version)
    )


@require_POST
def apply(request: SignedInRequest, pk: int) -> HttpResponse:
    """Have the good rows written; what would change very much asks once more."""
    started = open_import(request, pk)
    form = ApplyForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Go back to the import and try again.")
    try:
        return do(request, started, lambda: importing.apply(started, by=request.user, **form.cleaned_data))
    except Unconfirmed:
        shown = {"started": started, "kind": started.kind_of_row, "given": form.cleaned_data}
        return render(request, "spreadsheets/confirm.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take an import back, after one more question."""
    started = open_import(request, pk)
    if request.method != "POST":
        shown = {"started": started, "kind": started.kind_of_row}
        return render(request, "spreadsheets/undo.html", shown, status=200 if started.may_be_undone else 409)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Go back to the import and try again.")
    version = form.cleaned_data["version"]
    return do(request, started, lambda: importing.undo(started, by=request.user, version=version))


@require_safe
def rejects(request: SignedInRequest, pk: int) -> HttpResponse:
    """The rows that were held back, to correct and upload again."""
    started = open_import(request, pk)
    response = HttpResponse(content_type=XLSX)
    name = f"To correct {timezone.localdate():%Y-%m-%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    try:
        write_rejects(started, response)
    except WrongStep as wrong:
        return _wrong_step(request, started, wrong)
    return response


@require_safe
def import_file(request: SignedInRequest, pk: int) -> FileResponse:
    """The file as it came."""
    return download(open_import(request, pk).file)


def open_import(request: SignedInRequest, pk: int) -> Import:
    return open_door(request.user, Import.objects.visible_to(request.user).select_related(*RELATED), pk=pk)


def do(
    request: SignedInRequest,
    started: Import,
    deed: Callable[[], Import],
    again: Callable[[Import], HttpResponse] | None = None,
) -> HttpResponse:
    """One step, then the page of where the import stands; a step that cannot be made says why, on the page `again`."""
    try:
        deed()
    except Refused as refused:
        messages.error(request, str(refused))
        fresh = open_import(request, started.pk)
        if again:
            return again(fresh)
        if fresh.state in (Import.State.UPLOADED, Import.State.MAPPED):
            return redirect("spreadsheets:import", fresh.pk)  # which leads on to the step that is missing
        return rows_page(request, fresh, status=422)
    except Unconfirmed:
        raise
    except WrongStep as wrong:
        return _wrong_step(request, started, wrong)
    return redirect("spreadsheets:import", started.pk)


def _wrong_step(request: SignedInRequest, started: Import, wrong: WrongStep) -> HttpResponse:
    back = reverse("spreadsheets:import", args=[started.pk])
    return render(request, "409.html", {"reason": str(wrong), "back": back}, status=409)


def rows_page(
    request: SignedInRequest,
    started: Import,
    *,
    status: int = 200,
    choices: ChoicesForm | None = None,
    **more: Any,
) -> HttpResponse:
    """What the rows of an import would do or did, or how far it has come."""
    shown = {"started": started, "kind": started.kind_of_row, "job": started.job, **more}
    shown["steps"] = steps(started, "import")
    at_work = started.state in (Import.State.APPLYING, Import.State.UNDOING, Import.State.CHECKING)
    given_up = started.given_up or started.undo_given_up
    if (started.state in CHECKED and not at_work) or given_up:
        shown |= _rows(request, started, choices)
        return render(request, "spreadsheets/rows.html", shown, status=status)
    return render(request, "spreadsheets/waiting.html", shown, status=status)


def _page_of_rows(started: Import, asked: dict[str, Any]) -> RowPage:
    mark = asked["problem"] or (f"changes:{asked['field']}" if asked["field"] else "")
    return page_of(started, [asked["action"]], mark, asked["cursor"])


def _asked(request: SignedInRequest, started: Import) -> dict[str, Any]:
    """What the address asks for; the rows that want something done come first."""
    form = RowsForm(request.GET)
    asked = {**form.cleaned_data} if form.is_valid() else {"problem": "", "field": "", "cursor": ""}
    usual = next((action for action in WORST_FIRST if started.counts.get(action)), str(Action.CREATE))
    action = request.GET.get("action", "").replace("\0", "")  # which PostgreSQL could not look for
    return asked | {"action": action or usual}


def _rows(request: SignedInRequest, started: Import, choices: ChoicesForm | None) -> dict[str, Any]:
    """The rows with one action, a page at a time, and what else is to be said of them."""
    counts = started.counts
    asked, missing = _asked(request, started), "missing" in request.GET
    page = _page_of_rows(started, asked)
    rows = rows_shown(started, page.rows, request.user)
    kept = {name: asked[name] for name in ("action", "problem", "field") if asked[name]}
    undecided = any(row.candidates or row.told for row in rows) and started.state == Import.State.CHECKED
    parts = [
        (f"{words} ({counts.get(each, 0):,})", f"?action={each}", each == asked["action"] and not missing)
        for each, words in WORDS.items()
        if counts.get(each) or each in ("create", "update", "unchanged", "error")
    ]
    if counts.get(MISSING):
        parts.append((f"Not in your file ({counts[MISSING]:,})", "?missing", missing))
    return {
        "rows": rows,
        "parts": parts,
        "asked": asked,
        "narrowing": problems_in_words(started, asked["action"]),
        "missing": missing_shown(started) if missing else None,
        "refused": sum(counts.get(action, 0) for action in HELD_BACK),
        "choices": choices or (ChoicesForm(started, rows) if undecided else None),
        "query": urlencode(kept | {CURSOR: asked["cursor"]}),
        "previous": f"?{urlencode(kept | {CURSOR: page.previous})}" if page.previous else "",
        "next": f"?{urlencode(kept | {CURSOR: page.next})}" if page.next else "",
    }
