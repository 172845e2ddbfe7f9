"""Pages that the figures of a batch open: each lists as many as the figure says."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assets.batches.choosing import MOST
from assets.batches.figure_lists import OF, surveys_of, swap_lines
from assets.batches.models import Batch
from assets.batches.views import back_to, opened
from servicedesk.people.access import require
from servicedesk.people.models import Council
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission


@require_safe
def energy(request: SignedInRequest, reference: str) -> HttpResponse:
    """The swaps behind the energy of a batch, of one council or of all."""
    row = opened(request, reference)
    council = _asked(request, row)
    councils = [council] if council else [part.council for part in row.paying.all()]
    lines, others = swap_lines(request.user, row, councils)
    shown = {
        "batch": row,
        "back": back_to(row),
        "council": council,
        "lines": lines,
        "count": sum(line.swap.count for line in lines),
        "others": others,
    }
    return render(request, "batches/energy_lines.html", shown)


@require_safe
def content(request: SignedInRequest, reference: str, of: str) -> HttpResponse:
    """Who was asked how a swap went, or what was answered, at councils whose refresh the person plans."""
    row = opened(request, reference)
    council = _asked(request, row)
    if of not in OF:
        raise Http404
    require(request.user, Permission.PLAN_REFRESH, council)
    rows = surveys_of(request.user, row, of, council)
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


def _asked(request: SignedInRequest, row: Batch) -> Council | None:
    """The council of the batch that is asked for; none is, where it is of all of them."""
    code = request.GET.get("council", "")
    council = row.payer(code)
    if code and council is None:
        raise Http404
    return council
