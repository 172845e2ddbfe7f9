"""The pages of merging: what would happen and to whom, the merge itself, and taking it back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets import merging
from servicedesk.tickets.joined import people_of, root_of
from servicedesk.tickets.linking_forms import MergeForm
from servicedesk.tickets.linking_views import back, page, picker, sent, worked_on
from servicedesk.tickets.models import How, Ticket
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.sight import open_ticket, write_down
from servicedesk.tickets.states import MoveRefused


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: SignedInRequest, reference: str) -> HttpResponse:
    """Choose what a ticket is merged into, read what comes of it, and merge."""
    ticket = worked_on(request, reference)
    into = request.GET.get("other", "")
    looked_at = MergeForm(request.user, {"other": into}) if into and request.method != "POST" else None
    form = looked_at or MergeForm(request.user, sent(request))

    def deed() -> HttpResponse:
        given = form.cleaned_data
        merged = merging.merge(ticket, given["other"], by=request.user, version=given["version"])
        messages.success(
            request, f"{ticket} goes on as {merged.target}. You can take this back for 24 hours."
        )
        return back(merged.target)

    shown = {"ticket": ticket, **picker(request, ticket)}
    other = form.cleaned_data.get("other") if form.is_bound and form.is_valid() else None
    shown["preview"] = preview(request.user, ticket, other, How.PAGE) if other else None
    if request.method == "POST":
        return page(request, "tickets/merge.html", form, deed, shown)
    status = 422 if form.errors else 200
    return render(request, "tickets/merge.html", {**shown, "form": form}, status=status)


@require_POST
def unmerge(request: SignedInRequest, reference: str) -> HttpResponse:
    """Take a merge back."""
    ticket = open_ticket(request.user, reference, How.PAGE)
    standing = merging.standing_merge(ticket)
    if standing is None:
        raise Http404
    try:
        source = merging.undo(standing, by=request.user)
    except MoveRefused as refused:
        here = reverse("tickets:ticket", args=[reference])
        return render(request, "409.html", {"reason": str(refused), "back": here}, status=409)
    messages.success(request, f"{source} is on its own again.")
    return back(source)


def preview(person, source: Ticket, other: Ticket, how: How) -> dict[str, Any]:
    """What would come of a merge and for whom, for somebody who sees both; or why it cannot be.

    That a sealed target was read, and how, is written down.
    """
    target = root_of(other)
    if not Ticket.objects.visible_to(person).filter(pk=target.pk).exists():
        return {"refused": ["That request goes on as one that you cannot see."], "target": None}
    write_down(person, target, how)
    refused = merging.obstacles(source, target)
    if not may_work(person, target):
        refused.append(f"You do not work on {target}.")
    return {
        "target": target,
        "followed": target != other and other,
        "refused": refused,
        "people": people_of(source),
        "newcomers": merging.newcomers(source, target),
        "readers": people_of(target),
        "comments": source.comments.count(),
        "tasks": source.tasks.filter(ended_at=None).count(),
        "until": timezone.now() + merging.UNDONE_WITHIN,
    }
