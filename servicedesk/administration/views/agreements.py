"""Agreements between councils: who shares the desk with whom, which services it brings, and which promises."""

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.administration.duty_forms import AgreementForm, EndForm
from servicedesk.administration.questions import levels_of, services_of
from servicedesk.administration.views.nouns import conflict, deed, show
from servicedesk.history.editing import Stale
from servicedesk.people.access import councils_of, open_door, require
from servicedesk.people.agreements import agree_for, end_agreement, propose, to_answer
from servicedesk.people.happenings import happenings
from servicedesk.people.models import Agreement
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.service_levels import keeping
from servicedesk.service_levels.promises import customers_of


@require_safe
def agreements(request: SignedInRequest) -> HttpResponse:
    """All agreements. Who shares the desk is no secret among those who administer a council."""
    require(request.user, Permission.ADMINISTER)
    rows = Agreement.objects.visible_to(request.user).select_related("provider")
    rows = rows.prefetch_related("councils", "awaiting").order_by("name")
    shown = {"agreements": [(row, standing(row)) for row in rows]}
    return render(request, "administration/agreements.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Propose an agreement."""
    require(request.user, Permission.ADMINISTER)
    form = AgreementForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = propose(form.made(), form.cleaned_data["councils"], by=request.user)
            messages.success(request, f"{made} is written down. {standing(made)}.")
            return redirect("administration:agreement", made.pk)
        except ValidationError as error:
            show(form, error)
    return render(
        request, "administration/new_agreement.html", {"form": form}, status=422 if form.is_bound else 200
    )


@require_safe
def agreement(request: SignedInRequest, pk: int) -> HttpResponse:
    """One agreement: who takes part, what it brings, what was promised, what happened to it."""
    return _page(request, open_door(request.user, Agreement.objects, pk=pk), None)


@require_POST
def agree(request: SignedInRequest, pk: int, council: int) -> HttpResponse:
    """Agree to it for one's council."""
    row = open_door(request.user, Agreement.objects, pk=pk)
    awaited = row.awaiting.filter(pk=council).first()
    if awaited is None:
        raise BadRequest("The agreement does not await this council.")
    return deed(request, _at(row), f"{awaited} has agreed.", agree_for, row, awaited)


@require_POST
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """End it, now or with a day, or decline it."""
    row = open_door(request.user, Agreement.objects, pk=pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    try:
        ended = end_agreement(row, by=request.user, version=form.cleaned_data["version"], at=form.at())
        messages.success(request, f"{ended}: {standing(ended).lower()}.")
    except Stale as stale:
        return conflict(request, str(stale), _at(row))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(_at(row))


def standing(agreement: Agreement) -> str:
    """How an agreement stands, in words."""
    now = timezone.now()
    if agreement.ends_at and agreement.ends_at <= now:
        return "Ended"
    if awaited := agreement.awaiting.all():
        return f"Waits for {', '.join(str(council) for council in awaited)}"
    return "In force" if agreement.starts_at <= now else "Agreed, not begun"


def _at(agreement: Agreement) -> str:
    return reverse("administration:agreement", args=[agreement.pk])


def _page(request: SignedInRequest, row: Agreement, form: EndForm | None) -> HttpResponse:
    """The page of an agreement, with the form that was refused."""
    administered = councils_of(request.user, Permission.ADMINISTER)
    parties, customers = row.councils.all(), customers_of(row)
    shown = {
        "agreement": row,
        "standing": standing(row),
        "parties": [(council, council in row.awaiting.all()) for council in parties],
        "to_answer": to_answer(row, request.user) if standing(row) != "Ended" else (),
        "services": services_of(row),
        "levels": levels_of(row),
        "customers": customers,
        "may_add": keeping.may_keep(request.user, keeping.councils_promised(None, row)),
        "who_sets": keeping.OF_ALL_WHO_AGREED,
        "reports": customers.filter(pk__in=councils_of(request.user, Permission.SEE_REPORTS)),
        "may_end": standing(row) != "Ended" and parties.filter(pk__in=administered).exists(),
        "form": form or EndForm(initial={"version": row.version}),
        "happenings": happenings(request.user, row, *row.service_levels.all()),
    }
    return render(request, "administration/agreement.html", shown, status=422 if form else 200)
