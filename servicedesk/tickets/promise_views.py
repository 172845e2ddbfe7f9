"""The pages on which a priority is set or proposed, and a broken promise accounted for."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets.breaches import broken_promise, explain_breach, propose_breach_reason
from servicedesk.tickets.editing import Clash
from servicedesk.tickets.forms import add_errors
from servicedesk.tickets.models import How, Ticket
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
from servicedesk.tickets.states import MoveRefused

READ_OR_SENT = require_http_methods(["GET", "HEAD", "POST"])


@READ_OR_SENT
def priority(request: SignedInRequest, reference: str) -> HttpResponse:
    """Set the priority by hand, or propose one to whoever may."""
    ticket = _worked_on(request, reference)
    decides = may_decide(request.user, ticket)
    form = PriorityForm(ticket, _sent(request), decides=decides)

    def deed(given: dict[str, Any]) -> str:
        if decides:
            return f"Priority: {override_priority(ticket, by=request.user, **given).get_priority_display()}."
        given.pop("version")
        propose_priority(ticket, by=request.user, **given)
        return "Proposed, in an internal note."

    return _page(request, ticket, form, deed, "Set the priority" if decides else "Propose a priority")


@READ_OR_SENT
def uplift(request: SignedInRequest, reference: str) -> HttpResponse:
    """Say what raises the priority by a step."""
    ticket = _worked_on(request, reference)
    form = UpliftForm(ticket, _sent(request), shown=shown_uplift(request.user, ticket))

    def deed(given: dict[str, Any]) -> str:
        return f"Priority: {set_uplift(ticket, by=request.user, **given).get_priority_display()}."

    return _page(request, ticket, form, deed, "What raises the priority")


@READ_OR_SENT
def breach(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Say why a promise was broken, or propose it to whoever answers for that."""
    ticket = _worked_on(request, reference)
    clock = broken_promise(ticket, pk)
    decides = may_decide(request.user, ticket)
    form = BreachForm(clock, _sent(request))

    def deed(given: dict[str, Any]) -> str:
        if decides:
            explain_breach(clock, by=request.user, **given)
            return "The reason is saved."
        given.pop("version")
        propose_breach_reason(clock, by=request.user, **given)
        return "Proposed, in an internal note."

    heading = f"Why “{clock.get_metric_display()}” was late"
    return _page(request, ticket, form, deed, heading if decides else f"Propose: {heading.lower()}")


def _worked_on(request: SignedInRequest, reference: str) -> Ticket:
    ticket = open_ticket(request.user, reference, How.PAGE)
    if not (may_work(request.user, ticket) or may_decide(request.user, ticket)):
        raise PermissionDenied("You need the right to work on this request.")
    return ticket


def _sent(request: SignedInRequest):
    return request.POST if request.method == "POST" else None


def _page(
    request: SignedInRequest, ticket: Ticket, form, deed: Callable[[dict[str, Any]], str], heading: str
) -> HttpResponse:
    """The form, or the deed and back to the ticket. What is refused comes back as it was typed."""
    status, disagreements = 422 if form.is_bound else 200, []
    if form.is_valid():
        try:
            messages.success(request, deed(dict(form.cleaned_data)))
            return redirect("tickets:ticket", ticket.reference)
        except ValidationError as error:
            add_errors(form, error)
        except Clash as clash:
            disagreements, status = form.clashed(clash), 409
        except MoveRefused as refused:
            form.add_error(None, str(refused))
            status = 409
    shown = {"ticket": ticket, "form": form, "heading": heading, "disagreements": disagreements}
    return render(request, "tickets/promise.html", shown, status=status)
