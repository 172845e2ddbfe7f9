"""The page of whoever is asked to approve: what is asked, by whom, and yes or no; and then what was decided."""

from collections.abc import Sequence
from contextlib import suppress

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from servicedesk.people.requests import SignedInRequest
from servicedesk.portal.approving import (
    ApproveForm,
    RejectForm,
    costs_of,
    decision_on,
    said_when_asked,
    to_approve,
)
from servicedesk.tickets import drafts
from servicedesk.tickets.conversation import SaidMeanwhile
from servicedesk.tickets.models import Comment, How, Ticket
from servicedesk.tickets.sight import open_ticket, write_down_titles
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import fresh, move


@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: SignedInRequest, reference: str) -> HttpResponse:
    """What is asked; sent, it is approved."""
    ticket = _asked(request, reference)
    if ticket is None:
        return _decided(request, reference)
    if request.method != "POST":
        begun = drafts.begun(drafts.draft_of(request.user, _name(ticket)))
        stands = {"version": ticket.version, "seen": said_when_asked(request.user, ticket)}
        return _page(request, ticket, RejectForm(initial={**begun, **stands}))
    return _decide(request, ticket, "approve", ApproveForm(request.POST), "You have approved {}.")


@require_POST
def reject(request: SignedInRequest, reference: str) -> HttpResponse:
    """It is not approved, for a reason."""
    ticket = _asked(request, reference)
    if ticket is None:
        return _decided(request, reference)
    return _decide(request, ticket, "reject", RejectForm(request.POST), "You have not approved {}.")


def _asked(request: SignedInRequest, reference: str) -> Ticket | None:
    with suppress(Http404):
        return open_ticket(request.user, reference, How.PAGE, to_approve(request.user))
    return None


def _decided(request: SignedInRequest, reference: str) -> HttpResponse:
    """What does not wait for the person any more, or never did."""
    decision = decision_on(request.user, reference)
    if decision is None:
        raise Http404
    write_down_titles(request.user, [decision.ticket], How.PAGE)
    status = 409 if request.method == "POST" else 200
    return render(request, "portal/decided.html", {"decision": decision}, status=status)


def _decide(
    request: SignedInRequest, ticket: Ticket, name: str, form: ApproveForm, said: str
) -> HttpResponse:
    if not form.is_valid():
        return _page(request, ticket, form, 422)
    try:
        move(ticket, name, by=request.user, **form.cleaned_data)
    except MoveRefused as refused:
        messages.error(request, str(refused))
        ticket = fresh(ticket)
        meanwhile = refused.comments if isinstance(refused, SaidMeanwhile) else []
        seen = max([each.pk for each in meanwhile], default=form.cleaned_data["seen"])
        kept = {"version": ticket.version, "seen": seen, "reason": form.cleaned_data.get("reason")}
        return _page(request, ticket, RejectForm(initial=kept), 409, meanwhile)
    drafts.forget(request.user, _name(ticket))
    messages.success(request, said.format(ticket))
    return redirect("portal:cards")


def _name(ticket: Ticket) -> str:
    """Of the draft of why it is not approved; the ticket's own page has it too."""
    return f"reject-{ticket.reference}"


def _page(
    request: SignedInRequest,
    ticket: Ticket,
    form: ApproveForm,
    status: int = 200,
    meanwhile: Sequence[Comment] = (),
) -> HttpResponse:
    shown = {
        "ticket": ticket,
        "form": form,
        "meanwhile": meanwhile,
        "costs": costs_of(ticket),
        "draft": drafts.draft_of(request.user, _name(ticket)),
    }
    return render(request, "portal/approve.html", shown, status=status)
