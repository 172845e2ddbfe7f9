"""Teams: who is in them, who is on duty when, and who is away."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from servicedesk.administration.duty_forms import DAYS, MemberAbsenceForm, MemberForm, RotaForm
from servicedesk.administration.questions import absences_in
from servicedesk.administration.views.nouns import deed, show
from servicedesk.people.access import councils_of, open_door
from servicedesk.people.duty import may_keep_rota, note_absence, on_duty, put_on_rota, take_off_rota
from servicedesk.people.grants import end, join_team
from servicedesk.people.happenings import happenings
from servicedesk.people.models import GrantRequest, Membership, Team
from servicedesk.people.organising import may_administer
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import PERMISSION_WORDS, Permission


@require_safe
def rotas(request: SignedInRequest) -> HttpResponse:
    """The teams whose rota one keeps, and who is on duty in each."""
    keeping = councils_of(request.user, Permission.ADMINISTER) | councils_of(
        request.user, Permission.MANAGE_QUEUE
    )
    if not keeping:
        raise PermissionDenied(f"You need the right to: {PERMISSION_WORDS[Permission.MANAGE_QUEUE].lower()}.")
    known = Team.objects.visible_to(request.user).on_offer().order_by("name")
    kept = [team for team in known.prefetch_related("councils") if may_keep_rota(request.user, team)]
    shown = {"teams": [(team, list(on_duty(team))) for team in kept]}
    return render(request, "administration/rotas.html", shown)


@require_safe
def team(request: SignedInRequest, pk: int) -> HttpResponse:
    """The members, rota and absences of a team."""
    return _page(request, _kept(request, pk))


@require_POST
def join(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put somebody into the team."""
    team = _kept(request, pk)
    form = MemberForm(request.POST, team=team, by=request.user)
    if form.is_valid():
        try:
            given = join_team(form.cleaned_data["person"], team, by=request.user, **form.span())
            messages.success(request, _said_of_place(given))
            return redirect("administration:rota", pk)
        except ValidationError as error:
            show(form, error)
    return _page(request, team, member_form=form)


@require_POST
def leave(request: SignedInRequest, pk: int, place: int) -> HttpResponse:
    """Take somebody out of the team, from the next click."""
    team = _kept(request, pk)
    held = team.memberships.filter(pk=place).first()
    if held is None:
        raise BadRequest("There is no such place.")
    return deed(request, _at(team), f"{held.person} is no longer in {team}.", end, held)


@require_POST
def roster(request: SignedInRequest, pk: int) -> HttpResponse:
    """Put a member on duty, each week."""
    team = _kept(request, pk)
    form = RotaForm(request.POST, team=team)
    if form.is_valid():
        try:
            put_on_rota(team=team, by=request.user, **form.cleaned_data)
            messages.success(request, "The rota is saved.")
            return redirect("administration:rota", pk)
        except ValidationError as error:
            show(form, error)
    return _page(request, team, rota_form=form)


@require_POST
def unroster(request: SignedInRequest, pk: int, slot: int) -> HttpResponse:
    """Take a slot out of the rota."""
    team = _kept(request, pk)
    held = team.rota.filter(pk=slot).first()
    if held is None:
        raise BadRequest("There is no such slot.")
    return deed(request, _at(team), "The slot is taken out of the rota.", take_off_rota, held)


@require_POST
def away(request: SignedInRequest, pk: int) -> HttpResponse:
    """Write down that a member is away."""
    team = _kept(request, pk)
    form = MemberAbsenceForm(request.POST, team=team)
    if form.is_valid():
        try:
            note_absence(by=request.user, **form.cleaned_data)
            messages.success(request, "The absence is noted.")
            return redirect("administration:rota", pk)
        except ValidationError as error:
            show(form, error)
    return _page(request, team, absence_form=form)


def _kept(request: SignedInRequest, pk: int) -> Team:
    team = open_door(request.user, Team.objects, pk=pk)
    if not may_keep_rota(request.user, team):
        raise PermissionDenied("You need the right to keep the rota of this team.")
    return team


def _said_of_place(given: Membership | GrantRequest) -> str:
    """What became of a place that was to be taken."""
    if isinstance(given, Membership):
        return f"{given.person} is in {given.team}."
    return f"Another administrator has to agree before {given.person} is in {given.team}."


def _at(team: Team) -> str:
    return reverse("administration:rota", args=[team.pk])


def _page(request: SignedInRequest, team: Team, **forms: Any) -> HttpResponse:
    """The page of a team, with the form that was refused."""
    places = list(team.memberships.select_related("person").order_by("person__display_name"))
    slots = list(team.rota.select_related("person"))
    asked = list(team.grant_requests.select_related("person", "team", "asked_by"))
    may_change = may_administer(request.user, team)
    shown = {
        "team": team,
        "councils": team.councils.all(),
        "places": [place for place in places if place.ends_at is None or place.ends_at > timezone.now()],
        "requests": [one for one in asked if one.decided_at is None],
        "week": [(DAYS[number], [slot for slot in slots if slot.weekday == number]) for number in range(7)],
        "absences": absences_in(team),
        "on_duty": on_duty(team),
        "may_change": may_change,
        "member_form": MemberForm(team=team, by=request.user),
        "rota_form": RotaForm(team=team),
        "absence_form": MemberAbsenceForm(team=team),
        "happenings": happenings(request.user, team, *places, *asked, *slots) if may_change else [],
        **forms,
    }
    return render(request, "administration/rota.html", shown, status=422 if forms else 200)
