"""The pages of hiding a ticket, of showing it again, and of who can see it."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.forms import Form
from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets import drafts, sealing
from servicedesk.tickets.forms import add_errors
from servicedesk.tickets.models import Draft, How, Ticket
from servicedesk.tickets.rights import may_read_notes, may_work
from servicedesk.tickets.sealing_forms import AlertForm, DecisionForm, OpeningForm, SealForm
from servicedesk.tickets.sight import everyone_who_sees, open_ticket, why
from servicedesk.tickets.states import MoveRefused


@require_safe
def who_can_see(request: SignedInRequest, reference: str) -> HttpResponse:
    """Who can see a ticket, and why: how many to everybody who sees it, by name to whoever reads its notes."""
    ticket = open_ticket(request.user, reference, How.PAGE)
    seers = everyone_who_sees(ticket)
    shown = {
        "ticket": ticket,
        "seers": seers,
        "number": len({person.pk for group in seers for person in group.people}),
        "named": may_read_notes(request.user, ticket),
        "why": why(request.user, ticket),
    }
    return render(request, "tickets/who_can_see.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def seal(request: SignedInRequest, reference: str) -> HttpResponse:
    """Make a ticket private, at once."""
    ticket = open_ticket(request.user, reference, How.PAGE)
    if not sealing.may_raise_sensitivity(request.user, ticket):
        raise PermissionDenied("Only whoever works on a request, or asked for it, may make it private.")
    form = SealForm(ticket, request.POST if request.method == "POST" else None)
    return _page(
        request,
        "tickets/seal.html",
        ticket,
        form,
        lambda: sealing.raise_sensitivity(ticket, by=request.user, **form.cleaned_data),
        f"{ticket} is private now.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def ask_to_open(request: SignedInRequest, reference: str) -> HttpResponse:
    """Ask that a private ticket be shown to more people."""
    ticket = _of_case_group(request, reference)
    name = f"open-{reference}"
    draft = drafts.draft_of(request.user, name)
    form = OpeningForm(
        ticket, request.POST if request.method == "POST" else None, initial=drafts.begun(draft)
    )

    def deed() -> None:
        sealing.ask_to_open(ticket, by=request.user, **form.asked())
        drafts.forget(request.user, name)

    return _page(
        request,
        "tickets/ask_to_open.html",
        ticket,
        form,
        deed,
        "Asked. A second person of the case group decides.",
        draft,
    )


@require_POST
def decide_opening(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Agree or refuse what somebody else asked."""
    ticket = _of_case_group(request, reference)
    asked, form = ticket.opening_requests.filter(pk=pk).first(), DecisionForm(request.POST)
    if asked is None:
        raise Http404
    if not form.is_valid():
        return _refused(request, ticket, "Choose whether you agree or refuse.", status=422)
    try:
        decided = sealing.decide_opening(asked, by=request.user, agreed=form.cleaned_data["agreed"])
    except MoveRefused as refused:
        return _refused(request, ticket, str(refused))
    except ValidationError as refused:
        return _refused(request, ticket, " ".join(refused.messages))
    messages.success(request, "Agreed." if decided.agreed else f"Refused. {ticket} stays private.")
    return _back(request, ticket)


@require_POST
def alert(request: SignedInRequest, reference: str) -> HttpResponse:
    """Warn another council of a security incident, without telling it anything of it."""
    ticket = open_ticket(request.user, reference, How.PAGE)
    if not sealing.may_alert(request.user, ticket):
        raise PermissionDenied("Only a cyber security officer may warn another council.")
    form = AlertForm(ticket, request.POST)
    return _page(
        request,
        "tickets/alert.html",
        ticket,
        form,
        lambda: sealing.alert_council(ticket, by=request.user, **form.cleaned_data),
        "The council is warned.",
    )


def _of_case_group(request: SignedInRequest, reference: str) -> Ticket:
    ticket = open_ticket(request.user, reference, How.PAGE)
    if not may_work(request.user, ticket):
        raise PermissionDenied("Only the case group of a private request may open it to others.")
    return ticket


def _page(
    request: SignedInRequest,
    template: str,
    ticket: Ticket,
    form: Form,
    deed: Callable,
    done: str,
    draft: Draft | None = None,
) -> HttpResponse:
    """Do what was sent and go back to the ticket; or show the form, with a sentence where it could not be done."""
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            deed()
            messages.success(request, done)
            return _back(request, ticket)
        except ValidationError as error:
            add_errors(form, error)
        except MoveRefused as refused:
            form.add_error(None, str(refused))
            status = 409
    return render(request, template, {"ticket": ticket, "form": form, "draft": draft}, status=status)


def _refused(request: SignedInRequest, ticket: Ticket, reason: str, status: int = 409) -> HttpResponse:
    back = reverse("tickets:ticket", args=[ticket.reference])
    return render(request, "409.html", {"reason": reason, "back": back}, status=status)


def _back(request: SignedInRequest, ticket: Ticket) -> HttpResponse:
    """The ticket's page, or the first page when the deed took the ticket out of the person's sight."""
    if Ticket.objects.visible_to(request.user).filter(pk=ticket.pk).exists():
        return redirect("tickets:ticket", ticket.reference)
    return redirect("portal:home")
