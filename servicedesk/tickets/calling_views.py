"""The page on which calls are logged. Its button finds the caller; with script they are found as one types."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from servicedesk.people.access import require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.tickets import drafts
from servicedesk.tickets.calling import Found, find_callers, log_call, open_requests_of
from servicedesk.tickets.calling_forms import NEW, CallForm
from servicedesk.tickets.forms import add_errors
from servicedesk.tickets.models import How, Ticket
from servicedesk.tickets.sight import write_down_titles
from servicedesk.tickets.states import MoveRefused

CALL = "call"


@require_http_methods(["GET", "HEAD", "POST"])
def log(request: SignedInRequest) -> HttpResponse:
    """Log a call. Who is calling can be looked for as often as is needed: what was typed stays."""
    require(request.user, Permission.WORK_TICKETS)
    saving = request.method == "POST" and "find" not in request.POST
    draft = drafts.draft_of(request.user, CALL)
    # What a call is begun with is one text a field; a draft may hold whatever its writer's browser sent.
    begun = {name: value for name, value in drafts.begun(draft).items() if isinstance(value, str)}
    typed = request.POST.dict() or {**begun, **request.GET.dict()}
    form = CallForm(request.user, request.POST) if saving else CallForm(request.user, initial=typed)
    status = 422 if saving else 200
    if form.is_valid():
        try:
            ticket = log_call(by=request.user, **form.call())
            drafts.forget(request.user, CALL)
            return _logged(request, ticket)
        except ValidationError as error:
            add_errors(form, error)
        except MoveRefused as refused:
            form.add_error(None, str(refused))
            status = 409
    return render(request, "tickets/log_call.html", {**_page(request, form), "draft": draft}, status=status)


@require_safe
def callers(request: SignedInRequest) -> HttpResponse:
    """Who may be calling, as one types; who is the only one is chosen."""
    require(request.user, Permission.WORK_TICKETS)
    form = CallForm(request.user, initial={"q": request.GET.get("q", "")})
    return render(request, "tickets/_callers.html", {**_page(request, form), "fetched": True})


@require_safe
def caller(request: SignedInRequest) -> HttpResponse:
    """What is known of the caller chosen: what they have, and their open requests."""
    require(request.user, Permission.WORK_TICKETS)
    form = CallForm(request.user, initial={"caller": request.GET.get("caller", "")})
    return render(request, "tickets/_caller.html", {**_page(request, form), "fetched": True})


def _page(request: SignedInRequest, form: CallForm) -> dict[str, Any]:
    """The form, who was found by what was typed, and what is known of the caller."""
    text = form["q"].value() or ""
    chosen = form["caller"].value() or ""
    found = find_callers(request.user, text)
    found += [Found(person, "") for person in form.alike if person not in [each.person for each in found]]
    if form.person and form.person not in [each.person for each in found]:
        found = [Found(form.person, ""), *found]
    if not chosen and len(found) == 1 and not form.is_bound:
        form = CallForm(request.user, initial={**form.initial, "caller": str(found[0].person.pk)})
    requests = open_requests_of(request.user, form.person) if form.person else []
    write_down_titles(request.user, requests, How.LIST)
    return {
        "form": form,
        "found": found,
        "asked": text,
        "chosen": str(form.person.pk) if form.person else NEW if chosen == NEW else "",
        "requests": requests,
        "fetched": False,
    }


def _logged(request: SignedInRequest, ticket: Ticket) -> HttpResponse:
    """To the ticket, or to the queue where it went to those whose matter it is."""
    state = ticket.get_state_display().lower()
    if Ticket.objects.visible_to(request.user).filter(pk=ticket.pk).exists():
        messages.success(request, f"{ticket} is logged, and {state}.")
        return redirect("tickets:ticket", ticket.reference)
    messages.success(request, f"{ticket} is logged. It is with those who handle it, and you cannot see it.")
    return redirect("tickets:queue")
