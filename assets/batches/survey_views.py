"""The one page on which somebody says how the replacement of their equipment went."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assets.batches.models import SwapSurvey
from assets.batches.survey_letters import CHECK_LIST
from assets.batches.surveying import RELATED, answer, is_open, stands
from assets.register.facts import what_it_is
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset
from servicedesk.history.editing import Stale
from servicedesk.people.access import open_door
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.row_forms import show
from servicedesk.portal.forms import ContentForm
from servicedesk.tickets.satisfying import SCORES


@require_http_methods(("GET", "HEAD", "POST"))
def survey(request: SignedInRequest, pk: int) -> HttpResponse:
    """Whether it all works, and how it went: one choice and one button."""
    row = open_door(request.user, SwapSurvey.objects.select_related(*RELATED), pk=pk)
    if row.person_id != request.user.pk:
        raise PermissionDenied("Only whoever got the new device says how it went.")
    begins = {"version": row.version, "score": row.score, "comment": row.comment}
    form, status = ContentForm(request.POST or None, initial=begins), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                answer(row, by=request.user, **form.cleaned_data)
                messages.success(request, "Thank you. We have your answer")
                return redirect("batches:survey", pk)
            except ValidationError as error:
                show(form, error)
            except (MoveRefused, Stale) as refused:
                form.add_error(None, str(refused))
                status = 409
    swaps = stands(row)
    shown = {
        "row": row,
        "stands": swaps,
        "form": form if swaps and (is_open(row, timezone.now()) or form.is_bound) else None,
        "points": CHECK_LIST,
        "things": [_called(row.item.asset), _called(row.item.replacement) if swaps else ""],
        "said": SCORES.get(row.score or 0, ""),
    }
    return render(request, "batches/survey.html", shown, status=status)


def _called(thing: Asset | None) -> str:
    """Laptop, Dell Latitude 7420, 001155"""
    return f"{what_it_is(thing)}, {thing}" if thing else ""
