"""Pages of what is planned with: costs and bought support, scenarios, and plans as committees were told them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets.refresh.comparing import beside_today, driver_words, frozen_lines, variance, year_words
from assets.refresh.energy_forms import EnergyFactorForm, RoomOverheadForm, TariffForm
from assets.refresh.forecast import financial_year
from assets.refresh.forms import BaselineForm, ExtendedSupportForm, ScenarioForm, UnitCostsForm
from assets.refresh.models import (
    Baseline,
    EnergyFactor,
    ExtendedSupport,
    RoomOverhead,
    Scenario,
    Tariff,
    UnitCosts,
)
from assets.refresh.planning import (
    add_row,
    archive_scenario,
    bring_back_scenario,
    change_row,
    take_baseline,
)
from assets.refresh.what_if import WhatIf
from servicedesk.people.access import may, open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.models import Council
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import save, show

MOST_LINES = 500
# What is written in one way: its model, its form, its words, and where one is led when it is saved.
NOUNS: dict[str, tuple[Any, Any, str, str]] = {
    "cost": (UnitCosts, UnitCostsForm, "costs of a category", "refresh:costs"),
    "support": (ExtendedSupport, ExtendedSupportForm, "bought support", "refresh:costs"),
    "scenario": (Scenario, ScenarioForm, "scenario", "refresh:scenarios"),
    "tariff": (Tariff, TariffForm, "tariff", "refresh:energy_basis"),
    "room": (RoomOverhead, RoomOverheadForm, "machine room", "refresh:energy_basis"),
    "factor": (EnergyFactor, EnergyFactorForm, "carbon factor", "refresh:energy_basis"),
}


@require_safe
def costs(request: SignedInRequest) -> HttpResponse:
    """What replacing things costs the councils whose money the person sees, and which support they have bought."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    shown = {
        "costs": UnitCosts.objects.visible_to(person).select_related("council"),
        "support": ExtendedSupport.objects.visible_to(person).select_related("council", "release"),
        "sees_money": may(person, Permission.SEE_ASSET_MONEY),
        "may_plan": may(person, Permission.PLAN_REFRESH),
    }
    return render(request, "refresh/costs.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest, noun: str) -> HttpResponse:
    """Write down another."""
    require(request.user, Permission.PLAN_REFRESH)
    _, form_of, words, home = NOUNS[noun]
    form = form_of(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_valid():
        try:
            added = add_row(form.made(), by=request.user)
            messages.success(request, f"{added} is saved")
            return redirect(home)
        except ValidationError as error:
            show(form, error)
    shown = {"form": form, "noun": noun, "words": words, "home": home, "row": None, "disagreements": []}
    return render(request, "refresh/row_form.html", shown, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, noun: str, pk: int) -> HttpResponse:
    """Change one."""
    model, form_of, words, home = NOUNS[noun]
    row = open_door(request.user, model.objects, pk=pk)
    require(request.user, Permission.PLAN_REFRESH, row)
    form = form_of(request.POST if request.method == "POST" else None, by=request.user, instance=row)
    saved, shown, status = save(form, change_row)
    if saved:
        messages.success(request, f"{saved} is saved")
        return redirect(home)
    shown |= {
        "noun": noun,
        "words": words,
        "home": home,
        "row": row,
        "happenings": happenings(request.user, row),
    }
    return render(request, "refresh/row_form.html", shown, status=status)


@require_safe
def scenarios(request: SignedInRequest) -> HttpResponse:
    """The what-ifs of the councils whose money the person sees."""
    require(request.user, Permission.SEE_ASSET_MONEY)
    seen, archived = Scenario.objects.visible_to(request.user), request.GET.get("archived") == "true"
    shown = {
        "scenarios": (seen.archived() if archived else seen.living()).select_related("council"),
        "archived": archived,
        "may_plan": may(request.user, Permission.PLAN_REFRESH),
    }
    return render(request, "refresh/scenarios.html", shown)


@require_safe
def scenario(request: SignedInRequest, pk: int) -> HttpResponse:
    """One beside today."""
    row = _scenario(request, pk)
    today, what_if = _what_if(request, row.council, None), _what_if(request, row.council, row)
    shown = {
        "scenario": row,
        "what_if": what_if,
        "table": beside_today(today, what_if),
        "years": [(financial_year(year), _counted(what_if, year)) for year in what_if.forecast.years],
        "financial_year": financial_year,
        "may_plan": may(request.user, Permission.PLAN_REFRESH, row.council_id),
    }
    return render(request, "refresh/scenario.html", shown)


@require_POST
def archive(request: SignedInRequest, pk: int) -> HttpResponse:
    """Offer a scenario no longer."""
    return _moved(request, pk, archive_scenario, "is archived")


@require_POST
def bring_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """Offer an archived scenario again."""
    return _moved(request, pk, bring_back_scenario, "is on offer again")


def _moved(request: SignedInRequest, pk: int, deed: Any, told: str) -> HttpResponse:
    row = _scenario(request, pk)
    require(request.user, Permission.PLAN_REFRESH, row)
    try:
        deed(row, by=request.user, version=row.version)
        messages.success(request, f"{row} {told}")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("refresh:scenarios")


@require_safe
def lines(request: SignedInRequest, pk: int, year: int) -> HttpResponse:
    """Why each thing is bought in a year or waits, in the order in which they came to their turn, page by page; `only`
    what is bought, or what has moved to the cloud by then."""
    row = _scenario(request, pk)
    what_if = _what_if(request, row.council, row)
    if year not in what_if.forecast.years:
        raise Http404
    only = asked if (asked := request.GET.get("only", "")) in ("bought", "cloud") else ""
    of_year: list[Any] = [
        one for one in what_if.line_by_line if one.year == year and (one.taken or only != "bought")
    ]
    if only == "cloud":
        of_year = what_if.in_the_cloud_by(year)
    shown = {
        "scenario": row,
        "year": financial_year(year),
        "only": only,
        "page": Paginator(of_year, MOST_LINES).get_page(request.GET.get("page")),
    }
    return render(request, "refresh/lines.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def baselines(request: SignedInRequest) -> HttpResponse:
    """Plans as committees were told them, and freezing another."""
    person = request.user
    require(person, Permission.SEE_ASSET_MONEY)
    may_plan = may(person, Permission.PLAN_REFRESH)
    if request.method == "POST":
        require(person, Permission.PLAN_REFRESH)
    form = BaselineForm(request.POST if request.method == "POST" else None, person) if may_plan else None
    if form and form.is_valid():
        taken = take_baseline(by=person, **form.values())
        messages.success(request, f"{taken} is frozen")
        return redirect("refresh:baseline", taken.pk)
    seen = Baseline.objects.visible_to(person).select_related("council", "scenario", "taken_by")
    shown = {"form": form, "baselines": seen}
    return render(request, "refresh/baselines.html", shown, status=422 if form and form.is_bound else 200)


@require_safe
def baseline(request: SignedInRequest, pk: int) -> HttpResponse:
    """A plan as it was told, beside what is planned now."""
    row: Baseline = open_door(
        request.user, Baseline.objects.select_related("council", "scenario", "taken_by"), pk=pk
    )
    shown = {"baseline": row, "tables": variance(row, _what_if(request, row.council, row.scenario))}
    return render(request, "refresh/baseline.html", shown)


@require_safe
def baseline_lines(request: SignedInRequest, pk: int) -> HttpResponse:
    """What a figure of then was made of, as it was frozen."""
    row: Baseline = open_door(request.user, Baseline.objects.select_related("council"), pk=pk)
    year, driver = (request.GET.get(name, "") for name in ("year", "driver"))
    try:
        found = list(frozen_lines(row, year, driver))
    except ValueError as error:
        raise Http404 from error
    costs = [line.cost for line in found if line.cost is not None]
    shown = {
        "baseline": row,
        "of": [*([year_words(year)] if year else []), *([driver_words(driver)] if driver else [])],
        "lines": [(line, year_words(line.year), driver_words(line.driver)) for line in found],
        "count": sum(line.count for line in found),
        "cost": sum(costs) if costs else None,
    }
    return render(request, "refresh/baseline_lines.html", shown)


def _scenario(request: SignedInRequest, pk: int) -> Scenario:
    return open_door(request.user, Scenario.objects.select_related("council"), pk=pk)


def _what_if(request: SignedInRequest, council: Council, scenario: Scenario | None) -> WhatIf:
    return WhatIf(request.user, council, scenario, timezone.localdate(), timezone.now())


def _counted(what_if: WhatIf, year: int) -> tuple[int, int, int]:
    """The year as addresses have it, how many are bought in it, and how many wait."""
    of_year = [one for one in what_if.decisions if one.year == year]
    taken = sum(one.taken for one in of_year)
    return year, taken, len(of_year) - taken
