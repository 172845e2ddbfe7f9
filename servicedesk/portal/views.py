"""The pages of whoever asks for help."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.forms import Form
from servicedesk.knowledge.slots import known_problems
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import may, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.portal.asking import ask_for_help
from servicedesk.portal.forms import (
    AgainForm,
    CancelForm,
    ContentForm,
    FixedForm,
    HelpForm,
    NotFixedForm,
    ReplyForm,
)
from servicedesk.portal.own_requests import (
    needing_answer,
    others,
    request_page,
    requests_of,
    requests_of_team,
    told,
)
from servicedesk.tickets import drafts
from servicedesk.tickets.asking_again import ask_again
from servicedesk.tickets.conversation import newest_said
from servicedesk.tickets.forms import add_errors
from servicedesk.tickets.models import How, Ticket, TicketState
from servicedesk.tickets.reading import mark_read
from servicedesk.tickets.replying import say
from servicedesk.tickets.satisfying import say_how_content
from servicedesk.tickets.sight import open_ticket
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import fresh, move

OPEN_FIRST = ("-is_open", "-id")
FINISHED_BY = {
    "again": ("again",),
    "reply": ("reply",),
    "not_fixed": ("not-fixed", "reply"),
    "fixed": ("not-fixed", "reply"),
    "cancel": ("cancel-own",),
    "content": ("content",),
}
"""The drafts that each deed of a requester's leaves nothing of."""
RESOLVED_MEANWHILE = "We think that this is fixed by now. If it is not, send us your message below."


@require_http_methods(["GET", "HEAD", "POST"])
def get_help(request: SignedInRequest) -> HttpResponse:
    """Report a problem or ask for something."""
    require(request.user, Permission.RAISE_TICKET)
    draft, sent = drafts.draft_of(request.user, "help"), request.method == "POST"
    form = HelpForm(
        request.user,
        request.POST if sent else None,
        request.FILES if sent else None,
        initial=request.GET.dict(),
        begun=drafts.begun(draft),
    )
    if form.is_valid():
        try:
            ticket = ask_for_help(by=request.user, **form.said())
            drafts.forget(request.user, "help")
            messages.success(request, f"We have your request. Its reference is {ticket}.")
            return redirect("portal:request", ticket.reference)
        except ValidationError as error:
            add_errors(form, error)
    shown = {"form": form, "draft": draft, "known": known_problems(request.user)}
    return render(request, "portal/help.html", shown, status=422 if sent else 200)


@require_safe
def requests(request: SignedInRequest) -> HttpResponse:
    """My requests and those made for me: first what waits for my answer, then what is open, then the rest."""
    require(request.user, Permission.RAISE_TICKET)
    cursor = request.GET.get(CURSOR, "")
    page = keyset_page(others(request.user), OPEN_FIRST, cursor)
    previous, following = page_addresses(request.GET, page)
    shown = {
        "needing_answer": [] if cursor else told(needing_answer(request.user)),
        "rows": told(page.rows),
        "may_export": may(request.user, Permission.EXPORT),
        "manages": request.user.reports.exists(),
        "previous": previous,
        "next": following,
    }
    return render(request, "portal/requests.html", shown)


