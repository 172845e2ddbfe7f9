"""The pages on which a priority is set or proposed, and a broken promise accounted for."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets import drafts
from servicedesk.tickets.breaches import broken_promise, explain_breach, propose_breach_reason
from servicedesk.tickets.conversation import newest_said
from servicedesk.tickets.editing import Clash
from servicedesk.tickets.forms import add_errors
from servicedesk.tickets.joined import root_of
from servicedesk.tickets.models import Draft, How, Ticket
from servicedesk.tickets.prioritising import (
    may_decide,
    override_priority,
    propose_priority,
    set_uplift,
    shown_uplift,
)
from servicedesk.tickets.promise_forms import BreachForm, PriorityForm, UpliftForm
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.sight import open_ticket
from servicedesk.tickets.states import MoveRefused, StaleTicket
from servicedesk.tickets.weaving import write_down_meanwhile
from servicedesk.tickets.workflow import fresh

READ_OR_SENT = require_http_methods(["GET", "HEAD", "POST"])


@READ_OR_SENT
def priority(request: SignedInRequest, reference: str) -> HttpResponse:
    """Set the priority by hand, or propose one to whoever may."""
    ticket = _worked_on(request, reference)
    decides = may_decide(request.user, ticket)
    draft = _draft(request, f"priority-{reference}")
    form = PriorityForm(ticket, _sent(request), decides=decides, begun=draft.values)

    def deed(given: dict[str, Any], seen: int | None) -> str:
        if decides:
            return f"Priority: {override_priority(ticket, by=request.user, **given).get_priority_display()}."
        given.pop("version")
        propose_priority(ticket, by=request.user, seen=seen, **given)
        return "Proposed, in an internal note."

    heading = "Set the priority" if decides else "Propose a priority"
    return _page(request, ticket, form, deed, heading, draft)


@READ_OR_SENT
def uplift(request: SignedInRequest, reference: str) -> HttpResponse:
    """Say what raises the priority by a step."""
    ticket = _worked_on(request, reference)
    draft = _draft(request, f"uplift-{reference}")
    shown = shown_uplift(request.user, ticket)
    form = UpliftForm(ticket, _sent(request), shown=shown, begun=draft.values)

    def deed(given: dict[str, Any], seen: int | None) -> str:
        return f"Priority: {set_uplift(ticket, by=request.user, **given).get_priority_display()}."

    return _page(request, ticket, form, deed, "What raises the priority", draft)


@READ_OR_SENT
def breach(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Say why a promise was broken, or propose it to whoever answers for that."""
    ticket = _worked_on(request, reference)
    clock = broken_promise(ticket, pk)
    decides = may_decide(request.user, ticket)
    draft = _draft(request, f"late-{reference}-{pk}")
    form = BreachForm(clock, _sent(request), begun=drafts.begun(draft, "version"))

    def deed(given: dict[str, Any], seen: int | None) -> str:
        if decides:
            explain_breach(clock, by=request.user, **given)
            return "The reason is saved."
        given.pop("version")
        propose_breach_reason(clock, by=request.user, seen=seen, **given)
        return "Proposed, in an internal note."

    heading = f"Why “{clock.get_metric_display()}” was late"
    heading = heading if decides else f"Propose: {heading.lower()}"
    return _page(request, ticket, form, deed, heading, draft)


def _worked_on(request: SignedInRequest, reference: str) -> Ticket:
    ticket = open_ticket(request.user, reference, How.PAGE)
    if not (may_work(request.user, ticket) or may_decide(request.user, ticket)):
        raise PermissionDenied("You need the right to work on this request.")
    return ticket


def _draft(request: SignedInRequest, name: str) -> Draft:
    """What the person has begun to fill in, or an empty draft of that name."""
    return drafts.draft_of(request.user, name) or Draft(form=name)


def _sent(request: SignedInRequest):
    return request.POST if request.method == "POST" else None


def _page(
    request: SignedInRequest,
    ticket: Ticket,
    form,
    deed: Callable[[dict[str, Any], int | None], str],
    heading: str,
    draft: Draft,
) -> HttpResponse:
    """The form, or the deed and back to the ticket. What is refused comes back as it was typed."""
    status, disagreements = 422 if form.is_bound else 200, []
    form.initial["seen"] = newest_said(request.user, root_of(ticket))
    if form.is_valid():
        try:
            given = dict(form.cleaned_data)
            messages.success(request, deed(given, given.pop("seen")))
            drafts.forget(request.user, draft.form)
            return redirect("tickets:ticket", ticket.reference)
        except ValidationError as error:
            add_errors(form, error)
        except Clash as clash:
            disagreements, status = form.clashed(clash), 409
        except MoveRefused as refused:
            form.refuse(refused)
            status = 409
            if isinstance(refused, StaleTicket):
                form.measure_by(fresh(ticket))
            write_down_meanwhile(request.user, refused)
    shown = {
        "ticket": ticket,
        "form": form,
        "heading": heading,
        "disagreements": disagreements,
        "draft_name": draft.form,
        "draft": draft if draft.pk else None,
    }
    return render(request, "tickets/promise.html", shown, status=status)
