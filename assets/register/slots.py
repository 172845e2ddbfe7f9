"""What the register puts into the pages of the desk, and into who sees which ticket."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from assets.register import custody
from assets.register.dealings import to_answer, write_offs_to_answer
from assets.register.facts import what_it_is
from assets.register.filters import asset_filters
from assets.register.finding import AT_ONCE, SEARCHED, index_again
from assets.register.forms import LinkForm
from assets.register.lifecycle import TERMINAL, AssetState
from assets.register.models import Asset, Custody, Disposal, Loan, Sanitisation, ServiceRecord
from assets.register.registering import link_raised
from servicedesk import bulk
from servicedesk.history.recording import change_set
from servicedesk.history.taking_back import Undoable
from servicedesk.lists.savable import Savable
from servicedesk.people.access import councils_of, may
from servicedesk.people.holders import holders_of
from servicedesk.people.models import Person
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.search.later import forget
from servicedesk.search.searching import Source
from servicedesk.tickets.grounds import OWN_COUNCIL, SHARED, Ground, Holds
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.rights import may_work

SHOWN = ("council", "model", "manufacturer", "holder", "site")
SHORTEST_BEGINNING, MOST_HOLDERS, MOST_ASKED = 3, 20, 10
# What the first screen counts: in words, and the filters of the list that it opens.
COUNTED = {
    "lost": ("Lost or stolen", {"state": "lost_stolen"}),
    "evidence_missing": ("Evidence missing", {"evidence_missing": "true"}),
}
# What waits for somebody's word: in words, and the list that it stands in.
ASKED = {
    "loans": ("Loans to agree to", "register:loans"),
    "transfers": ("Transfers to answer", "register:transfers"),
}
# SAVED_LISTS
ASSET_LIST = Savable("assets", "Assets", "register:assets", Permission.SEE_ASSETS, asset_filters)
Card = dict[str, Any]


def devices_of(person) -> QuerySet[Asset]:
    """What the person has now."""
    return Asset.objects.visible_to(person).held_by(person).select_related(*SHOWN).order_by("asset_tag", "id")


@dataclass(frozen=True)
class KeepsItsAssets:
    """The person keeps the register of a council, and the ticket is about an asset that was of that council then."""

    columns = ("pk",)

    def tickets(self, person) -> Q | None:
        councils = councils_of(person, Permission.SEE_ASSET_TICKETS)
        if not councils:
            return None
        return Q(pk__in=ServiceRecord.objects.filter(council__in=councils).values("ticket"))

    def people(self, ticket: Mapping[str, Any]) -> Q:
        of_assets = ServiceRecord.objects.filter(ticket=ticket["pk"]).values_list("council", flat=True)
        keepers = Q(pk__in=[])
        for council in set(of_assets):
            keepers |= Q(pk__in=holders_of(Permission.SEE_ASSET_TICKETS, council).values("person"))
        return keepers


ABOUT_ASSETS = Ground("it is about assets whose register they keep", SHARED, (KeepsItsAssets(),))
"""TICKET_SIGHT: who keeps a council's register sees the tickets about its assets."""

ABOUT_OWN_ASSETS = Ground(
    "it is about assets whose register they keep, at its own council",
    OWN_COUNCIL,
    (KeepsItsAssets(), Holds(Permission.SEE_ASSET_TICKETS)),
)
"""TICKET_SIGHT: of what a council keeps to itself its own keepers alone see any."""


def assets_of_ticket(request: SignedInRequest, ticket: Ticket) -> dict[str, Any] | None:
    """TICKET_PANELS: the assets that a ticket is about, as far as the person may see them, and a way to add one."""
    assets = Asset.objects.visible_to(request.user).filter(service_records__ticket=ticket)
    rows = list(assets.select_related(*SHOWN).order_by("asset_tag", "id"))
    working = may_work(request.user, ticket)
    if not (rows or working):
        return None
    form = LinkForm(person=request.user, ticket=ticket) if working else None
    return {
        "template": "register/ticket_panel.html",
        "context": {"ticket": ticket, "assets": rows, "form": form},
    }


