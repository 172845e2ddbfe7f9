"""Saying something on a ticket, what others said meanwhile, and the files that came with it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from servicedesk.files.storing import show
from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets import drafts
from servicedesk.tickets.console import say_form, ticket_page
from servicedesk.tickets.conversation import arrived_since, open_file, with_files
from servicedesk.tickets.forms import add_errors
from servicedesk.tickets.models import Comment, How
from servicedesk.tickets.readers import readers, readers_of
from servicedesk.tickets.replying import say as say_on
from servicedesk.tickets.rights import may_read_notes
from servicedesk.tickets.sight import open_ticket
from servicedesk.tickets.states import MoveRefused

SENT = {
    Comment.Visibility.PUBLIC: "Your reply is sent.",
    Comment.Visibility.INTERNAL: "Your internal note is saved.",
    Comment.Visibility.SUPPLIER: "Your note to the supplier is sent.",
}


@require_POST
def say(request: SignedInRequest, reference: str) -> HttpResponse:
    """Reply, or leave a note. What others said meanwhile is shown first, with all that was typed still there."""
    ticket = open_ticket(request.user, reference, How.PAGE)
    form, status = say_form(request.user, ticket, request.POST, request.FILES), 422
    if form is None:
        raise PermissionDenied("You cannot write this on the request.")
    if form.is_valid():
        try:
            said = say_on(ticket, by=request.user, **form.cleaned_data)
            drafts.forget(request.user, f"say-{reference}")
            messages.success(request, _sent(request.user, said))
            return redirect("tickets:ticket", reference)
        except ValidationError as error:
            add_errors(form, error)
        except MoveRefused as refused:
            form.refuse(refused)
            status = 409
    return render(request, "tickets/ticket.html", ticket_page(request, ticket, say=form), status=status)


@require_safe
def arrived(request: SignedInRequest, reference: str) -> HttpResponse:
    """What others said since the page was made, and who else is writing; asked again and again by the page itself."""
    person, ticket = request.user, open_ticket(request.user, reference, How.PAGE)
    seen = request.GET.get("seen", "")
    said = arrived_since(person, int(seen), ticket) if seen.isdecimal() and len(seen) < 19 else ()
    shown = {
        "ticket": ticket,
        "seen": seen,
        "arrived": list(with_files(said)) if said else [],
        "writing": drafts.others_writing(person, reference, timezone.now())
        if may_read_notes(person, ticket)
        else [],
        "by_requester": request.GET.get("page") == "request",
    }
    return render(request, "tickets/_arrived.html", shown)


@require_safe
def file(request: SignedInRequest, reference: str, pk: int) -> FileResponse:
    """A file that came with something said, for whoever may read what was said."""
    ticket = open_ticket(request.user, reference, How.PAGE)
    return show(open_file(request.user, ticket, pk))


def _sent(person, said: Comment) -> str:
    """That it is said, and who can read it."""
    if not may_read_notes(person, said.ticket):
        return SENT[Comment.Visibility(said.visibility)]
    sentence = readers_of(readers(said.ticket, [said], None), said)
    return f"{SENT[Comment.Visibility(said.visibility)]} {sentence}."
