"""The pages that models, suppliers, contracts, circuits, lines and useful lives have alike."""

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assets.register.estate_nouns import LINE, NOUNS, Noun
from assets.register.keeping import STAYS
from assets.register.models import ANALOGUE_END, Line
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, capped_count, chosen, page_addresses
from servicedesk.people.access import may, open_door, require
from servicedesk.people.happenings import happenings
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import save, show


@require_safe
def listed(request: SignedInRequest, noun: Noun) -> HttpResponse:
    """Those that the person may see, narrowed."""
    person = request.user
    require(person, Permission.SEE_ASSETS)
    seen = noun.model.objects.visible_to(person)  # type: ignore[attr-defined]
    filters = noun.filters(request.GET, seen, request=request)
    found = filters.qs if filters.is_valid() else seen.none()
    page = keyset_page(found.select_related(*noun.related), noun.order, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "noun": noun,
        "nouns": NOUNS,
        "filters": filters,
        "chosen": chosen(filters.form, request.GET) if filters.is_valid() else [],
        "narrowing": {name: request.GET[name] for name in filters.filters if request.GET.get(name)},
        "rows": [(row, [value(row) for _, value in noun.columns]) for row in page.rows],
        "count": capped_count(found),
        "previous": previous,
        "next": following,
        "may_add": noun.form is not None and may(person, Permission.EDIT_ASSETS),
        "may_export": bool(noun.sheet) and may(person, Permission.EXPORT),
        "countdown": countdown(person) if noun is LINE else None,
    }
    return render(request, "register/estate_list.html", shown, status=200 if filters.is_valid() else 422)


@require_safe
def row(request: SignedInRequest, noun: Noun, pk: int) -> HttpResponse:
    """One of them: what is known of it, and what happened to it."""
    one: Any = open_door(request.user, noun.model.objects.select_related(*noun.related), pk=pk)  # type: ignore[attr-defined]
    shown = {
        "noun": noun,
        "row": one,
        "facts": noun.told(request.user, one),
        "may_change": noun.may_change(request.user, one),
        "happenings": happenings(request.user, one),
    }
    return render(request, "register/estate_row.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest, noun: Noun) -> HttpResponse:
    """Add one."""
    require(request.user, Permission.EDIT_ASSETS)
    form: Any = noun.form(request.POST if request.method == "POST" else None, by=request.user)  # type: ignore[misc]
    if form.is_valid():
        try:
            added = noun.add(form.made(), by=request.user)
            messages.success(request, f"{added} is added")
            return redirect(f"register:{noun.page}", added.pk)
        except ValidationError as error:
            show(form, error)
    shown = {"noun": noun, "form": form, "row": None, "disagreements": []}
    return render(request, "register/estate_form.html", shown, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, noun: Noun, pk: int) -> HttpResponse:
    """Change one."""
    one: Any = open_door(request.user, noun.model.objects, pk=pk)  # type: ignore[attr-defined]
    require(request.user, Permission.EDIT_ASSETS, None if noun.shared else one)
    if not noun.may_change(request.user, one):
        raise PermissionDenied(STAYS)
    form: Any = noun.form(request.POST if request.method == "POST" else None, by=request.user, instance=one)  # type: ignore[misc]
    saved, shown, status = save(form, noun.change)
    if saved:
        messages.success(request, f"{saved} is saved")
        return redirect(f"register:{noun.page}", pk)
    return render(request, "register/estate_form.html", {**shown, "noun": noun, "row": one}, status=status)


def countdown(person, councils: Collection[int] | None = None) -> dict[str, Any]:
    """How many analogue lines that the person may see are left, at all councils or at these, and for how long."""
    leaving = Line.objects.visible_to(person).must_go()
    if councils is not None:
        leaving = leaving.filter(council__in=councils)
    return {
        "left": leaving.count(),
        "critical": leaving.filter(critical=True).count(),
        "until": ANALOGUE_END,
        "days": (ANALOGUE_END - timezone.localdate()).days,
    }
