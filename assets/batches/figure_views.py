"""Pages that the figures of a batch open: each lists as many as the figure says."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assets.batches.figure_lists import OF, surveys_of, swap_lines
from assets.batches.models import Batch
from assets.batches.views import back_to, opened
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

MOST = 500


@require_safe
def energy(request: SignedInRequest, reference: str) -> HttpResponse:
    """The swaps behind the energy of a batch, of one council or of all."""
    row = opened(request, reference)
    asked = request.GET.get("council", "")
    council = _paying(row, asked) if asked else None
    councils = [council] if council else [part.council for part in row.paying.all()]
    lines = swap_lines(request.user, row, councils)
    shown = {
        "batch": row,
        "back": back_to(row),
        "council": council,
        "lines": lines,
        "count": sum(line.swap.count for line in lines),
    }
    return render(request, "batches/energy_lines.html", shown)


@require_safe
def content(request: SignedInRequest, reference: str, of: str) -> HttpResponse:
    """Who was asked how a swap went, or what was answered, at a council whose refresh the person plans."""
    row = opened(request, reference)
    council = _paying(row, request.GET.get("council", ""))
    if of not in OF or council.pk not in councils_of(request.user, Permission.PLAN_REFRESH):
        raise Http404
    rows = surveys_of(request.user, row, council, of)
    shown: dict[str, Any] = {
        "batch": row,
        "back": back_to(row),
        "council": council,
        "of": of,
        "words": OF[of],
        "rows": rows[:MOST],
        "count": rows.count(),
        "most": MOST,
    }
    return render(request, "batches/content_lines.html", shown)


def _paying(row: Batch, code: str) -> Council:
    found = [part.council for part in row.paying.all() if part.council.code == code]
    if not found:
        raise Http404
    return found[0]
