"""Printing labels: of the assets named, or of those that the filters of the list find."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assets.register.label_sheets import lay_out
from assets.register.labels import MOST_LABELS, PAPER
from servicedesk.people.requests import SignedInRequest

OWN = ("sheet", "first")


@require_safe
def labels(request: SignedInRequest) -> HttpResponse:
    """Sheets of labels as they come out of the printer, and above them which sheet it is."""
    laid = lay_out(request, request.GET)
    kept = [(name, value) for name, values in request.GET.lists() if name not in OWN for value in values]
    shown = {"laid": laid, "form": laid.form, "kept": kept, "most": MOST_LABELS, "paper": PAPER}
    return render(request, "register/labels.html", shown, status=422 if laid.pages is None else 200)
