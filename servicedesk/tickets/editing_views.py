"""Correcting what a ticket says, while others may be doing the same."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets import drafts, editing
from servicedesk.tickets.forms import ChangeForm, add_errors
from servicedesk.tickets.linking_views import worked_on
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.states import StaleTicket
from servicedesk.tickets.views import back_to


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: SignedInRequest, reference: str) -> HttpResponse:
    """Correct what a ticket says. Where two change the same fact, both values are shown and nothing is lost."""
    ticket = worked_on(request, reference)
    if request.method == "POST":
        return _save(request, ticket, ChangeForm(request.POST, instance=ticket))
    draft = drafts.draft_of(request.user, f"change-{reference}")
    return _page(request, ticket, ChangeForm(instance=ticket, initial=drafts.begun(draft)), draft=draft)


def _save(request: SignedInRequest, ticket: Ticket, form: ChangeForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, ticket, form, status=422)
    try:
        saved = editing.save(ticket, by=request.user, version=form.cleaned_data["version"], **form.values())
    except editing.Clash as clash:
        return _page(request, ticket, form, disagreements=form.clashed(clash), status=409)
    except StaleTicket as stale:
        form.add_error(None, str(stale))
        return _page(request, ticket, form, status=409)
    except ValidationError as error:
        add_errors(form, error)
        return _page(request, ticket, form, status=422)
    drafts.forget(request.user, f"change-{ticket.reference}")
    messages.success(request, f"{ticket} is saved. {saved.meanwhile}".strip())
    return back_to(request, saved.ticket)


def _page(
    request: SignedInRequest, ticket: Ticket, form: ChangeForm, *, status: int = 200, **more
) -> HttpResponse:
    shown = {"ticket": ticket, "form": form, "disagreements": [], "draft": None, **more}
    return render(request, "tickets/change.html", shown, status=status)
