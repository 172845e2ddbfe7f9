"""The pages that councils, sites, departments, teams and services have alike."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.administration.nouns import Noun
from servicedesk.history.editing import Stale
from servicedesk.history.merging import save_beside
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, capped_count, page_addresses
from servicedesk.people.access import open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.organising import BESIDE_OTHERS, may_administer
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import said_of, save, show

ORDER = ("name", "id")


@require_safe
def listed(request: SignedInRequest, noun: Noun) -> HttpResponse:
    """Those that the person looks after: what is on offer, or what is archived."""
    require(request.user, Permission.ADMINISTER)
    archived = request.GET.get("archived") == "yes"
    text = request.GET.get("q", "").strip().replace("\0", "")
    rows = noun.administered_by(request.user).filter(archived_at__isnull=not archived, name__icontains=text)
    page = keyset_page(rows, ORDER, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "noun": noun,
        "text": text,
        "archived": archived,
        "rows": [(row, [value(row) for _, value in noun.columns]) for row in page.rows],
        "count": capped_count(rows),
        "previous": previous,
        "next": following,
    }
    return render(request, "administration/list.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest, noun: Noun) -> HttpResponse:
    """Add one."""
    require(request.user, Permission.ADMINISTER)
    form = noun.form(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_valid():
        try:
            row = noun.add(form.made(), by=request.user, **form.links())
            if row.archived_at:
                messages.success(
                    request, f"{row} is asked for. It is added once another administrator agrees"
                )
                return redirect("administration:grants")
            messages.success(request, f"{row} is added")
            return redirect(f"administration:{noun.page}", row.pk)
        except ValidationError as error:
            show(form, error)
    shown = {"noun": noun, "form": form}
    return render(request, "administration/new.html", shown, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, noun: Noun, pk: int) -> HttpResponse:
    """One of them, to be changed, and what happened to it."""
    row = administered(request, noun.model, pk)
    form = noun.form(request.POST if request.method == "POST" else None, by=request.user, instance=row)
    saved, shown, status = save(form, partial(save_beside, noun.change))
    if saved:
        messages.success(request, said_of(saved))
        return redirect(f"administration:{noun.page}", pk)
    shown |= {"noun": noun, "row": row, "happenings": happenings(request.user, row)}
    return render(request, "administration/edit.html", shown, status=status)


@require_POST
def archive(request: SignedInRequest, noun: Noun, pk: int) -> HttpResponse:
    """Offer it no longer."""
    row = administered(request, noun.model, pk)
    done = f"{row} is archived. It is no longer offered."
    return deed(request, _page(noun, pk), done, noun.archive, row, version=version_sent(request))


@require_POST
def bring_back(request: SignedInRequest, noun: Noun, pk: int) -> HttpResponse:
    """Offer it again."""
    row = administered(request, noun.model, pk)
    done = f"{row} is offered again."
    return deed(request, _page(noun, pk), done, noun.bring_back, row, version=version_sent(request))


def administered(request: SignedInRequest, model: type[Model], pk: int) -> Any:
    """The row, for who looks after it: 404 for who may not see it, 403 for who sees it and does not."""
    row = open_door(request.user, model.objects, pk=pk)  # type: ignore[attr-defined]
    require(request.user, Permission.ADMINISTER)
    if not may_administer(request.user, row):
        raise PermissionDenied(BESIDE_OTHERS)
    return row


def deed(
    request: SignedInRequest, back: str, done: str, do: Callable, *given: Any, **more: Any
) -> HttpResponse:
    """Do something, and say so, or why not; then show the page again."""
    try:
        do(*given, by=request.user, **more)
        messages.success(request, done)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except Stale as stale:
        return conflict(request, str(stale), back)
    return redirect(back)


def conflict(request: HttpRequest, reason: str, back: str) -> HttpResponse:
    """What was to be done, was not: somebody was quicker."""
    return render(request, "409.html", {"reason": reason, "back": back}, status=409)


def _page(noun: Noun, pk: int) -> str:
    return reverse(f"administration:{noun.page}", args=[pk])


def version_sent(request: HttpRequest) -> int:
    """The version that the page was read at: 0, which no row has, where it is none."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
