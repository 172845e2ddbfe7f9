"""Pages on which rows go out as a spreadsheet."""

from django.core.exceptions import BadRequest, ValidationError
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from servicedesk.files.storing import download
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, capped_count, page_addresses
from servicedesk.people.access import open_door
from servicedesk.people.requests import SignedInRequest
from servicedesk.spreadsheets import taking_out
from servicedesk.spreadsheets.cover import filters_in_words
from servicedesk.spreadsheets.export_forms import ChoiceForm, ExportForm, exported_kinds, narrowing
from servicedesk.spreadsheets.exporting import wanted
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Export

NEWEST = ("-wanted_at", "-id")
NOT_UNDERSTOOD = "One of the filters or columns is not understood."


@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: SignedInRequest) -> HttpResponseBase:
    """What the person took out, and what there is to take; or, sent here, the file itself or the page to wait on."""
    taking_out.require_export(request.user)
    if request.method != "POST":
        return _mine(request)
    form = ExportForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Go back to the list and try again.")
    given, columns = form.cleaned_data, form.columns()
    kind = kinds()[given["kind"]]
    try:
        export = taking_out.start(kind, form.narrowing(), given["format"], by=request.user, columns=columns)
    except ValidationError as error:
        raise BadRequest(NOT_UNDERSTOOD) from error
    return download(export.file) if export.file else redirect("spreadsheets:export", export.pk)


def _mine(request: SignedInRequest) -> HttpResponse:
    own = Export.objects.visible_to(request.user).filter(kind__in=kinds()).select_related("file", "job")
    page = keyset_page(own, NEWEST, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "kinds": exported_kinds(),
        "exports": [(each, capfirst(kinds()[each.kind].many)) for each in page.rows],
        "previous": previous,
        "next": following,
    }
    return render(request, "spreadsheets/exports.html", shown)


@require_safe
@never_cache
def new_export(request: SignedInRequest, kind: str) -> HttpResponse:
    """Choose the columns and the file of what a list shows; the filters of the list come along in the address."""
    person = request.user
    taking_out.require_export(person)
    wanted_kind = next((each for each in exported_kinds() if each.code == kind), None)
    if wanted_kind is None:
        raise Http404
    given = narrowing(request.GET)
    try:
        rows = wanted(wanted_kind, person, given)
    except ValidationError as error:
        raise BadRequest(NOT_UNDERSTOOD) from error
    shown = {
        "kind": wanted_kind,
        "form": ChoiceForm(wanted_kind, person),
        "narrowing": given,
        "filters": filters_in_words(wanted_kind, person, given),
        "count": capped_count(rows),
        "comes_back": wanted_kind.updates and bool(wanted_kind.may_import(person)),
    }
    return render(request, "spreadsheets/new_export.html", shown)


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
