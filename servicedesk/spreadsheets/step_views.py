"""The pages on which somebody says what a file is, a step each: its sheet, its columns, its words.

Each is kept as it is sent, and can be left and come back to. Saved mappings are listed, renamed and deleted here too.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.people.access import open_door
from servicedesk.people.requests import SignedInRequest
from servicedesk.spreadsheets import importing, profiles
from servicedesk.spreadsheets.check_views import open_import
from servicedesk.spreadsheets.deciding import Decider, place
from servicedesk.spreadsheets.mapping import POLICIES, USUAL_POLICY
from servicedesk.spreadsheets.models import Import, MappingProfile, WrongStep
from servicedesk.spreadsheets.reading import ENCODINGS, FORMATS, Refused
from servicedesk.spreadsheets.step_forms import MappingForm, ProfileForm, SheetForm, ValuesForm
from servicedesk.spreadsheets.steps import lines, skipped_in_words, steps

Step = Import.Step
FIRST_PAGE = {"sheet": "sheet", "columns": "mapping", "values": "values", "check": "values"}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """What was found in the file; which of its sheets is meant, and where its headings stand."""
    started = open_import(request, pk)
    if request.method != "POST":
        return _sheet_page(request, started)
    form = SheetForm(started, request.POST)
    if not form.is_valid():
        return _sheet_page(request, started, form, status=422)
    said, version = form.said(), form.cleaned_data["version"]
    step = Step.SHEET if "encoding" in said else Step.COLUMNS
    try:
        importing.choose(started, said, by=request.user, version=version, step=step)
    except Refused as refused:
        form.add_error(None, str(refused))
        return _sheet_page(request, open_import(request, pk), form, status=422)
    except WrongStep as wrong:
        form.add_error(None, f"{wrong} Look at it as it is now, and say it again if you still mean it.")
        return _sheet_page(request, open_import(request, pk), form, status=409)
    if "encoding" in said:  # how it reads now is looked at before anything else is said
        messages.success(request, f"The file is read as {ENCODINGS[said['encoding']]} now.")
        return redirect("spreadsheets:sheet", pk)
    return redirect("spreadsheets:mapping", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def mapping(request: SignedInRequest, pk: int) -> HttpResponse:
    """What each column is, what it may change, and how rows are recognised."""
    started = open_import(request, pk)
    if not (started.is_open and started.mapping):
        return redirect("spreadsheets:import", pk)
    if request.method != "POST":
        return _mapping_page(request, MappingForm(started))
    form = MappingForm(started, request.POST)
    if not form.is_valid():
        return _mapping_page(request, form, status=422)
    if "look" in request.POST:  # what the values become as they are chosen now; nothing is kept
        return _mapping_page(request, form)
    given = form.cleaned_data
    said = {"by": request.user, "version": given["version"], "step": Step.VALUES, "save_as": given["save_as"]}
    chosen = _kept(
        request,
        form,
        lambda: importing.choose(started, form.said(), **said),
        again=MappingForm,
        page=_mapping_page,
    )
    if isinstance(chosen, HttpResponse):
        return chosen
    if Decider(chosen, request.user).words:
        return redirect("spreadsheets:values", pk)
    return _check(request, chosen)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def values(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the words mean that we do not know, some at a time; after the last of them the rows are checked."""
    started = open_import(request, pk)
    if not (started.is_open and started.unknown is not None):
        return redirect("spreadsheets:import", pk)
    decider = Decider(started, request.user)
    at = place(decider, request.GET.get("field", ""), request.GET.get("page", ""))
    if request.method != "POST":
        return _values_page(request, ValuesForm(started, at, None), status=200)
    form = ValuesForm(started, at, request.POST)
    if not form.is_valid():
        return _values_page(request, form, status=422)
    given = form.cleaned_data
    said = {"by": request.user, "version": given["version"], "create": given.get("create"), "remember": True}
    said["step"] = Step.VALUES if at.following else Step.CHECK
    chosen = _kept(
        request,
        form,
        lambda: importing.choose(started, form.said(), **said),
        again=lambda fresh, data: ValuesForm(fresh, replace(at, decider=Decider(fresh, request.user)), data),
        page=_values_page,
    )
    if isinstance(chosen, HttpResponse):
        return chosen
    if at.following:
        return redirect(f"{reverse('spreadsheets:values', args=[pk])}?{urlencode(at.following)}")
    return _check(request, chosen)


@require_POST
def another_sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """Begin another import of the same file, with another of its sheets."""
    started = open_import(request, pk)
    try:
        another = importing.start_again(started, request.POST.get("sheet", ""), by=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return _sheet_page(request, started, status=422)
    return redirect("spreadsheets:import", another.pk)


@require_safe
def saved_mappings(request: SignedInRequest) -> HttpResponse:
    """The mappings that are saved for the person's councils."""
    seen = MappingProfile.objects.visible_to(request.user).select_related("council", "saved_by")
    held = seen.defer("mapping", "headings").order_by("council__code", "kind", "name", "pk")
    return render(request, "spreadsheets/saved_mappings.html", {"profiles": held})


@require_http_methods(["GET", "HEAD", "POST"])
def saved_mapping(request: SignedInRequest, pk: int) -> HttpResponse:
    """What one of them says, and its name."""
    profile = open_profile(request, pk)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        initial={"name": profile.name, "version": profile.version},
    )
    status = 200
    if form.is_bound:
        if form.is_valid() and _rename(profile, form, request):
            messages.success(request, f"The mapping is now called {profile.name}.")
            return redirect("spreadsheets:saved_mappings")
        status = 422
    kind = profile.kind_of_row
    shown = {
        "profile": open_profile(request, pk),
        "form": form,
        "kind": kind,
        "columns": _columns_of(profile),
    }
    return render(request, "spreadsheets/saved_mapping.html", shown, status=status)


