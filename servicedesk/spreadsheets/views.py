"""Pages on which a spreadsheet comes in, step by step."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.requests import SignedInRequest
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.check_views import open_import, rows_page
from servicedesk.spreadsheets.forms import UploadForm
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.step_views import next_step

State = Import.State
NEWEST = ("-started_at", "-id")


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: SignedInRequest) -> HttpResponse:
    """The imports of the person's councils, and a new one."""
    person = request.user
    form = UploadForm(person, *(request.POST, request.FILES) if request.method == "POST" else ())
    if form.is_valid():
        given = form.cleaned_data
        kind = kinds()[given["kind"]]
        file = given["file"]
        started = importing.start(file, file.name, kind, given["council"], by=person)
        return redirect("spreadsheets:import", started.pk)
    seen = (
        Import.objects.visible_to(person)
        .select_related("council", "file", "started_by")
        .defer("sheets", "notes", "unknown")
    )
    page = keyset_page(seen, NEWEST, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {"form": form, "imports": page.rows, "previous": previous, "next": following}
    return render(request, "spreadsheets/imports.html", shown, status=422 if form.is_bound else 200)


@require_safe
@never_cache
def one_import(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where an import stands: the step that is next, what its rows would do, how far it has come, what it did."""
    started = open_import(request, pk)
    if started.state in (State.UPLOADED, State.MAPPED):
        return redirect(next_step(started))
    if "columns" in request.GET and started.is_open:
        return redirect("spreadsheets:mapping", pk)
    return rows_page(request, started)
