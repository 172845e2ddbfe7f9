"""The pages that tie a ticket to others: links, parent and children, and splitting."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from servicedesk.forms import Form
from servicedesk.people.requests import SignedInRequest
from servicedesk.search.searching import matching
from servicedesk.tickets import drafts, linking
from servicedesk.tickets.cascading import tell_children
from servicedesk.tickets.forms import add_errors
from servicedesk.tickets.linking_forms import (
    CHILD,
    PARENT,
    PickForm,
    RelateForm,
    ReplyToAllForm,
    SplitForm,
)
from servicedesk.tickets.models import How, Link, Ticket
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.sight import open_ticket, write_down_titles
from servicedesk.tickets.splitting import split as split_off
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.weaving import write_down_meanwhile
from servicedesk.wording import counted

READ_OR_SENT = require_http_methods(["GET", "HEAD", "POST"])
MOST_FOUND = 10
REVERSED = {"causes": Link.Kind.CAUSED_BY, "blocked_by": Link.Kind.BLOCKS}


@READ_OR_SENT
def relate(request: SignedInRequest, reference: str) -> HttpResponse:
    """Tie a ticket to another, found by its reference or its words."""
    ticket = worked_on(request, reference)
    form = RelateForm(request.user, sent(request), other=request.GET.get("other", ""))

    def deed() -> HttpResponse:
        other = form.cleaned_data["other"]
        _tie(ticket, other, form.cleaned_data["how"], request.user)
        messages.success(request, f"{ticket} and {other} are tied to one another.")
        return back(ticket)

    return page(request, "tickets/relate.html", form, deed, {"ticket": ticket, **picker(request, ticket)})


def _tie(ticket: Ticket, other: Ticket, how: str, by) -> None:
    if how == CHILD:
        linking.adopt(ticket, other, by=by)
    elif how == PARENT:
        linking.adopt(other, ticket, by=by)
    elif how in REVERSED:
        linking.add_link(other, ticket, REVERSED[how], by=by)
    else:
        linking.add_link(ticket, other, how, by=by)


@require_POST
def end_link(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Take a link away, from either end."""
    ticket = worked_on(request, reference)
    links = Link.objects.select_related("ticket", "other").filter(pk=pk)
    link = links.filter(ticket=ticket).first() or links.filter(other=ticket).first()
    if link is None:
        raise Http404
    linking.end_link(link, by=request.user)
    messages.success(request, "The link is taken away.")
    return back(ticket)


@require_POST
def release(request: SignedInRequest, reference: str) -> HttpResponse:
    """Take a ticket out of its parent."""
    ticket = open_ticket(request.user, reference, How.PAGE)
    linking.release(ticket, by=request.user)
    messages.success(request, f"{ticket} is on its own.")
    return back(ticket)


@require_POST
def reply_to_all(request: SignedInRequest, reference: str) -> HttpResponse:
    """Reply to the requesters of all open children."""
    ticket, name = worked_on(request, reference), f"all-{reference}"
    form = ReplyToAllForm(request.POST)

    def deed() -> HttpResponse:
        said, refused = tell_children(ticket, by=request.user, **form.cleaned_data)
        drafts.forget(request.user, name)
        messages.success(request, f"Sent on {counted(len(said), 'request')}.")
        for each in refused:
            messages.warning(request, f"Not sent on {each.reference}: {each.reason}.")
        return back(ticket)

    shown = {"ticket": ticket, "draft": drafts.draft_of(request.user, name)}
    return page(request, "tickets/reply_to_all.html", form, deed, shown)


@READ_OR_SENT
def split(request: SignedInRequest, reference: str) -> HttpResponse:
    """Make a new ticket of some of what was said."""
    ticket = worked_on(request, reference)
    begin = request.GET.get("from", "")
    begins = int(begin) if begin.isdecimal() and len(begin) < 19 else None
    name = f"split-{reference}"
    draft = drafts.draft_of(request.user, name)
    begun = drafts.begun(draft, several=["comments"])
    form = SplitForm(ticket, request.user, sent(request), begin=begins, begun=begun)

    def deed() -> HttpResponse:
        new = split_off(ticket, by=request.user, **form.cleaned_data)
        drafts.forget(request.user, name)
        messages.success(request, f"{new} was split off from {ticket}.")
        seen = Ticket.objects.visible_to(request.user).filter(pk=new.pk).exists()
        return back(new if seen else ticket)

    return page(request, "tickets/split.html", form, deed, {"ticket": ticket, "draft": draft})


def picker(request: SignedInRequest, ticket: Ticket) -> dict[str, Any]:
    """The search for another ticket: its form, and the newest that match and the person may see."""
    form, found = PickForm(request.GET), []
    words = form.cleaned_data["q"] if form.is_valid() else ""
    if words:
        seen = Ticket.objects.visible_to(request.user).exclude(pk=ticket.pk)
        found = list(
            matching(seen, words).select_related("council", "requester").order_by("-pk")[:MOST_FOUND]
        )
        write_down_titles(request.user, found, How.SEARCH)
    return {"pick": form, "words": words, "found": found}


def worked_on(request: SignedInRequest, reference: str) -> Ticket:
    """The ticket, for whoever works on it."""
    ticket = open_ticket(request.user, reference, How.PAGE)
    if not may_work(request.user, ticket):
        raise PermissionDenied("You need the right to work on this request.")
    return ticket


def sent(request: SignedInRequest):
    """What was sent, or None where the page is only looked at."""
    return request.POST if request.method == "POST" else None


def back(ticket: Ticket) -> HttpResponse:
    """To the ticket's page."""
    return redirect("tickets:ticket", ticket.reference)


def page(
    request: SignedInRequest, template: str, form: Form, deed: Callable[[], HttpResponse], shown: dict
) -> HttpResponse:
    """Do what was sent; or show the form, with a sentence where it could not be done and all that was typed."""
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            return deed()
        except ValidationError as error:
            add_errors(form, error)
        except MoveRefused as refused:
            form.refuse(refused)
            write_down_meanwhile(request.user, refused)
            status = 409
    return render(request, template, {**shown, "form": form}, status=status)
