"""Pages on which holders confirm their kit, and on which those who asked them see who has answered."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets.register import own_kit
from assets.register.facts import what_it_is
from assets.register.models import Asset, KitAnswer, KitCheck
from assets.register.own_kit_forms import AskForm, NotMineForm
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import may, open_door, require
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket

COUNTED = {
    "of_all": Count("answers"),
    "of_have": Count("answers", filter=Q(answers__answer="have")),
    "of_have_not": Count("answers", filter=Q(answers__answer="have_not")),
    "of_waiting": Count("answers", filter=Q(answers__answer="")),
}
CHOICES = {"waiting": "", "have": "have", "have_not": "have_not"}


@require_POST
def confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    """I have this."""
    asset = _own(request, pk)
    own_kit.answer(asset, by=request.user, have=True)
    messages.success(request, f"Thank you. You have confirmed that you have {asset}")
    return redirect("portal:home")


@require_http_methods(["GET", "HEAD", "POST"])
def not_mine(request: SignedInRequest, pk: int) -> HttpResponse:
    """I do not have this: what I know of it, for whoever looks for it."""
    asset = _own(request, pk)
    require(request.user, Permission.RAISE_TICKET)
    form = NotMineForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = own_kit.answer(asset, by=request.user, have=False, note=form.cleaned_data["note"])
        messages.success(request, f"Thank you. We will look into it: your request is {said.ticket}")
        return redirect("portal:home")
    shown = {"asset": asset, "what_it_is": what_it_is(asset), "form": form}
    return render(request, "register/not_mine.html", shown, status=422 if form.is_bound else 200)


def _own(request: SignedInRequest, pk: int) -> Asset:
    """What the person holds; anything else is not there for these pages."""
    seen = Asset.objects.held_by(request.user).select_related("model", "manufacturer")
    return open_door(request.user, seen, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def kit_checks(request: SignedInRequest) -> HttpResponse:
    """Whom the registers' keepers have asked, how many have answered, and a way to ask."""
    person = request.user
    require(person, Permission.EDIT_ASSETS if request.method == "POST" else Permission.SEE_ASSETS)
    form = AskForm(request.POST if request.method == "POST" else None, by=person)
    if form.is_valid():
        given = form.cleaned_data
        place = given["site"] or given["department"]
        try:
            asked = own_kit.ask(by=person, council=place.council, **given)
            messages.success(request, f"The people of {asked} are asked by e-mail and on their first screen")
            return redirect("register:kit_check", asked.pk)
        except ValidationError as error:
            form.add_error(None, error)
    rows = KitCheck.objects.visible_to(person).select_related(*own_kit.SHOWN).annotate(**COUNTED)
    page = keyset_page(rows, ("-asked_at", "-id"), request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown = {
        "form": form if may(person, Permission.EDIT_ASSETS) else None,
        "checks": page.rows,
        "previous": previous,
        "next": following,
    }
    return render(request, "register/kit_checks.html", shown, status=422 if form.is_bound else 200)


@require_safe
def kit_check(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who has answered what, and who has not."""
    check = _opened(request, pk)
    wanted = request.GET.get("answer", "")
    rows = check.answers.select_related("asset__model", "asset__manufacturer", "person", "ticket")
    if wanted in CHOICES:
        rows = rows.filter(answer=CHOICES[wanted])
    page = keyset_page(rows, ("id", "id"), request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    shown: dict[str, Any] = {
        "check": check,
        "numbers": {name: getattr(check, f"of_{name}") for name in ("all", *CHOICES)},
        "answers": page.rows,
        "wanted": wanted,
        "tickets": _tickets_seen(request, page.rows),
        "may_end": check.ended_at is None and may(request.user, Permission.EDIT_ASSETS, check.council_id),
        "previous": previous,
        "next": following,
    }
    return render(request, "register/kit_check.html", shown)


@require_POST
def end_kit_check(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask and remind no more."""
    check = _opened(request, pk)
    require(request.user, Permission.EDIT_ASSETS, check)
    own_kit.end(check, by=request.user)
    messages.success(request, "Nobody is asked or reminded any more")
    return redirect("register:kit_check", check.pk)


def _opened(request: SignedInRequest, pk: int) -> KitCheck:
    return open_door(request.user, KitCheck.objects.select_related(*own_kit.SHOWN).annotate(**COUNTED), pk=pk)


def _tickets_seen(request: SignedInRequest, answers: list[KitAnswer]) -> set[int]:
    """The requests of these answers that the person may know of."""
    keys = [answer.ticket_id for answer in answers if answer.ticket_id]
    return set(Ticket.objects.visible_to(request.user).filter(pk__in=keys).values_list("pk", flat=True))
