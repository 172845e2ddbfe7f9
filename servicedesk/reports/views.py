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
from servicedesk.reports.figures import PARTS
from servicedesk.reports.forms import ReportForm
from servicedesk.reports.lists import Listed, listed
from servicedesk.reports.service_report import ServiceReport
from servicedesk.reports.sheets import take_out

NEWEST = ("-reported_at", "-id")
KEPT_BACK = "That number is kept back, so its list is too."


@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """Which reports there are."""
    require(request.user, Permission.SEE_REPORTS)
    return render(request, "reports/index.html", {"form": ReportForm(None, request.user)})


@require_safe
def service(request: SignedInRequest) -> HttpResponse:
    """The monthly service report."""
    require(request.user, Permission.SEE_REPORTS)
    form = ReportForm(request.GET, request.user)
    report = _report(request, form) if form.is_valid() else None
    may_export = report is not None and report.may_be_taken_out
    shown = {"form": form, "report": report, "may_export": may_export}
    return render(request, "reports/service.html", shown, status=200 if report else 422)


@require_safe
def figure(request: SignedInRequest) -> HttpResponse:
    """The requests that a number of a report counted: exactly as many."""
    require(request.user, Permission.SEE_REPORTS)
    found = _listed(request)
    page = keyset_page(found.tickets.select_related("council"), NEWEST, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {"listed": found, "rows": page.rows, "previous": previous, "next": following}
    return render(request, "reports/list.html", shown)


@require_POST
def export(request: SignedInRequest) -> HttpResponse:
    """The report as a spreadsheet; that it was taken out is kept."""
    require(request.user, Permission.SEE_REPORTS)
    form = ReportForm(request.POST, request.user)
    if not form.is_valid():
        raise BadRequest("Go back to the report and try again.")
    return take_out(_report(request, form), by=request.user)


def _report(request: SignedInRequest, form: ReportForm) -> ServiceReport:
    return ServiceReport(request.user, form.cleaned_data["month"], form.cleaned_data["council"])


def _listed(request: SignedInRequest) -> Listed:
    form = ReportForm(request.GET, request.user)
    if not form.is_valid():
        raise Http404
    part: dict[str, Any] = {by: request.GET[by] for by in PARTS if by in request.GET}
    found = listed(_report(request, form), request.GET.get("figure") or "resolved", part)
    if found is None:
        raise Http404
    if found.mark:
        raise PermissionDenied(KEPT_BACK)
    return found
