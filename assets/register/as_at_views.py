"""The page of the estate as it was on a day."""

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from assets.register.as_at_report import report
from assets.register.as_at_sheet import may_be_taken_out, take_out
from servicedesk.lists.showing import address, chosen
from servicedesk.people.access import require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission


@require_safe
def as_at(request: SignedInRequest) -> HttpResponse:
    """What there was at the end of a day, counted by state and by category, and listed."""
    require(request.user, Permission.SEE_ASSETS)
    found = report(request.user, request.GET)
    form = found.form
    if form.is_valid():
        del form.cleaned_data["page"]  # a page narrows nothing
    shown = {
        "form": form,
        "found": found,
        "asked": {
            name: request.GET[name] for name in form.base_fields if name != "page" and name in request.GET
        },
        "may_export": may_be_taken_out(found, request.user),
        "chosen": chosen(form, request.GET) if form.is_valid() else [],
        "previous": address(request.GET, page=str(found.page - 1)) if found.page > 1 else "",
        "next": address(request.GET, page=str(found.page + 1)) if found.page < found.pages else "",
    }
    return render(request, "register/as_at.html", shown, status=200 if form.is_valid() else 422)


@require_POST
def export(request: SignedInRequest) -> HttpResponse:
    """The same as a spreadsheet, whole; that it was taken out is kept."""
    require(request.user, Permission.SEE_ASSETS)
    found = report(request.user, request.POST)
    if not found.form.is_valid():
        raise BadRequest("Go back to the estate on a day and try again.")
    if not may_be_taken_out(found, request.user):
        raise PermissionDenied("You need the right to export.")
    return take_out(found, by=request.user)
