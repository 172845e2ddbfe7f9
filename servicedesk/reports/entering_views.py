"""The pages of figures that are entered from elsewhere."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import councils_of, may, open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import PERMISSION_WORDS, Permission
from servicedesk.people.row_forms import save, show
from servicedesk.reports.entering import correct_figure, enter_figure
from servicedesk.reports.forms import EnteredFigureForm
from servicedesk.reports.models import EnteredFigure


@require_safe
def entered(request: SignedInRequest) -> HttpResponse:
    """What was entered for the councils whose figures the person sees, latest month first."""
    if not (may(request.user, Permission.SEE_REPORTS) or may(request.user, Permission.ENTER_FIGURES)):
        raise PermissionDenied(f"You need the right to: {PERMISSION_WORDS[Permission.SEE_REPORTS].lower()}.")
    seen = EnteredFigure.objects.visible_to(request.user).select_related("council", "entered_by")
    page = keyset_page(seen, ("-month", "-id"), request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "figures": page.rows,
        "previous": previous,
        "next": following,
        "may_enter": councils_of(request.user, Permission.ENTER_FIGURES),
    }
    return render(request, "reports/entered.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: SignedInRequest) -> HttpResponse:
    """Enter one."""
    require(request.user, Permission.ENTER_FIGURES)
    form = EnteredFigureForm(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_valid():
        try:
            made = enter_figure(cast(EnteredFigure, form.made()), by=request.user)
            messages.success(request, f"{made} is entered")
            return redirect("reports:entered")
        except ValidationError as error:
            show(form, error)
    shown: dict[str, Any] = {"form": form, "figure": None, "disagreements": []}
    return render(request, "reports/enter.html", shown, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: SignedInRequest, pk: int) -> HttpResponse:
    """Correct one; its history says what it was."""
    figure = open_door(request.user, EnteredFigure.objects.select_related("council", "entered_by"), pk=pk)
    require(request.user, Permission.ENTER_FIGURES, figure)
    form = EnteredFigureForm(
        request.POST if request.method == "POST" else None, by=request.user, instance=figure
    )
    saved, shown, status = save(form, correct_figure)
    if saved:
        messages.success(request, f"{saved} is saved")
        return redirect("reports:entered")
    shown |= {"figure": figure, "happenings": happenings(request.user, figure)}
    return render(request, "reports/enter.html", shown, status=status)