@require_safe
def team(request: SignedInRequest) -> HttpResponse:
    """What those whom I manage have asked for: titles and where each is, and nothing to open."""
    require(request.user, Permission.RAISE_TICKET)
    page = keyset_page(requests_of_team(request.user), ("-reported_at", "-id"), request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {"rows": told(page.rows), "previous": previous, "next": following}
    return render(request, "portal/team.html", shown)


@require_safe
def request(request: SignedInRequest, reference: str) -> HttpResponse:
    """One request of mine: where it is, what happens next, and what was said."""
    ticket = _own(request, reference)
    shown = request_page(request, ticket)
    mark_read(request.user, ticket, shown["thread"].read_to)
    return render(request, "portal/request.html", shown)


@require_POST
def reply(request: SignedInRequest, reference: str) -> HttpResponse:
    """Answer the desk, or tell it more. What was resolved meanwhile asks whether it is fixed, with the text kept."""
    ticket = _own(request, reference)
    form = ReplyForm(request.POST, request.FILES)
    if ticket.state == TicketState.RESOLVED and form.is_valid():
        kept = NotFixedForm({"message": form.cleaned_data["body"], "seen": newest_said(request.user, ticket)})
        kept.add_error(None, RESOLVED_MEANWHILE)
        return render(
            request, "portal/request.html", request_page(request, ticket, not_fixed=kept), status=409
        )
    return _done(
        request,
        ticket,
        "reply",
        form,
        lambda: say(ticket, by=request.user, visibility="public", **form.cleaned_data),
        "Your message is sent.",
    )


@require_POST
def fixed(request: SignedInRequest, reference: str) -> HttpResponse:
    """It is fixed."""
    ticket = _own(request, reference)
    form = FixedForm(request.POST)
    return _done(
        request,
        ticket,
        "fixed",
        form,
        lambda: move(ticket, "close", by=request.user, **form.cleaned_data),
        "Thank you for telling us. We have finished this request.",
    )


@require_POST
def not_fixed(request: SignedInRequest, reference: str) -> HttpResponse:
    """It is not fixed after all."""
    ticket = _own(request, reference)
    form = NotFixedForm(request.POST)
    return _done(
        request,
        ticket,
        "not_fixed",
        form,
        lambda: move(ticket, "reopen", by=request.user, **form.cleaned_data),
        "Thank you for telling us. We are working on it again.",
    )


@require_POST
def again(request: SignedInRequest, reference: str) -> HttpResponse:
    """Something that was finished is back, or more of it is needed: a new request goes on from it."""
    ticket = _own(request, reference)
    form = AgainForm(request.POST)
    asked: list[Ticket] = []

    def deed() -> None:
        message, token = form.cleaned_data["message"], form.cleaned_data["token"].hex
        asked.append(ask_again(ticket, by=request.user, message=message, token=token))

    done = _done(request, ticket, "again", form, deed, "We have your new request.")
    return redirect("portal:request", asked[0].reference) if asked else done


@require_POST
def cancel(request: SignedInRequest, reference: str) -> HttpResponse:
    """It is no longer needed."""
    ticket = _own(request, reference)
    form = CancelForm(request.POST)
    return _done(
        request,
        ticket,
        "cancel",
        form,
        lambda: move(ticket, "cancel", by=request.user, **form.cleaned_data),
        "Your request is cancelled.",
    )


@require_POST
def content(request: SignedInRequest, reference: str) -> HttpResponse:
    """How content I am with what was done."""
    ticket = _own(request, reference)
    form = ContentForm(request.POST)
    return _done(
        request,
        ticket,
        "content",
        form,
        lambda: say_how_content(ticket, by=request.user, **form.cleaned_data),
        "Thank you for telling us.",
    )


def _own(request: SignedInRequest, reference: str) -> Ticket:
    return open_ticket(request.user, reference, How.OWN_PAGE, requests_of(request.user))


def _done(
    request: SignedInRequest, ticket: Ticket, name: str, form: Form, deed: Callable[[], Any], thanks: str
) -> HttpResponse:
    """Do it and go back to the request; or show the request again, with a sentence and what was typed."""
    status = 422
    if form.is_valid():
        try:
            deed()
            drafts.forget(request.user, *(f"{form}-{ticket.reference}" for form in FINISHED_BY.get(name, ())))
            messages.success(request, thanks)
            return redirect("portal:request", ticket.reference)
        except ValidationError as error:
            add_errors(form, error)
        except MoveRefused as refused:
            form.refuse(refused)
            ticket, status = fresh(ticket), 409
    return render(
        request, "portal/request.html", request_page(request, ticket, **{name: form}), status=status
    )