def find_assets(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: a box to scan or paste tags into, for whoever keeps a register."""
    if not may(request.user, Permission.EDIT_ASSETS):
        return None
    return {
        "template": "register/find_card.html",
        "context": {"exports": may(request.user, Permission.EXPORT)},
    }


def dealings_to_answer(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: loans and transfers that wait for the person's word, and loans that are overdue."""
    waiting = to_answer(request.user)
    councils = councils_of(request.user, Permission.EDIT_ASSETS)
    late = Loan.objects.filter(council__in=councils).overdue(timezone.localdate()).count() if councils else 0
    counts = [(ASKED[name][0], number, reverse(ASKED[name][1])) for name, number in waiting.items()]
    if late:
        counts.append(("Loans overdue", late, reverse("register:loans", query={"overdue": "true"})))
    if not counts:
        return None
    return {
        "template": "register/counts_card.html",
        "context": {"heading": "Between the councils", "councils": [("", counts)]},
    }


def write_offs_to_approve(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: what the person is asked to let go: what it cost, where they may know that, and why it is asked."""
    rows = [
        (asked, asked.asset.purchase_cost_ex_vat if _sees_money(request.user, asked.asset) else None)
        for asked in write_offs_to_answer(request.user)[:MOST_ASKED]
    ]
    return {"template": "register/write_offs_card.html", "context": {"rows": rows}} if rows else None


def _sees_money(person, asset: Asset) -> bool:
    return may(person, Asset.guarded_fields["purchase_cost_ex_vat"], asset.council_id)


def assets_to_look_after(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: what is to be set right in the registers that the person keeps."""
    councils = councils_of(request.user, Permission.EDIT_ASSETS)
    return _counts(request, "To look after", councils, ("lost", "evidence_missing"))


def devices_at_risk(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: what endangers security, for whoever answers for it."""
    councils = councils_of(request.user, Permission.SEE_CYBER_TICKETS)
    return _counts(request, "Devices at risk", councils, ("lost", "evidence_missing"))


def _counts(
    request: SignedInRequest, heading: str, councils: Iterable[int], names: Iterable[str]
) -> Card | None:
    """By council how many assets there are of each kind, each leading to the list that it counts."""
    if not councils:
        return None
    rules = {
        "lost": Q(state=AssetState.LOST_STOLEN),
        "evidence_missing": Q(evidence_missing=True),
    }
    seen = Asset.objects.visible_to(request.user).filter(council__in=councils).order_by("council__code")
    counted: Any = seen.values("council__code", "council__name").annotate(
        **{f"of_{name}": Count("pk", filter=rules[name]) for name in names}
    )
    rows = [
        (row["council__name"], [_counted(name, row["council__code"], row[f"of_{name}"]) for name in names])
        for row in counted
    ]
    return {"template": "register/counts_card.html", "context": {"heading": heading, "councils": rows}}


def _counted(name: str, council: str, number: int) -> tuple[str, int, str]:
    words, query = COUNTED[name]
    return words, number, reverse("register:assets", query={**query, "council": council})


class DeviceField(forms.ModelChoiceField):
    """Offers the holder's devices, and the one that the form begins with; takes any that the person may see."""

    def __init__(
        self, person: Person, holder: Person, label: str, nothing: str = "No, or I am not sure"
    ) -> None:
        seen = Asset.objects.visible_to(person).select_related(*SHOWN)
        super().__init__(
            seen, label=label, required=False, blank=True, empty_label=nothing, widget=forms.RadioSelect
        )
        self.devices = list(seen.held_by(holder).order_by("asset_tag", "id"))

    def label_from_instance(self, obj: Asset) -> str:
        return f"{what_it_is(obj)}, {obj}"

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        """The one place where a field meets what its form begins with."""
        bound = super().get_bound_field(form, field_name)
        offered = {
            asset.pk: self.label_from_instance(asset) for asset in [*self.devices, *self._asked(bound)]
        }
        if offered:
            self.widget.choices = [("", self.empty_label), *offered.items()]
        else:
            self.widget = forms.HiddenInput()
        return bound

    def _asked(self, bound: forms.BoundField) -> list[Asset]:
        try:
            asset = self.to_python(bound.value())
        except forms.ValidationError:
            return []
        return [asset] if asset else []


class DeviceQuestion:
    """HELP_QUESTIONS: is it about one of your devices? `/help/?asset=7` begins with the answer."""

    name = "asset"

    def field(self, person: Person) -> forms.Field | None:
        """The question, or None for somebody who could not answer it."""
        field = DeviceField(person, person, "Is it about one of your devices?")
        return field if field.devices or may(person, Permission.SEE_ASSETS) else None

    def answered(self, ticket: Ticket, value: Asset | None, by: Person) -> None:
        """Link the asset, in the transaction that raises the ticket."""
        if value is not None:
            link_raised(value, ticket, by=by)


ABOUT_A_DEVICE = DeviceQuestion()


class WhatCallersHave:
    """CALLER_SEARCH: who telephones is found by the tag or serial number of what they have, and asked if it is that."""

    name = "asset"

    def holders(self, by: Person, text: str) -> dict[int, str]:
        """Who has an asset of that name, by the beginning of its tag too."""
        begins = Q(asset_tag__istartswith=text) if len(text) >= SHORTEST_BEGINNING else Q(pk__in=[])
        seen = Asset.objects.visible_to(by).exclude(Q(holder=None) | Q(state__in=TERMINAL))
        named = seen.named(text).values("pk")
        found = seen.filter(Q(pk__in=named) | begins).order_by("asset_tag", "id")[:MOST_HOLDERS]
        return {asset.holder_id: f"has {asset}" for asset in found if asset.holder_id}

    def field(self, by: Person, caller: Person) -> forms.Field | None:
        """Which of the caller's devices it is about, or None where they have none that one may see."""
        field = DeviceField(by, caller, "Is it about one of their devices?", "No, or not known")
        return field if field.devices else None

    def answered(self, ticket: Ticket, value: Asset | None, by: Person) -> None:
        """Link the asset, in the transaction that raises the ticket."""
        if value is not None:
            link_raised(value, ticket, by=by)


WHAT_CALLERS_HAVE = WhatCallersHave()

WHO_HAS_IT = frozenset({"state", "holder", "holder_note", "site", "room"})


def restored(keys: Collection[int]) -> None:
    """What hangs on assets that are as they were before: their words in the search, and who has them."""
    index_again(keys)
    wanted = sorted(keys)
    with change_set(by=None) as deed:  # the undoing itself
        for start in range(0, len(wanted), AT_ONCE):
            custody.take_back(deed, wanted[start : start + AT_ONCE])
        custody.follow_by_key(deed, wanted)


def removed(keys: Collection[int]) -> None:
    """What hangs on assets that are about to be no more."""
    forget(Asset, keys)
    bulk.delete(Custody, keys, "asset_id")


UNDOABLE = Undoable(
    "register.asset",
    SEARCHED | WHO_HAS_IT,
    restored=restored,
    removed=removed,
    follow=frozenset({"register.custody"}),
    proven=frozenset({"lose"}),
)
"""UNDOABLE: what is undone of assets is found by its words again, or no more, and who has them is who had them. What
was reported lost has raised a security incident, and stays lost until it is found."""

UNDOABLE_WIPINGS = Undoable(Sanitisation._meta.label_lower, along="asset", evidence=True)
UNDOABLE_DISPOSALS = Undoable(Disposal._meta.label_lower, along="asset", evidence=True)
"""UNDOABLE: what was wiped, or went for good, is proven by what stays."""

FINDABLE = Source(
    heading="Assets",
    rows=lambda: Asset.objects.select_related(*SHOWN),
    title=str,
    detail=lambda asset: f"{what_it_is(asset)}, {asset.council.code}, {asset.get_state_display().lower()}",
    url=lambda asset: reverse("register:asset", args=[asset.pk]),
    list_url=lambda: reverse("register:assets"),
)
"""SEARCH_SOURCES: assets."""
