"""The pages of whoever works on tickets: the queue and the page of a ticket."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_POST, require_safe

from servicedesk import wording
from servicedesk.people.duty import last_day_away
from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets import drafts, workflow
from servicedesk.tickets.cascading import move_all
from servicedesk.tickets.console import OpenMove, ticket_page
from servicedesk.tickets.forms import add_errors, move_form
from servicedesk.tickets.models import How, Ticket
from servicedesk.tickets.queue import counted_strip, queue_page
from servicedesk.tickets.reading import mark_read
from servicedesk.tickets.rights import (
    is_its_supplier,
    may_make,
    may_read_notes,
    moves_open_to,
    reads_as_its_requester,
    require_a_queue,
)
from servicedesk.tickets.sight import open_ticket
from servicedesk.tickets.states import MOVES, MoveRefused
from servicedesk.tickets.taking import take_next as next_taken
from servicedesk.tickets.weaving import write_down_meanwhile


@require_safe
def queue(request: SignedInRequest) -> HttpResponse:
    """The tickets that the person may see, by when they are due."""
    require_a_queue(request.user)
    shown = queue_page(request)
    return render(request, "tickets/queue.html", shown, status=200 if shown["filters"].is_valid() else 422)


@require_safe
def strip(request: SignedInRequest) -> HttpResponse:
    """The counts above the queue."""
    require_a_queue(request.user)
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
    """A ticket, for whoever works on it or follows it; its requester and its approver have pages of their own."""
    ticket = _open(request, reference)
    insider = may_read_notes(request.user, ticket) or is_its_supplier(request.user, ticket)
    if reads_as_its_requester(request.user, ticket):
        return redirect("portal:request", reference)
    if "approve" in moves_open_to(request.user, ticket) and not insider:
        return redirect("portal:approve", reference)
    shown = ticket_page(request, ticket)
    mark_read(request.user, ticket, shown["thread"].read_to)
    return render(request, "tickets/ticket.html", shown)


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
            moved = move_all(
                ticket,
                name,
                by=request.user,
                version=form.cleaned_data["version"],
                seen=form.cleaned_data["seen"],
                **form.given(),
            )
            drafts.forget(request.user, f"{name}-{reference}")
            messages.success(request, f"{moved} is now {moved.get_state_display().lower()}.")
            if "assignee" in form.given() and (until := last_day_away(moved.assignee)):
                day = wording.weekday(until)
                messages.warning(
                    request, f"{moved.assignee} is away until {day}. Their team hears of it too."
                )
            return back_to(request, moved)
        except ValidationError as error:
            add_errors(form, error)
        except MoveRefused as refused:
            ticket, status = workflow.fresh(ticket), 409
            form = _filled_in_again(name, ticket, request, refused)
            write_down_meanwhile(request.user, refused)
    shown = ticket_page(request, ticket, tried=OpenMove(name, MOVES[name].words, form))
    return render(request, "tickets/ticket.html", shown, status=status)


def _open(request: SignedInRequest, reference: str) -> Ticket:
    return open_ticket(request.user, reference, How.PAGE)


def back_to(request: SignedInRequest, moved: Ticket) -> HttpResponse:
    """The ticket's page, or the queue when the move took the ticket out of the person's sight."""
    if Ticket.objects.visible_to(request.user).filter(pk=moved.pk).exists():
        return redirect("tickets:ticket", moved.reference)
    return redirect("tickets:queue")


def _filled_in_again(name: str, ticket: Ticket, request: SignedInRequest, refused: MoveRefused):
    """What was typed, against the ticket as it is now, so that sending it again is enough."""
    typed = MultiValueDict({**dict(request.POST.lists()), "version": [str(ticket.version)]})
    form = move_form(name, ticket, request.user, typed)
    form.refuse(refused)
    return form
