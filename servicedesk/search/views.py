"""The search page."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from servicedesk.forms import FilterForm
from servicedesk.people.requests import SignedInRequest
from servicedesk.search.searching import search


class SearchForm(FilterForm):
    """What is looked for."""

    q = forms.CharField(
        label="Search",
        max_length=200,
        required=False,
        help_text="Words, a reference, an asset tag or a serial number",
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )


@require_safe
def results(request: SignedInRequest) -> HttpResponse:
    """All that the person may see and that holds the words, kind by kind."""
    form = SearchForm(request.GET)
    asked = form.cleaned_data["q"] if form.is_valid() else ""
    shown = {"form": form, "asked": asked, "found": search(request.user, asked) if asked else []}
    return render(request, "search/results.html", shown, status=200 if form.is_valid() else 422)
