"""Where administration begins: its parts, each for whoever may do something there."""

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import PERMISSION_WORDS, Permission

KEEPS_ROTAS = (Permission.ADMINISTER, Permission.MANAGE_QUEUE)


class Part(NamedTuple):
    """A part of administration: its name, the page that it begins with, a sentence, and what opens it."""

    label: str
    page: str
    sentence: str
    opened_by: tuple[Permission, ...] = (Permission.ADMINISTER,)


# Each page of a part stands in urls.py.
PARTS: tuple[Part, ...] = ()


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
    return render(request, "administration/index.html", {"parts": parts, "councils": councils})
