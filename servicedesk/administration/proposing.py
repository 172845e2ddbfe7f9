"""Changing hours and promises in two steps: first what it does to open requests is shown, then it is done.

The second step carries a seal of what was sent and of how many promises would be late. Something else, or more harm
than was seen, is shown again rather than done.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from servicedesk.administration.views.nouns import show
from servicedesk.catalogue import offering
from servicedesk.catalogue.models import Service
from servicedesk.history.editing import Stale
from servicedesk.people.models import Council, Team
from servicedesk.people.requests import SignedInRequest
from servicedesk.service_levels import keeping
from servicedesk.service_levels.models import Calendar, ServiceLevel
from servicedesk.tickets.remeasuring import (
    Effect,
    MoreAreLate,
    Touched,
    carry_out,
    in_words,
    late_at_once,
    named_to,
    what_would,
)

OURS = ("csrfmiddlewaretoken", "seal", "late")
MOST_SHOWN = 200


def propose(
    request: SignedInRequest,
    form: Any,
    write: Callable[[], Touched],
    *,
    heading: str,
    cause: str,
    back: str,
) -> HttpResponse:
    """The form; then what it would do; then, with the seal of that, the deed and the way back. `cause` is what the
    requests' own deadlines say of it."""
    page: dict[str, Any] = {"form": form, "heading": heading, "back": back, "final": False}
    if not form.is_valid():
        return render(request, "administration/propose.html", page, status=422 if form.is_bound else 200)
    by, now, late = request.user, timezone.now(), request.POST.get("late", "")
    sealed = constant_time_compare(request.POST.get("seal", ""), _seal(request.POST, late))
    try:
        if sealed:
            effects = carry_out(write, by=by, cause=cause, now=now, most_late=int(late))
            messages.success(request, f"Saved. {in_words(effects)}")
            return redirect(back)
        effects, status = what_would(write, by=by, cause=cause, now=now), 200
    except MoreAreLate:
        effects, status = what_would(write, by=by, cause=cause, now=now), 409
    except Stale as stale:
        form.data = form.data.copy()
        form.data["version"] = str(stale.row.version)
        form.add_error(None, f"{stale} Look at what it says now, then save again.")
        return render(request, "administration/propose.html", page, status=409)
    except ValidationError as error:
        show(form, error)
        return render(request, "administration/propose.html", page, status=422)
    return render(request, "administration/effects.html", page | _shown(request, effects), status=status)


def give_hours(calendar: Calendar, *, council: Council | None, team: Team | None, by) -> Touched:
    """Make a calendar the hours of a council, or of a team. Returns the tickets that this concerns."""
    if council:
        keeping.keep_for_council(council, calendar, by=by)
        return Touched(tickets=Q(council=council))
    if team:
        keeping.keep_for_team(team, calendar, by=by)
    return Touched(tickets=Q(supplier_team=team))


def cover(service: Service, covered: bool, *, by, version: int) -> Touched:
    """Say whether a service is covered out of hours. Returns the tickets that this concerns."""
    offering.cover_out_of_hours(service, covered, by=by, version=version)
    return Touched(tickets=Q(service=service))


def concerned(level: ServiceLevel) -> Q:
    """The tickets that a promise may be made for."""
    named = {
        "council": level.council_id,
        "service": level.service_id,
        "supplier_team": level.team_id if level.kind == ServiceLevel.Kind.UC else None,
    }
    narrowed = Q(**{name: key for name, key in named.items() if key})
    if level.agreement:
        narrowed &= Q(council__in=keeping.customers_of(level.agreement))
    return Q(type=level.ticket_type, priority=level.priority) & narrowed


def _shown(request: SignedInRequest, effects: list[Effect]) -> dict[str, Any]:
    sent, late, named = request.POST, str(late_at_once(effects)), named_to(request.user, effects)
    fields = [(name, value) for name in sent if name not in OURS for value in sent.getlist(name)]
    return {
        "words": in_words(effects),
        "effects": named[:MOST_SHOWN],
        "more": max(len(named) - MOST_SHOWN, 0),
        "hidden": [*fields, ("late", late), ("seal", _seal(sent, late))],
    }


def _seal(sent: QueryDict, late: str) -> str:
    """Of all that was sent, in its order by name, the version that was read among it."""
    told = sorted((name, sent.getlist(name)) for name in sent if name not in OURS)
    return salted_hmac("administration.proposing", repr((told, late))).hexdigest()
