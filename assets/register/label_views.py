"""Printing labels: of the assets named, or of those that the filters of the list find."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assets.register.filters import GREATEST_KEY, AssetFilters
from assets.register.label_forms import USUAL, LabelForm
from assets.register.labels import MOST_LABELS, PAPER_HEIGHT, PAPER_WIDTH, SHEETS, pages
from assets.register.models import Asset
from servicedesk.people.access import require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

ORDER = ("asset_tag", "id")
OWN = ("sheet", "first")


@require_safe
def labels(request: SignedInRequest) -> HttpResponse:
    """Sheets of labels as they come out of the printer, and above them which sheet it is.

    `asset=7&asset=9` names assets; without any it is what the filters of the list leave.
    """
    require(request.user, Permission.SEE_ASSETS)
    given = request.GET.copy()
    for name, usual in (("sheet", USUAL), ("first", "1")):
        given.setdefault(name, usual)
    form = LabelForm(given)
    named = [int(key) for key in given.getlist("asset") if key.isascii() and key.isdecimal()]
    seen = Asset.objects.visible_to(request.user)
    filters = AssetFilters(given, seen, request=request)
    ready = form.is_valid() and (bool(named) or filters.is_valid())
    wanted = seen.none()
    if ready:
        within = [key for key in named if key <= GREATEST_KEY][:MOST_LABELS]
        wanted = seen.filter(pk__in=within) if named else filters.qs
    rows = list(wanted.select_related("council").order_by(*ORDER)[: MOST_LABELS + 1])
    shown = {
        "form": form,
        "filters": filters,
        "kept": [(name, value) for name, values in given.lists() if name not in OWN for value in values],
        "pages": pages(rows[:MOST_LABELS], SHEETS[form.cleaned_data["sheet"]], form.cleaned_data["first"])
        if ready
        else [],
        "count": min(len(rows), MOST_LABELS),
        "too_many": len(rows) > MOST_LABELS,
        "most": MOST_LABELS,
        "paper": (PAPER_WIDTH, PAPER_HEIGHT),
    }
    return render(request, "register/labels.html", shown, status=200 if ready else 422)
