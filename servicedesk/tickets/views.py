"""The pages of whoever works on tickets: the queue and the page of a ticket."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets import workflow
from servicedesk.tickets.console import OpenMove, say_form, ticket_page
from servicedesk.tickets.forms import ChangeForm, add_errors, move_form
from servicedesk.tickets.models import Comment, How, Ticket
from servicedesk.tickets.queue import counted_strip, queue_page
from servicedesk.tickets.replying import say as say_on
from servicedesk.tickets.rights import (
    has_a_queue,
    is_its_requester,
    is_its_supplier,
    may_make,
    may_read_notes,
    may_work,
)
from servicedesk.tickets.sight import open_ticket
from servicedesk.tickets.states import MOVES, MoveRefused, StaleTicket
from servicedesk.tickets.taking import take_next as next_taken


@require_safe
def queue(request: SignedInRequest) -> HttpResponse:
    """The tickets that the person may see, by when they are due."""
    if not has_a_queue(request.user):
        raise PermissionDenied("You need the right to see requests beside your own.")
    shown = queue_page(request)
    return render(request, "tickets/queue.html", shown, status=200 if shown["filters"].is_valid() else 422)


@require_safe
def strip(request: SignedInRequest) -> HttpResponse:
    """The counts above the queue."""
    if not has_a_queue(request.user):
        raise PermissionDenied("You need the right to see requests beside your own.")
    counted = {"strip": counted_strip(request), "strip_address": request.get_full_path()}
    return render(request, "tickets/_strip.html", counted)


@require_POST
def take_next(request: SignedInRequest) -> HttpResponse:
    """Take what is due first of all that waits for the person's teams."""
    taken = next_taken(by=request.user)
    if taken is None:
        messages.info(request, "Nothing waits for your teams.")
        return redirect("tickets:queue")
    messages.success(request, f"{taken} is yours.")
    return redirect("tickets:ticket", taken.reference)


@require_safe
def ticket(request: SignedInRequest, reference: str) -> HttpResponse:
    """A ticket, for whoever works on it or follows it; its requester has a page of their own."""
    ticket = _open(request, reference)
    insider = may_read_notes(request.user, ticket) or is_its_supplier(request.user, ticket)
    if is_its_requester(request.user, ticket) and not insider:
        return redirect("portal:request", reference)
    return render(request, "tickets/ticket.html", ticket_page(request, ticket))


@require_POST
def move(request: SignedInRequest, reference: str, name: str) -> HttpResponse:
    """Make a move. What cannot be made says why, with all that was typed still there."""
    ticket = _open(request, reference)
    if name not in MOVES:
        raise Http404
    if not may_make(request.user, ticket, name):
        raise PermissionDenied(f"Only {' or '.join(who.value for who in MOVES[name].who)} may do this.")
    form, status = move_form(name, ticket, request.user, request.POST), 422
    if form.is_valid():
        try:
            moved = workflow.move(
                ticket, name, by=request.user, version=form.cleaned_data["version"], **form.given()
            )
            messages.success(request, f"{moved} is now {moved.get_state_display().lower()}.")
            return _back_to(request, moved)
        except ValidationError as error:
            add_errors(form, error)
        except MoveRefused as refused:
            ticket, status = workflow.fresh(ticket), 409
            form = _filled_in_again(name, ticket, request, str(refused))
    shown = ticket_page(request, ticket, tried=OpenMove(name, MOVES[name].words, form))
    return render(request, "tickets/ticket.html", shown, status=status)


@require_POST
def say(request: SignedInRequest, reference: str) -> HttpResponse:
    """Reply, or leave a note."""
    ticket = _open(request, reference)
    form, status = say_form(request.user, ticket, request.POST), 422
    if form is None:
        raise PermissionDenied("You cannot write this on the request.")
    if form.is_valid():
        try:
            said = say_on(ticket, by=request.user, **form.cleaned_data)
            messages.success(request, f"{Comment.Visibility(said.visibility).label}: sent.")
            return redirect("tickets:ticket", reference)
        except ValidationError as error:
            add_errors(form, error)
        except MoveRefused as refused:
            form.add_error(None, str(refused))
            status = 409
    return render(request, "tickets/ticket.html", ticket_page(request, ticket, say=form), status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, reference: str) -> HttpResponse:
    """Correct what a ticket says. Over a newer version both values are shown, and nothing is overwritten unseen."""
    ticket = _open(request, reference)
    if not may_work(request.user, ticket):
        raise PermissionDenied("You need the right to work on this request.")
    form = ChangeForm(request.POST if request.method == "POST" else None, instance=ticket)
    shown = {"ticket": ticket, "form": form, "disagreements": []}
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            changed = workflow.change(
                ticket, by=request.user, version=form.cleaned_data["version"], **form.values()
            )
            messages.success(request, f"{ticket} is saved.")
            return _back_to(request, changed)
        except StaleTicket as stale:
            shown["disagreements"], status = form.read_again(str(stale)), 409
        except ValidationError as error:
            add_errors(form, error)
    return render(request, "tickets/change.html", shown, status=status)


def _open(request: SignedInRequest, reference: str) -> Ticket:
    return open_ticket(request.user, reference, How.PAGE)


def _back_to(request: SignedInRequest, moved: Ticket) -> HttpResponse:
    """The ticket's page, or the queue when the move took the ticket out of the person's sight."""
    if Ticket.objects.visible_to(request.user).filter(pk=moved.pk).exists():
        return redirect("tickets:ticket", moved.reference)
    return redirect("tickets:queue")


def _filled_in_again(name: str, ticket: Ticket, request: SignedInRequest, refused: str):
    """What was typed, against the ticket as it is now, so that sending it again is enough."""
    form = move_form(name, ticket, request.user, {**request.POST.dict(), "version": ticket.version})
    form.add_error(None, refused)
    return form
