"""One way to show a form about an asset and to do what it says: with what was typed still there when it cannot be."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render

from assets.register.life_forms import DeedForm
from assets.register.lifecycle import MoveRefused
from assets.register.registering import StaleAsset
from servicedesk.history.editing import Stale
from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets.forms import add_errors

REFUSALS = (MoveRefused, StaleAsset, Stale)


def fill_in(
    request: SignedInRequest,
    form: DeedForm,
    do: Callable[..., str],
    *,
    title: str,
    back: tuple[str, str],
    current_version: Callable[[], int],
    template: str = "register/deed.html",
    **shown: Any,
) -> HttpResponse:
    """Show the form, or do what it says and go back.

    `do` takes what was given and the version that was read, and returns the sentence that says what was done; `back`
    is the words and the address of where one came from. What somebody did meanwhile answers 409, and sending again
    then is enough.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                messages.success(request, do(version=form.cleaned_data.get("version"), **form.given()))
                return redirect(back[1])
            except ValidationError as error:
                add_errors(form, error)
            except REFUSALS as refused:
                status = 409
                form.add_error(None, str(refused))
                form.data = form.data.copy()  # type: ignore[attr-defined]
                form.data["version"] = current_version()  # type: ignore[index]
    shown |= {"form": form, "title": title, "back": {"text": back[0], "href": back[1]}}
    return render(request, template, shown, status=status)
