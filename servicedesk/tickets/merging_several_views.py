"""The page on which several tickets that were chosen in the queue are merged into one of them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets.merging import standing_merge
from servicedesk.tickets.merging_several import MOST, TOO_MANY, merge_several, undo_together
from servicedesk.tickets.merging_views import preview
from servicedesk.tickets.models import How, Ticket
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.sight import open_ticket
from servicedesk.tickets.states import MoveRefused
from servicedesk.wording import counted

TOO_FEW = "Choose at least two requests in the queue."


@require_http_methods(["GET", "HEAD", "POST"])
def several(request: SignedInRequest) -> HttpResponse:
    """What would come of merging those chosen, each by itself; then the merge, of all that are sent or of none."""
    given = request.POST if request.method == "POST" else request.GET
    tickets, problem = _chosen(request, given)
    if problem:
        status = 422 if request.method == "POST" else 200
        return render(request, "tickets/merge_several.html", {"problem": problem}, status=status)
    target = _target(tickets, given.get("into", ""))
    others = [ticket for ticket in tickets if ticket != target]
    if request.method != "POST":
        return render(request, "tickets/merge_several.html", _shown(request, tickets, target, others))
    versions = {ticket.pk: _version(given, ticket) for ticket in others}
    try:
        merged = merge_several(others, target, by=request.user, versions=versions)
    except MoveRefused as refused:
        shown = _shown(request, tickets, target, others) | {"refused": str(refused)}
        return render(request, "tickets/merge_several.html", shown, status=409)
    root = merged[0].target
    said = f"{counted(len(merged), 'request goes', 'requests go')} on as {root}."
    messages.success(request, f"{said} You can take this back for 24 hours.")
    return redirect("tickets:ticket", root.reference)


@require_POST
def unmerge_together(request: SignedInRequest, reference: str) -> HttpResponse:
    """Take back all that was merged together with this ticket."""
    standing = standing_merge(open_ticket(request.user, reference, How.PAGE))
    if standing is None:
        raise Http404
    try:
        sources = undo_together(standing, by=request.user)
    except MoveRefused as refused:
        back = reverse("tickets:ticket", args=[reference])
        return render(request, "409.html", {"reason": str(refused), "back": back}, status=409)
    messages.success(request, f"{counted(len(sources), 'request is', 'requests are')} on their own again.")
    return redirect("tickets:ticket", reference)


def _chosen(request: SignedInRequest, given: QueryDict) -> tuple[list[Ticket], str]:
    """The tickets of the references, each through the door; and what is wrong with how many they are."""
    references = list(dict.fromkeys(given.getlist("ticket")))
    if len(references) < 2:
        return [], TOO_FEW
    if len(references) > MOST:
        return [], TOO_MANY
    return [open_ticket(request.user, reference, How.PAGE) for reference in references], ""


def _target(tickets: list[Ticket], into: str) -> Ticket:
    """The one that is named, else the one that was reported first of those that are open."""
    named = [ticket for ticket in tickets if ticket.reference == into]
    oldest = sorted(tickets, key=lambda ticket: (not ticket.is_open, ticket.reported_at, ticket.pk))
    return (named or oldest)[0]


def _shown(
    request: SignedInRequest, tickets: list[Ticket], target: Ticket, others: list[Ticket]
) -> dict[str, Any]:
    looked_at = []
    for ticket in others:
        what = preview(request.user, ticket, target, How.PAGE)
        if not may_work(request.user, ticket):
            what["refused"].append(f"You do not work on {ticket}.")
        looked_at.append((ticket, what))
    can = [line for line in looked_at if not line[1]["refused"]]
    return {
        "tickets": tickets,
        "target": target,
        "can": can,
        "cannot": [line for line in looked_at if line[1]["refused"]],
        "until": can[0][1]["until"] if can else None,
        "root": can[0][1]["target"] if can else target,
    }


def _version(given: QueryDict, ticket: Ticket) -> int:
    """The version that the page showed: 0, which no ticket has, where it is none."""
    text = given.get(f"version-{ticket.reference}", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
