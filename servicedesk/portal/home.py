"""The first screen after signing in: what concerns the person, card by card. Roles stack, and nobody switches between
them: each card knows by itself whom it is for.
"""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from servicedesk.people.access import may, teams_of
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

QUEUE_FIRST = (Permission.WORK_TICKETS, Permission.WORK_FIRM_TICKETS)
"""Whose day is the queue: it is their first screen, with a link to the cards."""


@require_safe
def first(request: SignedInRequest) -> HttpResponse:
    """Where the person's day begins: the queue of their teams for whoever works it, for everybody else their cards."""
    if any(may(request.user, permission) for permission in QUEUE_FIRST):
        return redirect(reverse("tickets:queue") + ("?my_teams=true" if teams_of(request.user) else ""))
    return home(request)


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """All the cards of the person."""
    return render(request, "portal/home.html", {"cards": cards(request)})


def cards(request: SignedInRequest) -> dict[str, list[str]]:
    """What stands on the person's first screen, by place, in the order of settings.HOME_CARDS.

    `card(request)` gives {"template", "context"}, or None for whom it is not; with "place": "side" it stands beside
    the others.
    """
    places: dict[str, list[str]] = {"main": [], "side": []}
    for name in settings.HOME_CARDS:
        card = import_string(name)(request)
        if card:
            places[card.get("place", "main")].append(
                render_to_string(card["template"], card["context"], request)
            )
    return places