@require_POST
def delete_mapping(request: SignedInRequest, pk: int) -> HttpResponse:
    """Forget one of them."""
    profile = open_profile(request, pk)
    profiles.remove(profile, by=request.user)
    messages.success(request, f"The mapping {profile.name} is deleted.")
    return redirect("spreadsheets:saved_mappings")


def open_profile(request: SignedInRequest, pk: int) -> MappingProfile:
    held = MappingProfile.objects.visible_to(request.user).select_related("council", "saved_by")
    return open_door(request.user, held, pk=pk)


def _kept(
    request: SignedInRequest, form: Any, deed: Callable[[], Import], *, again: Callable, page: Callable
) -> Import | HttpResponse:
    """The import as the step left it, or the page once more: what was chosen stays, whatever was wrong with it."""
    try:
        return deed()
    except ValidationError as error:
        form.add_error("save_as", error.messages[0])
    except Refused as refused:
        form.add_error(None, str(refused))
    except WrongStep as wrong:
        fresh = open_import(request, form.started.pk)
        if not (fresh.is_open and fresh.mapping):
            back = reverse("spreadsheets:import", args=[fresh.pk])
            return render(request, "409.html", {"reason": str(wrong), "back": back}, status=409)
        data = request.POST.copy()
        data["version"] = str(fresh.version)
        form = again(fresh, data)
        yours = "What you chose is still below. Save it again to put it in place of that."
        for sentence in (str(wrong), *form.differences(), yours):
            form.add_error(None, sentence)
        return page(request, form, status=409)
    return page(request, form, status=422)


def _check(request: SignedInRequest, chosen: Import) -> HttpResponse:
    """Check every row, and show what each would do."""
    try:
        importing.begin_check(chosen, by=request.user)
    except (Refused, WrongStep) as wrong:
        messages.error(request, str(wrong))
        return redirect("spreadsheets:mapping", chosen.pk)
    return redirect("spreadsheets:import", chosen.pk)


def _sheet_page(
    request: SignedInRequest, started: Import, form: SheetForm | None = None, *, status: int = 200
) -> HttpResponse:
    """Every sheet of the file, the one that is meant first."""
    chosen = started.mapping.get("sheet")
    others = Import.objects.visible_to(request.user).filter(file=started.file_id).exclude(pk=started.pk)
    sheets = sorted(enumerate(started.sheets), key=lambda each: (each[1]["name"] != chosen, each[0]))
    shown = {
        "started": started,
        "kind": started.kind_of_row,
        "steps": steps(started, "sheet"),
        "form": form or SheetForm(started),
        "sheets": [
            (about, SheetForm(started, about=about, auto_id=f"sheet-{place}-%s"), skipped_in_words(about))
            for place, about in sheets
        ],
        "chosen": chosen,
        "formats": FORMATS,
        "others": {each.mapping.get("sheet"): each for each in others.defer("sheets", "notes", "unknown")},
    }
    return render(request, "spreadsheets/sheet.html", shown, status=status)


def _mapping_page(request: SignedInRequest, form: MappingForm, status: int = 200) -> HttpResponse:
    started = form.started
    shown = {
        "started": started,
        "kind": form.kind,
        "steps": steps(started, "mapping"),
        "form": form,
        "lines": lines(form, request.user),
    }
    return render(request, "spreadsheets/columns.html", shown, status=status)


def _values_page(request: SignedInRequest, form: ValuesForm, status: int = 200) -> HttpResponse:
    started = form.started
    shown = {
        "started": started,
        "kind": started.kind_of_row,
        "steps": steps(started, "values"),
        "form": form,
        "at": form.at,
    }
    return render(request, "spreadsheets/values.html", shown, status=status)


def _rename(profile: MappingProfile, form: ProfileForm, request: SignedInRequest) -> bool:
    given = form.cleaned_data
    try:
        profiles.rename(profile, given["name"], by=request.user, version=given["version"])
    except ValidationError as error:
        form.add_error("name", error.messages[0])
    except WrongStep as wrong:
        form.add_error(None, str(wrong))
    return not form.errors


def _columns_of(profile: MappingProfile) -> list[tuple[str, str, str]]:
    """What a mapping says of each heading, and what the column may change."""
    kind, said = profile.kind_of_row, profile.mapping
    fields = {letter: kind.by_name.get(name or "") for letter, name in said["columns"].items()}
    return [
        (
            heading,
            field.heading if field else "Not imported",
            POLICIES[said["policies"].get(field.name, USUAL_POLICY)] if field else "",
        )
        for letter, (heading, _) in profile.headings.items()
        for field in [fields.get(letter)]
    ]


def next_step(started: Import) -> str:
    """The address of the first step that nobody has confirmed."""
    page = FIRST_PAGE[started.step] if started.mapping else "sheet"
    return reverse(f"spreadsheets:{page}", args=[started.pk])
