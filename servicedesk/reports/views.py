"""The pages of figures."""

from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.reports.forms import ReportForm
from servicedesk.reports.reports import kind_for, kinds_for, listed_in
from servicedesk.reports.sheets import take_out

KEPT_BACK = "That number is kept back, so its list is too."


@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """Which reports there are."""
    require(request.user, Permission.SEE_REPORTS)
    return render(request, "reports/index.html", {"kinds": kinds_for(request.user)})


@require_safe
def report(request: SignedInRequest, code: str) -> HttpResponse:
    """One report."""
    kind = kind_for(request.user, code)
    form = ReportForm(request.GET, request.user, kind)
    found = form.report() if form.is_valid() else None
    may_export = found is not None and found.may_be_taken_out
    shown = {"kind": kind, "form": form, "report": found, "may_export": may_export}
    return render(request, "reports/report.html", shown, status=200 if found else 422)


@require_safe
def figure(request: SignedInRequest, code: str) -> HttpResponse:
    """What a number of a report counted: exactly as many."""
    form = ReportForm(request.GET, request.user, kind_for(request.user, code))
    if not form.is_valid():
        raise Http404
    found = form.report()
    listed = listed_in(found, request.GET)
    if listed is None:
        raise Http404
    if listed.mark:
        raise PermissionDenied(KEPT_BACK)
    page = keyset_page(listed.rows, found.list_order, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown: dict[str, Any] = {"report": found, "listed": listed, "rows": page.rows}
    return render(request, found.list_template, {**shown, "previous": previous, "next": following})


@require_POST
def export(request: SignedInRequest, code: str) -> HttpResponse:
    """The report as a spreadsheet; that it was taken out is kept."""
    form = ReportForm(request.POST, request.user, kind_for(request.user, code))
    if not form.is_valid():
        raise BadRequest("Go back to the report and try again.")
    return take_out(form.report(), by=request.user)
