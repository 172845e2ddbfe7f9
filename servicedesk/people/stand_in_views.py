"""The page of who stands in for somebody: one's own, and for who administers a council that of each of its people."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from servicedesk.people.access import open_door
from servicedesk.people.models import Person, StandIn
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.row_forms import show
from servicedesk.people.stand_in_forms import StandInForm
from servicedesk.people.standing_in import (
    end_stand_in,
    may_name_stand_in,
    name_stand_in,
    stand_ins_of,
)


@require_http_methods(["GET", "HEAD", "POST"])
def stand_ins(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who decides in somebody's place, now or later; sent, another does."""
    person = _looked_after(request, pk)
    form = StandInForm(request.POST if request.method == "POST" else None, person=person)
    if form.is_valid():
        try:
            named = name_stand_in(person, by=request.user, **form.given())
            messages.success(request, f"{named.stand_in} decides in the place of {person}.")
            return redirect("people:stand_ins", pk)
        except ValidationError as error:
            show(form, error)
    shown = {"person": person, "form": form, "stand_ins": stand_ins_of(person)}
    return render(request, "people/stand_ins.html", shown, status=422 if form.is_bound else 200)


@require_POST
def end(request: SignedInRequest, pk: int, stand_in: int) -> HttpResponse:
    """Let somebody stand in no longer."""
    person = _looked_after(request, pk)
    row = open_door(request.user, StandIn.objects.filter(person=person), pk=stand_in)
    end_stand_in(row, by=request.user)
    messages.success(request, f"{row.stand_in} no longer decides in the place of {person}.")
    return redirect("people:stand_ins", pk)


def _looked_after(request: SignedInRequest, pk: int) -> Person:
    """The person, where one says who stands in for them; else it is as if there were nobody."""
    person = open_door(request.user, Person.objects, pk=pk)
    if not may_name_stand_in(request.user, person):
        raise Http404
    return person
