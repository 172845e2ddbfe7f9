"""Where administration begins: its parts, each for whoever may do something there."""

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council, Team
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import PERMISSION_WORDS, Permission

SEES_SETTINGS = (Permission.SEE_SETTINGS,)
KEEPS_ROTAS = (Permission.ADMINISTER, Permission.MANAGE_QUEUE)


class Part(NamedTuple):
    """A part of administration: its name, the page that it begins with, a sentence, and what opens it."""

    label: str
    page: str
    sentence: str
    opened_by: tuple[Permission, ...] = (Permission.ADMINISTER,)


# Each page of a part stands in urls.py.
PARTS: tuple[Part, ...] = (
    Part(
        "People",
        "administration:people",
        "Who they are, which roles and teams they have, and until when",
        SEES_SETTINGS,
    ),
    Part(
        "Roles",
        "administration:grants",
        "Who has which role at your councils",
        SEES_SETTINGS,
    ),
    Part(
        "Teams", "administration:teams", "What teams and case groups there are, and which councils they serve"
    ),
    Part("Rotas", "administration:rotas", "Who is in which team, on duty when, and away", KEEPS_ROTAS),
    Part(
        "Services",
        "administration:services",
        "What people get help with, who answers for it, to whom it is offered",
    ),
    Part("Councils", "administration:councils", "Name, colour and telephone; add another council"),
    Part(
        "Agreements",
        "administration:agreements",
        "Which councils share the desk, jointly or as host and customer",
    ),
    Part("Sites", "administration:sites", "Where people and equipment are"),
    Part("Departments", "administration:departments", "The parts of your councils, and their cost centres"),
    Part("Calendars", "hours:calendars", "When the desk, its teams and its suppliers work", SEES_SETTINGS),
    Part(
        "Service levels",
        "hours:levels",
        "What is promised to whom, and what stops the clock",
        SEES_SETTINGS,
    ),
    Part("Unsent mail", "sending:messages", "Mail that did not go, and why"),
    Part("Webhooks", "sending:webhooks", "Other systems that are told what happens"),
)


@require_safe
def index(request: SignedInRequest) -> HttpResponse:
    """What the person looks after, and for which councils."""
    person = request.user
    parts = [
        {"label": part.label, "href": reverse(part.page), "sentence": part.sentence}
        for part in PARTS
        if any(may(person, permission) for permission in part.opened_by)
    ]
    if not parts:
        raise PermissionDenied(f"You need the right to: {PERMISSION_WORDS[Permission.ADMINISTER].lower()}.")
    administered = councils_of(person, Permission.ADMINISTER)
    councils = Council.objects.visible_to(person).filter(pk__in=administered)
    # A team that serves no council would make the list hold a NULL, and then no council were found not to be in it.
    in_house = Team.objects.on_offer().filter(kind=Team.Kind.IN_HOUSE, councils__isnull=False)
    shown = {
        "parts": parts,
        "councils": councils,
        "unanswered": councils.filter(archived_at=None).exclude(pk__in=in_house.values("councils")),
    }
    return render(request, "administration/index.html", shown)
