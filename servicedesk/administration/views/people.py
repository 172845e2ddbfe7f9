"""People: finding and inviting them, what is known of them, their roles, absences and accounts."""

from functools import partial
from itertools import chain
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.administration.duty_forms import AbsenceForm, RoleForm
from servicedesk.administration.forms import PersonForm, of_councils
from servicedesk.administration.inviting import invite_by_letter, send_again
from servicedesk.administration.questions import belonging_to
from servicedesk.administration.views.nouns import administered, deed, save, show, version_sent
from servicedesk.history.merging import save_beside
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, capped_count, page_addresses
from servicedesk.people.access import councils_of, may, open_door, require
from servicedesk.people.duty import cancel_absence, note_absence
from servicedesk.people.grants import end, give_role
from servicedesk.people.happenings import happenings, happenings_to_each
from servicedesk.people.inviting import change_person
from servicedesk.people.leaving import switch_off, switch_on
from servicedesk.people.models import Grant, Person, Team
from servicedesk.people.organising import may_administer
from servicedesk.people.querysets import in_force
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import said_of

ORDER = ("display_name", "id")
LETTER_SENT = "A letter with a link to choose a password is on its way to {}."


@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    """The people of one's councils, found by part of a name, an address or a job; to be read alone by who audits."""
    require(request.user, Permission.SEE_SETTINGS)
    text = request.GET.get("q", "").strip().replace("\0", "")
    off = request.GET.get("off") == "yes"
    known = Person.objects.visible_to(request.user).filter(
        council__in=councils_of(request.user, Permission.SEE_SETTINGS), is_active=not off
    )
    words = Q(display_name__icontains=text) | Q(email__icontains=text) | Q(job_title__icontains=text)
    rows = known.filter(words) if text else known
    page = keyset_page(rows.select_related("council", "department"), ORDER, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "people": page.rows,
        "text": text,
        "off": off,
        "administers": may(request.user, Permission.ADMINISTER),
        "administered": councils_of(request.user, Permission.ADMINISTER),
        "count": capped_count(rows),
        "previous": previous,
        "next": following,
    }
    return render(request, "administration/people.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: SignedInRequest) -> HttpResponse:
    """Invite somebody to one of one's councils: first which, where there are several, then who."""
    require(request.user, Permission.ADMINISTER)
    councils = list(of_councils(request.user))
    chosen = (
        [one for one in councils if one.code == request.GET.get("council")] or councils[1:] and [] or councils
    )
    if len(chosen) != 1:
        return render(request, "administration/which_council.html", {"councils": councils})
    form = PersonForm(
        request.POST if request.method == "POST" else None,
        by=request.user,
        instance=Person(council=chosen[0]),
    )
    if form.is_valid():
        try:
            person = invite_by_letter(form.made(), by=request.user)
            messages.success(request, _said_of(person))
            return redirect("administration:person", person.pk)
        except ValidationError as error:
            show(form, error)
    shown = {"form": form, "council": chosen[0]}
    return render(request, "administration/invite.html", shown, status=422 if form.is_bound else 200)


@require_safe
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """All that an administrator knows of somebody, and may do; who audits reads what is no private matter of theirs."""
    known = open_door(request.user, Person.objects, pk=pk)
    if may_administer(request.user, known):
        return _page(request, known)
    require(request.user, Permission.SEE_SETTINGS, known.council)
    return _read_alone(request, known)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change what is known of somebody."""
    known = administered(request, Person, pk)
    form = PersonForm(request.POST if request.method == "POST" else None, by=request.user, instance=known)
    saved, shown, status = save(form, partial(save_beside, change_person))
    if saved:
        messages.success(request, said_of(saved))
        return redirect("administration:person", pk)
    return render(request, "administration/edit_person.html", {**shown, "person": known}, status=status)


@require_POST
def give(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give somebody a role."""
    known = administered(request, Person, pk)
    form = RoleForm(request.POST, by=request.user, council=known.council)
    if form.is_valid():
        try:
            role, council = form.cleaned_data["role"], form.cleaned_data["council"]
            given = give_role(known, role, council, by=request.user, **form.span())
            messages.success(request, said_of_role(given))
            return redirect("administration:person", pk)
        except ValidationError as error:
            show(form, error)
    return _page(request, known, role_form=form)


@require_POST
def take_away(request: SignedInRequest, pk: int, grant: int) -> HttpResponse:
    """Take a role away, from the next click."""
    known = administered(request, Person, pk)
    held = known.grants.filter(pk=grant).first()
    if held is None:
        raise BadRequest("There is no such role.")
    done = f"{known} is no longer {held.get_role_display().lower()} at {held.council}."
    return deed(request, _at(known), done, end, held)


@require_POST
def away(request: SignedInRequest, pk: int) -> HttpResponse:
    """Write down that somebody is away."""
    known = administered(request, Person, pk)
    form = AbsenceForm(request.POST)
    if form.is_valid():
        try:
            note_absence(known, by=request.user, **form.cleaned_data)
            messages.success(request, "The absence is noted.")
            return redirect("administration:person", pk)
        except ValidationError as error:
            show(form, error)
    return _page(request, known, absence_form=form)


@require_POST
def back(request: SignedInRequest, pk: int, absence: int) -> HttpResponse:
    """Say that somebody is not away after all."""
    known = administered(request, Person, pk)
    noted = known.absences.filter(pk=absence).first()
    if noted is None:
        raise BadRequest("There is no such absence.")
    return deed(request, _at(known), "The absence is cancelled.", cancel_absence, noted)


@require_POST
def off(request: SignedInRequest, pk: int) -> HttpResponse:
    """Close an account at once."""
    known = administered(request, Person, pk)
    done = f"The account of {known} is switched off."
    return deed(request, _at(known), done, switch_off, known, version=version_sent(request))


@require_POST
def on(request: SignedInRequest, pk: int) -> HttpResponse:
    """Open an account again."""
    known = administered(request, Person, pk)
    done = f"The account of {known} is switched on."
    return deed(request, _at(known), done, switch_on, known, version=version_sent(request))


@require_POST
def again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Send the letter of an invitation once more."""
    known = administered(request, Person, pk)
    return deed(request, _at(known), LETTER_SENT.format(known.email), send_again, known)


def said_of_role(given: Any) -> str:
    """What became of a role that was to be given."""
    if isinstance(given, Grant):
        return f"{given.person} is {given.get_role_display().lower()} at {given.council}."
    return f"Another administrator of {given.council} has to agree before {given.person} has this role."


def _said_of(person: Person) -> str:
    return f"{person} is added. " + (LETTER_SENT.format(person.email) if person.email else "")


def _at(person: Person) -> str:
    return reverse("administration:person", args=[person.pk])


def _read_alone(request: SignedInRequest, person: Person) -> HttpResponse:
    """Who somebody is, as every colleague is told, and what they may do, without a form: no absence, no place in a case
    group that the reader does not know of, and of history what was done about roles and teams."""
    read = councils_of(request.user, Permission.SEE_SETTINGS)
    grants = list(
        person.grants.filter(council__in=read).select_related("council", "granted_by").order_by("-starts_at")
    )
    teams = Team.objects.visible_to(request.user).values("pk")
    places = list(person.memberships.filter(team__in=teams).select_related("team").order_by("-starts_at"))
    current = set(person.grants.filter(in_force()).values_list("pk", flat=True))
    shown = {
        "person": person,
        "grants": [(grant, grant.pk in current) for grant in grants],
        "places": [place for place in places if place.ends_at is None],
        "happenings": happenings_to_each(request.user, *grants, *places),
    }
    return render(request, "administration/person_read.html", shown)


def _page(request: SignedInRequest, person: Person, **forms: Any) -> HttpResponse:
    """The page of somebody, with the form that was refused."""
    theirs = belonging_to(person, request.user)
    current = set(person.grants.filter(in_force()).values_list("pk", flat=True))
    shown = {
        "person": person,
        "grants": [(grant, grant.pk in current) for grant in theirs.grants],
        "requests": [one for one in theirs.asked if one.decided_at is None],
        "places": [place for place in theirs.places if place.ends_at is None],
        "absences": theirs.absences,
        "oneself": person.pk == request.user.pk,
        "role_form": RoleForm(by=request.user, council=person.council),
        "absence_form": AbsenceForm(),
        "happenings": happenings(request.user, person, *chain(*theirs)),
        **forms,
    }
    return render(request, "administration/person.html", shown, status=422 if forms else 200)
