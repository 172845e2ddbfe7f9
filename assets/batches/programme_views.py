"""Pages of programmes: their years and budgets, and of what is due in their windows what has no place yet."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets.batches.models import Deferral, Programme
from assets.batches.planning import add_programme, change_programme, defer_asset, set_budget
from assets.batches.programme_forms import BudgetForm, DeferralForm, GapFilter, ProgrammeForm
from assets.batches.programme_tables import STANDINGS, ProgrammeTables
from assets.batches.views import EITHER
from assets.register.facts import what_it_is
from assets.register.filling_in import fill_in
from assets.register.models import Asset
from assets.register.registering import fresh
from servicedesk.history.editing import Stale
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, capped_count, page_addresses
from servicedesk.people.access import may, open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import save, show

ORDER = ("asset_tag", "id")
SHOWN = ("council", "manufacturer", "model", "site")


@require_safe
def programmes(request: SignedInRequest) -> HttpResponse:
    """The programmes of the councils whose registers the person reads."""
    require(request.user, Permission.SEE_ASSETS)
    shown = {
        "programmes": Programme.objects.visible_to(request.user).prefetch_related("councils"),
        "may_plan": may(request.user, Permission.PLAN_REFRESH),
        "sees_money": may(request.user, Permission.SEE_ASSET_MONEY),
    }
    return render(request, "batches/programmes.html", shown)


@require_http_methods(EITHER)
def new(request: SignedInRequest) -> HttpResponse:
    """Write down a programme."""
    require(request.user, Permission.PLAN_REFRESH)
    form = ProgrammeForm(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_valid():
        try:
            made = add_programme(form.made(), by=request.user, **form.links())  # type: ignore[arg-type]
            messages.success(request, f"{made} is saved")
            return redirect("batches:programme", made.pk)
        except ValidationError as error:
            show(form, error)
    back = {"text": "Programmes", "href": reverse("batches:programmes")}
    shown = {"form": form, "title": "Add a programme", "back": back, "disagreements": []}
    return render(request, "batches/row_form.html", shown, status=422 if form.is_bound else 200)


@require_safe
def programme(request: SignedInRequest, pk: int) -> HttpResponse:
    """One: five financial years by council, and what is due in its window."""
    row = open_door(request.user, Programme.objects.all(), pk=pk)
    return _shown(request, row, None)


@require_POST
def budget(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say what a council may spend in a year."""
    row = open_door(request.user, Programme.objects.all(), pk=pk)
    require(request.user, Permission.PLAN_REFRESH)
    form = BudgetForm(request.POST, programme=row, by=request.user)
    if form.is_valid():
        given = form.given()
        council, year, amount = (given.pop(name) for name in ("council", "financial_year", "amount"))
        try:
            set_budget(row, council, year, amount, by=request.user, **given)
            messages.success(request, f"The budget of {year} is saved")
            return redirect("batches:programme", pk)
        except ValidationError as error:
            show(form, error)
        except Stale as stale:
            form.add_error(None, str(stale))
            return _shown(request, row, form, 409)
    return _shown(request, row, form)


@require_http_methods(EITHER)
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change a programme."""
    row = open_door(request.user, Programme.objects.all(), pk=pk)
    require(request.user, Permission.PLAN_REFRESH)
    form = ProgrammeForm(request.POST if request.method == "POST" else None, by=request.user, instance=row)
    saved, shown, status = save(form, change_programme)
    if saved:
        messages.success(request, f"{saved} is saved")
        return redirect("batches:programme", pk)
    shown |= {
        "title": f"Change {row}",
        "back": {"text": str(row), "href": reverse("batches:programme", args=[pk])},
        "happenings": happenings(request.user, row),
    }
    return render(request, "batches/row_form.html", shown, status=status)


@require_safe
def assets(request: SignedInRequest, pk: int) -> HttpResponse:
    """What falls due in the window, by where it stands: exactly as many as the figure that opened it."""
    row = open_door(request.user, Programme.objects.all(), pk=pk)
    tables, form = (
        ProgrammeTables(row, request.user, timezone.localdate()),
        GapFilter(request.GET, row, request.user),
    )
    standing = request.GET.get("standing", "")
    due = tables.due()
    if form.is_valid() and form.cleaned_data["council"]:
        due = due.filter(council=form.cleaned_data["council"])
    if standing in STANDINGS:
        due = due.filter(standing=standing)
    page = keyset_page(due.select_related(*SHOWN), ORDER, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    deferrals = Deferral.objects.filter(asset__in=[asset.pk for asset in page.rows]).order_by(
        "decided_at", "pk"
    )
    shown = {
        "programme": row,
        "assets": page.rows,
        "count": capped_count(due),
        "standings": STANDINGS,
        "standing": standing if standing in STANDINGS else "",
        "council": request.GET.get("council", ""),
        "deferrals": {deferral.asset_id: deferral for deferral in deferrals},
        "previous": previous,
        "next": following,
        "plans": {one.pk: may(request.user, Permission.PLAN_REFRESH, one.pk) for one in tables.councils},
    }
    return render(request, "batches/programme_assets.html", shown, status=200 if form.is_valid() else 422)


@require_http_methods(EITHER)
def defer(request: SignedInRequest, pk: int) -> HttpResponse:
    """Say why an asset that is due is not replaced before a day."""
    asset = fresh(open_door(request.user, Asset.objects, pk=pk))
    require(request.user, Permission.PLAN_REFRESH, asset)

    def do(version: int | None, **given) -> str:
        return f"{defer_asset(asset, by=request.user, **given)}: deferred"

    return fill_in(
        request,
        DeferralForm(request.POST if request.method == "POST" else None),
        do,
        title=f"Defer {asset}",
        back=(str(asset), reverse("register:asset", args=[pk])),
        current_version=lambda: fresh(asset).version,
        what_it_is=what_it_is(asset),
        words="Defer",
        asset=asset,
    )


def _shown(
    request: SignedInRequest, row: Programme, form: BudgetForm | None, status: int = 422
) -> HttpResponse:
    plans = may(request.user, Permission.PLAN_REFRESH)
    blank = BudgetForm(programme=row, by=request.user) if plans else None
    if blank is not None and not blank.fields["council"].queryset.exists():  # type: ignore[attr-defined]
        blank = None
    shown = {
        "programme": row,
        "tables": ProgrammeTables(row, request.user, timezone.localdate()),
        "form": form or blank,
        "may_plan": plans,
        "sees_money": may(request.user, Permission.SEE_ASSET_MONEY),
    }
    return render(request, "batches/programme.html", shown, status=status if form else 200)
