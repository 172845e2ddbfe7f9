"""Moving many assets at once, as a page asks for it: which moves there are, what they take, and which are refused."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms

from assets.register.facts import label
from assets.register.known import Known
from assets.register.life_forms import SecondPersonField
from assets.register.lifecycle import MOVES, AssetState
from assets.register.models import Asset, Condition, Sanitisation, Supplier
from assets.register.stock_take_forms import SiteOfCouncilField
from assets.register.together_forms import person_of
from assets.register.workflow import Outcome, Refusal, move_all, moves_of, refusals
from servicedesk.forms import Form, SearchSelect
from servicedesk.people.access import councils_of
from servicedesk.people.models import Person, Site
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket

OWN_TO_EACH = ("serial_number", "file")
"""What no two assets have in common: it is given on the page of the one, or in a sheet."""
EVERYTHING = "Everything on the check list of each model is done"
PEOPLE = ("person",)


def _text(words: str, longest: int = 200, **more: Any) -> Callable[[], forms.Field]:
    return lambda: forms.CharField(label=words, max_length=longest, **more)


def _chosen(words: str, choices: Sequence[tuple[str, Any]]) -> Callable[[], forms.Field]:
    return lambda: forms.ChoiceField(label=words, choices=[("", "Choose one"), *choices])


GIVEN: dict[str, Callable[[], forms.Field]] = {
    "to": _chosen("Where do they go?", [(state.value, state.label) for state in AssetState]),
    "person": _text("Person", help_text="Their email address, or their name as the desk knows it"),
    "pool": _text("Pool", 100, help_text="Or a pool that has them"),
    "site": lambda: SiteOfCouncilField(label="Site", queryset=Site.objects.none(), widget=SearchSelect),
    "room": _text(label("room"), 60),
    "condition": _chosen(label("condition"), Condition.choices),
    "checked": lambda: forms.BooleanField(label=EVERYTHING),
    "supplier": lambda: forms.ModelChoiceField(
        label=label("supplier"),
        queryset=Supplier.objects.none(),
        widget=SearchSelect,
        empty_label="None of our suppliers",
    ),
    "supplier_reference": _text("Supplier’s reference", 60),
    "ticket": _text("Reference of a request", 20),
    "what_happened": _text("What happened?", 2000, widget=forms.Textarea),
    "method": _chosen("Method", Sanitisation.Method.choices),
    "technique": _text("Technique", 100),
    "tool": _text("Tool", 60),
    "tool_version": _text("Version of the tool", 40),
    "certificate_number": _text("Number of the certificate", 60),
    "consignment_reference": _text(
        "Reference of the consignment",
        60,
        help_text="What is scanned into one leaves when it is closed",
    ),
    "recipient": _text("Recipient", 100),
    "buyer": _text("Buyer", 100),
    "income": lambda: forms.DecimalField(
        label="Sold for, each", min_value=0, max_digits=12, decimal_places=2
    ),
    "done_on": lambda: forms.DateField(label="Day"),
    "reason": _text("Reason"),
    "note": _text("Note"),
}


class MoveTogetherForm(Form):
    """What is given with one move of many assets. What the move does not ask for may be left out."""

    def __init__(self, name: str, data: Any = None, *, by: Person) -> None:
        super().__init__(data)
        self.step, self.by = MOVES[name], by
        councils = councils_of(by, self.step.permission)
        for field in (*self.step.asks, *self.step.takes):
            if field not in OWN_TO_EACH:
                made = SecondPersonField(by, councils) if field == "verified_by" else GIVEN[field]()
                made.required = field in self.step.asks
                self.add(field, made)
        if "to" in self.fields:
            self.fields["to"].choices = [
                ("", "Choose one"),
                *((state, AssetState(state).label) for state in self.step.targets),
            ]
        if "site" in self.fields:
            sites = Site.objects.visible_to(by).filter(council__in=councils).on_offer()
            self.fields["site"].queryset = sites.select_related("council")
        if "supplier" in self.fields:
            self.fields["supplier"].queryset = Supplier.objects.visible_to(by)

    def clean(self) -> dict[str, Any]:
        """People and requests are those that the person knows of; what is not known is like none."""
        cleaned = super().clean() or self.cleaned_data
        councils = councils_of(self.by, Permission.SEE_ASSETS)
        for name in PEOPLE:
            if cleaned.get(name):
                self._find(name, lambda typed: person_of(typed, councils))
        if cleaned.get("ticket"):
            self._find("ticket", self._ticket)
        return cleaned

    def _find(self, name: str, find: Callable[[str], Any]) -> None:
        try:
            self.cleaned_data[name] = find(self.cleaned_data[name])
        except forms.ValidationError as error:
            self.add_error(name, error)

    def _ticket(self, typed: str) -> Ticket:
        ticket = Ticket.objects.visible_to(self.by).filter(reference=typed.upper().strip()).first()
        if ticket is None:
            raise forms.ValidationError("No request that you can see has this reference")
        return ticket

    def given(self, assets: Sequence[Asset]) -> dict[str, Any]:
        """What is given, as moves take it: what was left out is not there."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "", False)}
        if given.pop("checked", False):
            lists = Known.of(assets).check_lists
            given["checked"] = sorted(
                {item for asset in assets for item in lists.get(asset.model_id or 0, [])}
            )
        return given


def moves_for(person: Person, assets: Sequence[Asset]) -> dict[str, int]:
    """The moves that the person may make of some of these assets as they stand, each with how many of them."""
    counts = dict.fromkeys(MOVES, 0)
    for asset in assets:
        for name in moves_of(person, asset):
            counts[name] += 1
    return {name: count for name, count in counts.items() if count}


def would_refuse(
    assets: Sequence[Asset], versions: Mapping[int, int], name: str, given: Mapping[str, Any], by: Person
) -> list[Refusal]:
    """Which would be refused and why: what somebody changed meanwhile too."""
    stale = {asset.pk for asset in assets if versions[asset.pk] != asset.version}
    changed = [
        Refusal(asset, f"{asset} was changed while you were looking at it.")
        for asset in assets
        if asset.pk in stale
    ]
    rest = [asset for asset in assets if asset.pk not in stale]
    return changed + refusals(rest, name, by=by, given=given)


def make(
    assets: Sequence[Asset], versions: Mapping[int, int], name: str, given: Mapping[str, Any], by: Person
) -> Outcome:
    """Move those that can be moved. Raises ValidationError or MoveRefused."""
    return move_all(assets, name, by=by, given=given, versions=versions)
