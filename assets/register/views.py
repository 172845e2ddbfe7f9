"""Pages of the register."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets.register.facts import facts_of, what_it_is
from assets.register.filters import AssetFilters
from assets.register.forms import AssetForm, LinkForm, NewAssetForm
from assets.register.history import changes_of, lines
from assets.register.impact import impact_shown
from assets.register.life_panels import life_of
from assets.register.models import Asset
from assets.register.panels import panels_of
from assets.register.registering import (
    StaleAsset,
    change_asset,
    fresh,
    link_ticket,
    register_asset,
    unlink_ticket,
)
from assets.register.together_forms import key_of
from assets.register.together_views import found_many
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.models import SavedView
from servicedesk.lists.showing import CURSOR, address, capped_count, chosen, page_addresses
from servicedesk.people.access import councils_of, may, open_door, require
from servicedesk.people.models import Council
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import How, Ticket
from servicedesk.tickets.sight import open_ticket, write_down_titles

ORDER = ("asset_tag", "id")
MOST_TICKETS = 100
SHOWN = ("council", "manufacturer", "model", "holder", "site")
COLUMNS = (
    "asset_tag",
    "serial_number",
    "hostname",
    "category",
    "state",
    "warranty_end",
    "lease_end",
    "vendor_end_of_support",
    "version",
    "council__code",
    "manufacturer__name",
    "model__name",
    "model__end_of_support",
    "holder__display_name",
    "site__name",
)


@require_safe
def assets(request: SignedInRequest) -> HttpResponse:
    """The register, as far as the person may see it."""
    person = request.user
    seen = Asset.objects.visible_to(person)
    filters = AssetFilters(request.GET, seen, request=request)
    found = filters.qs if filters.is_valid() else seen.none()
    rows = found.with_cost_for(person).select_related(*SHOWN).only(*COLUMNS)
    page = keyset_page(rows, ORDER, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    words = chosen(filters.form, request.GET)
    shown = {
        "filters": filters,
        "chosen": words,
        "views": SavedView.objects.visible_to(person).of_list("assets"),
        "to_save": address(request.GET, **{CURSOR: ""}) if filters.is_valid() and words else "",
        "narrowing": {name: request.GET[name] for name in filters.filters if request.GET.get(name)},
        "assets": page.rows,
        "count": capped_count(found),
        "previous": previous,
        "next": following,
        "may_filter": may(person, Permission.SEE_ASSETS),
        "sees_money": may(person, Permission.SEE_ASSET_MONEY),
        "may_export": may(person, Permission.EXPORT),
        "may_register": may(person, Permission.EDIT_ASSETS),
        "may_move": may(person, Permission.MOVE_ASSETS),
        "key_of": key_of,
    }
    return render(request, "register/assets.html", shown, status=200 if filters.is_valid() else 422)


@require_safe
def find(request: SignedInRequest) -> HttpResponse:
    """To the one asset with this tag or serial number; to a choice of several; else to what its words find.

    Several lines are sorted out: what was found, what matches more than one, and what was not found.
    """
    text = request.GET.get("q", "").strip()
    if len(names := text.split("\n")) > 1:
        return found_many(request, names)
    named = Asset.objects.visible_to(request.user).named(text).select_related(*SHOWN).order_by(*ORDER)[:50]
    if len(named) == 1:
        return redirect("register:asset", named[0].pk)
    if named:
        return render(request, "register/found.html", {"text": text, "assets": named})
    return redirect(f"{reverse('register:assets')}?{urlencode({'q': text})}")


@require_safe
def asset(request: SignedInRequest, pk: int) -> HttpResponse:
    """All that the person may know of one asset."""
    person = request.user
    asset = fresh(open_door(person, Asset.objects, pk=pk))
    told = Ticket.objects.visible_to(person).filter(service_records__asset=asset)
    tickets = list(told.order_by("-id")[:MOST_TICKETS])
    write_down_titles(person, tickets, How.LIST)
    shown = {
        "asset": asset,
        "what_it_is": what_it_is(asset),
        "facts": facts_of(person, asset),
        "tickets": tickets,
        "changes": [(change, lines(change)) for change in changes_of(person, asset)],
        "sees_history": may(person, Permission.SEE_ASSETS, asset.council_id),
        "may_edit": may(person, Permission.EDIT_ASSETS, asset.council_id),
        "impact": impact_shown(person, asset),
        "may_report": may(person, Permission.RAISE_TICKET),
        "life": life_of(person, asset),
        "panels": panels_of(request, asset),
    }
    return render(request, "register/asset.html", shown)


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Correct what the register says of an asset."""
    asset = fresh(open_door(request.user, Asset.objects, pk=pk))
    require(request.user, Permission.EDIT_ASSETS, asset)
    shown: dict = {"name": str(asset), "pk": pk, "disagreements": [], "form": AssetForm(instance=asset)}
    if request.method != "POST":
        return render(request, "register/edit.html", shown)
    form = shown["form"] = AssetForm(request.POST, instance=asset)
    status = 422
    if form.is_valid():
        try:
            changed = change_asset(asset, by=request.user, **form.cleaned_data)
            messages.success(request, f"{changed} is saved")
            return redirect("register:asset", pk)
        except StaleAsset as stale:
            shown["disagreements"], status = form.read_again(stale.asset), 409
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "register/edit.html", shown, status=status)


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """Put an asset of one of the person's councils into the register."""
    require(request.user, Permission.EDIT_ASSETS)
    councils = Council.objects.visible_to(request.user).filter(
        pk__in=councils_of(request.user, Permission.EDIT_ASSETS)
    )
    chosen_one = [council for council in councils if council.code == request.GET.get("council")]
    if len(councils) > 1 and not chosen_one:
        return render(request, "register/which_council.html", {"councils": councils})
    asset = Asset(council=(chosen_one or list(councils))[0])
    form = NewAssetForm(request.POST if request.method == "POST" else None, instance=asset)
    if form.is_valid():
        try:
            register_asset(form.instance, by=request.user)
            messages.success(request, f"{asset} is in the register")
            return redirect("register:asset", asset.pk)
        except ValidationError as error:
            form.add_error(None, error)
    shown = {"form": form, "council": asset.council}
    return render(request, "register/new.html", shown, status=422 if form.is_bound else 200)


@require_POST
def link(request: SignedInRequest, reference: str) -> HttpResponse:
    """Say that a ticket is about the asset whose tag or serial number was typed."""
    ticket = open_ticket(request.user, reference, How.PAGE)
    form = LinkForm(request.POST, person=request.user, ticket=ticket)
    if form.is_valid():
        asset = form.cleaned_data["asset"]
        link_ticket(asset, ticket, by=request.user)
        messages.success(request, f"{ticket} is about {asset}")
    else:
        messages.error(request, str(form.errors["asset"][0]))
    return redirect("tickets:ticket", ticket.reference)


@require_POST
def unlink(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Say that a ticket is not about an asset after all."""
    ticket = open_ticket(request.user, reference, How.PAGE)
    asset = open_door(request.user, Asset.objects, pk=pk)
    unlink_ticket(asset, ticket, by=request.user)
    messages.success(request, f"{ticket} is not about {asset} any more")
    return redirect("tickets:ticket", ticket.reference)
