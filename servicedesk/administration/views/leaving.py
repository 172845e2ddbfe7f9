"""The page of somebody who leaves: their last day, and all that they have in hand."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from servicedesk.administration.duty_forms import LastDayForm
from servicedesk.administration.leaving import in_hand
from servicedesk.administration.views.nouns import administered, show
from servicedesk.history.editing import Stale
from servicedesk.people.leaving import set_last_day
from servicedesk.people.models import Person
from servicedesk.people.requests import SignedInRequest
from servicedesk.wording import day


@require_http_methods(["GET", "HEAD", "POST"])
def leaving(request: SignedInRequest, pk: int) -> HttpResponse:
    """Set the last day of somebody, having seen what they hold and do."""
    person = administered(request, Person, pk)
    status, conflict = 200, ""
    form = LastDayForm(initial={"employed_to": person.employed_to, "version": person.version})
    if request.method == "POST":
        form, status = LastDayForm(request.POST), 422
        if form.is_valid():
            try:
                saved = set_last_day(
                    person,
                    form.cleaned_data["employed_to"],
                    by=request.user,
                    version=form.cleaned_data["version"],
                )
                messages.success(request, _said(saved))
                return redirect("administration:leaving", pk)
            except Stale as stale:
                status, conflict = 409, _differs(stale.row)
                form.data = {**request.POST.dict(), "version": str(stale.row.version)}
            except ValidationError as error:
                show(form, error)
    shown = {"person": person, "form": form, "hand": in_hand(person, by=request.user), "conflict": conflict}
    return render(request, "administration/leaving.html", shown, status=status)


def _said(person: Person) -> str:
    if person.employed_to is None:
        return f"{person} has no last day."
    return f"The last day of {person} is {day(person.employed_to)}. At the end of it the account is switched off."


def _differs(now: Person) -> str:
    last = f"the last day is {day(now.employed_to)}" if now.employed_to else "there is no last day"
    return f"{now} was changed while you were looking: now {last}. Nothing of yours was saved. Save again to change it."
