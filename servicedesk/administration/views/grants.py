"""Roles at one's councils: who has which, what waits for a second administrator, and roles by address."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from servicedesk.administration.duty_forms import RoleByEmailForm
from servicedesk.administration.questions import (
    grants_at_councils_of,
    grants_in_force,
    requests_at_councils_of,
)
from servicedesk.administration.views.nouns import deed, show
from servicedesk.administration.views.people import said_of_role
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import councils_of, may, require
from servicedesk.people.grants import agree, alone_from, end, give_role, may_decide, refuse, withdraw
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import ROLE_CHOICES, Permission

DECISIONS = {
    "agree": (agree, "Agreed: {}."),
    "refuse": (refuse, "Refused: {}."),
    "withdraw": (withdraw, "No longer asked for: {}."),
}


@require_safe
def grants(request: SignedInRequest) -> HttpResponse:
    """The roles in force at one's councils, and what waits; to be read alone by who does not administer them."""
    require(request.user, Permission.SEE_SETTINGS)
    return _page(request)


@require_POST
def give(request: SignedInRequest) -> HttpResponse:
    """Give a role to somebody whose address one knows."""
    require(request.user, Permission.ADMINISTER)
    form = RoleByEmailForm(request.POST, by=request.user)
    if form.is_valid():
        try:
            person, role, council = (form.cleaned_data[name] for name in ("email", "role", "council"))
            given = give_role(person, role, council, by=request.user, **form.span())
            messages.success(request, said_of_role(given))
            return redirect("administration:grants")
        except ValidationError as error:
            show(form, error)
    return _page(request, form=form)


@require_POST
def take_away(request: SignedInRequest, pk: int) -> HttpResponse:
    """Take a role at one of one's councils away, whoever's it is."""
    held = _one(request, grants_at_councils_of(request.user), pk)
    done = f"{held.person} is no longer {held.get_role_display().lower()} at {held.council}."
    return deed(request, reverse("administration:grants"), done, end, held)


@require_POST
def decide(request: SignedInRequest, pk: int, decision: str) -> HttpResponse:
    """Agree to what another administrator asked for, refuse it, or withdraw what one asked for oneself."""
    asked = _one(request, requests_at_councils_of(request.user), pk)
    do, done = DECISIONS[decision]
    administers = may(request.user, Permission.ADMINISTER)
    there = reverse("administration:grants" if administers else "portal:cards")
    return deed(request, there, done.format(asked), do, asked)


def _one(request: SignedInRequest, rows: QuerySet, pk: int) -> Any:
    found = rows.filter(pk=pk).first()
    if found is None:
        require(request.user, Permission.ADMINISTER)
        raise BadRequest("There is nothing of this kind at your councils, or it was decided already.")
    return found


def _page(request: SignedInRequest, form: RoleByEmailForm | None = None) -> HttpResponse:
    """The page, with the form that was refused."""
    role = request.GET.get("role", "")
    page = keyset_page(grants_in_force(request.user, role), ("id", "id"), request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    waiting = requests_at_councils_of(request.user).prefetch_related("team__councils")
    shown = {
        "administered": councils_of(request.user, Permission.ADMINISTER),
        "grants": page.rows,
        "role": role,
        "roles": ROLE_CHOICES,
        "previous": previous,
        "next": following,
        "requests": [(asked, may_decide(asked, request.user), alone_from(asked)) for asked in waiting],
        "now": timezone.now(),
        "form": form or RoleByEmailForm(by=request.user),
    }
    return render(request, "administration/grants.html", shown, status=422 if form else 200)
