"""The page of private requests: opening one in an emergency, who did so, which tries failed, and warnings received."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import may, open_door, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.tickets import drafts
from servicedesk.tickets.breaking_glass import TooManyTries, break_glass, end_glass
from servicedesk.tickets.forms import add_errors
from servicedesk.tickets.models import Alert, BreakGlass, RefusedGlass
from servicedesk.tickets.sealing_forms import GlassForm
from servicedesk.tickets.states import MoveRefused

NO_SUCH_REQUEST = (
    "There is no private request with this reference that you may open. The officer is told of this try"
)
NEWEST_FIRST = ("-starts_at", "-id")
LAST = 20
GLASS = "glass"


@require_http_methods(["GET", "HEAD", "POST"])
def glass(request: SignedInRequest) -> HttpResponse:
    """Open a private request in an emergency, and see who has."""
    require(request.user, Permission.BREAK_GLASS)
    draft = drafts.draft_of(request.user, GLASS)
    form = GlassForm(request.POST if request.method == "POST" else None, initial=drafts.begun(draft))
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            broken = break_glass(by=request.user, **form.cleaned_data)
            if broken:
                drafts.forget(request.user, GLASS)
                messages.success(request, f"You can read {broken.ticket} for four hours.")
                return redirect("tickets:ticket", broken.ticket.reference)
            form.add_error("reference", NO_SUCH_REQUEST)
        except ValidationError as error:
            add_errors(form, error)
        except MoveRefused as refused:
            form.add_error("reference", str(refused))
            status = 409
        except TooManyTries as refused:
            form.add_error(None, str(refused))
            status = 429
    return render(request, "tickets/glass.html", {**_shown(request, form), "draft": draft}, status=status)


@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End it early."""
    broken = open_door(request.user, BreakGlass.objects, pk=pk)
    try:
        end_glass(broken, by=request.user)
        messages.success(request, f"{broken.person} can no longer read {broken.ticket} by this.")
    except MoveRefused as refused:
        messages.info(request, str(refused))
    return redirect("tickets:glass" if may(request.user, Permission.BREAK_GLASS) else "portal:home")


def _shown(request: SignedInRequest, form: GlassForm) -> dict:
    person, now = request.user, timezone.now()
    seen = BreakGlass.objects.visible_to(person).select_related("person", "ticket", "ticket__council")
    page = keyset_page(seen, NEWEST_FIRST, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    refused = RefusedGlass.objects.visible_to(person).select_related("person", "person__council")
    alerts = Alert.objects.visible_to(person).select_related("by", "ticket__council")
    return {
        "form": form,
        "broken": [(row, not row.is_over(now)) for row in page.rows],
        "previous": previous,
        "next": following,
        "refused": refused[:LAST],
        "officer": may(person, Permission.SEE_CYBER_TICKETS),
        "alerts": alerts[:LAST],
    }
