"""Pages of saved views: saving a list as it is narrowed, and one view, which its owner may remove."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.lists.forms import SaveViewForm
from servicedesk.lists.models import SavedView
from servicedesk.lists.savable import savable_lists
from servicedesk.lists.saving import remove_view, save_view
from servicedesk.lists.showing import chosen
from servicedesk.people.access import open_door, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.row_forms import show


@require_http_methods(["GET", "HEAD", "POST"])
def save(request: SignedInRequest, code: str) -> HttpResponse:
    """Save a list as the address of this page narrows it."""
    listed = savable_lists().get(code)
    if listed is None:
        raise Http404
    require(request.user, listed.permission)
    form = SaveViewForm(request.POST if request.method == "POST" else None)
    shown = {"form": form, "listed": listed, "query": request.GET, "narrowing": []}
    status = 422 if form.is_bound else 200
    try:
        kept, filters = listed.narrowed(request.user, request.GET)
        shown["narrowing"] = [words for words, _ in chosen(filters.form, request.GET)]
        if form.is_valid():
            saved = save_view(listed, kept, by=request.user, **form.cleaned_data)
            messages.success(request, f"The view {saved} is saved")
            return redirect(saved.address)
    except ValidationError as error:
        if not form.is_bound:
            return redirect(f"{reverse(listed.route)}?{request.GET.urlencode()}")
        form.is_valid()
        show(form, error)
    return render(request, "lists/save.html", shown, status=status)


@require_safe
def view(request: SignedInRequest, pk: int) -> HttpResponse:
    """One saved view: whose it is, and how it narrows its list."""
    row = _opened(request, pk)
    try:
        kept, filters = row.savable.narrowed(request.user, row.query)
        narrowing = [words for words, _ in chosen(filters.form, request.GET)] if kept else []
    except ValidationError as error:  # it names what this reader may not know of, or what is no more
        narrowing = error.messages
    return render(
        request, "lists/view.html", {"view": row, "narrowing": narrowing, "own": row.owner == request.user}
    )


@require_POST
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep it no longer."""
    row = _opened(request, pk)
    remove_view(row, by=request.user)
    messages.success(request, f"The view {row} is removed")
    return redirect(row.savable.route)


def _opened(request: SignedInRequest, pk: int) -> SavedView:
    return open_door(request.user, SavedView.objects.select_related("owner", "council"), pk=pk)
