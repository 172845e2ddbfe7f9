"""The page where a person chooses what to be told of."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from servicedesk.notifications.events import events_for
from servicedesk.notifications.forms import PreferencesForm
from servicedesk.notifications.preferences import choose, wants
from servicedesk.people.requests import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: SignedInRequest) -> HttpResponse:
    """Of what I am told by email."""
    events = events_for(request.user)
    optional = {name: event for name, event in events.items() if event.optional}
    always = [event.words for event in events.values() if not event.optional]
    wanted = [name for name, value in wants(request.user).items() if value]
    form = PreferencesForm(
        optional, request.POST if request.method == "POST" else None, initial={"wanted": wanted}
    )
    if form.is_valid():
        choose(request.user, {name: name in form.cleaned_data["wanted"] for name in optional})
        messages.success(request, "Your choice is saved.")
        return redirect("notifications:preferences")
    shown = {"form": form, "always": always}
    return render(request, "notifications/preferences.html", shown, status=422 if form.is_bound else 200)
