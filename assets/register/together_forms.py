"""What is typed when many assets are looked for, or changed at once."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from assets.register.facts import COLUMNS, label
from assets.register.filters import GREATEST_KEY
from assets.register.models import Asset, Condition, Ownership, Supplier
from assets.register.stock_take_forms import SiteOfCouncilField
from assets.register.together import CHANGEABLE, MOST
from servicedesk.forms import Form, SearchSelect
from servicedesk.people.access import councils_of
from servicedesk.people.models import Department, Person, Site
from servicedesk.people.roles import Permission

LONGEST_LIST = 20_000
NO_CHANGE = ("", "Leave as it is")
CLEARABLE = [
    name for name in CHANGEABLE if COLUMNS[name].null or (COLUMNS[name].blank and name != "ownership")
]


class ScanForm(Form):
    """Tags or serial numbers, one a line, as they come from a scanner, a list or a sheet."""

    names = forms.CharField(
        label="Tags or serial numbers",
        max_length=LONGEST_LIST,
        widget=forms.Textarea,
        help_text="Scan or paste them, one a line",
        error_messages={"required": "Scan or paste at least one tag or serial number"},
    )


class DepartmentOfCouncilField(forms.ModelChoiceField):
    """Two councils may each have a department of one name."""

    def label_from_instance(self, obj: Department) -> str:
        return f"{obj} ({obj.council.code})"


class TogetherForm(Form):
    """What is to be the same of all. What is left empty stays as it is, unless it is ticked to be emptied."""

    marks_optional = False

    site = SiteOfCouncilField(
        label="Site",
        queryset=Site.objects.none(),
        required=False,
        widget=SearchSelect,
        empty_label="Leave as it is",
    )
    room = forms.CharField(label="Room", max_length=60, required=False)
    holder = forms.CharField(
        label="Holder",
        max_length=200,
        required=False,
        help_text="Their email address, or their name as the desk knows it",
    )
    holder_note = forms.CharField(label="Note about the holder", max_length=100, required=False)
    department = DepartmentOfCouncilField(
        label="Department",
        queryset=Department.objects.none(),
        required=False,
        widget=SearchSelect,
        empty_label="Leave as it is",
    )
    condition = forms.ChoiceField(label="Condition", choices=[NO_CHANGE, *Condition.choices], required=False)
    ownership = forms.ChoiceField(label="Ownership", choices=[NO_CHANGE, *Ownership.choices], required=False)
    supplier = forms.ModelChoiceField(
        label="Supplier",
        queryset=Supplier.objects.none(),
        required=False,
        widget=SearchSelect,
        empty_label="Leave as it is",
    )
    warranty_end = forms.DateField(label="End of warranty", required=False)
    support_contract_end = forms.DateField(label="End of support contract", required=False)
    lease_end = forms.DateField(label="End of lease", required=False)
    last_audit_at = forms.DateField(label="Last audit", required=False)
    clear = forms.MultipleChoiceField(
        label="Make empty",
        choices=[(name, label(name)) for name in CLEARABLE],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    reason = forms.CharField(label="Why are they changed?", max_length=200, required=False)

    def __init__(self, data: Any = None, *, by: Person) -> None:
        super().__init__(data)
        self.councils = councils_of(by, Permission.EDIT_ASSETS)
        sites = Site.objects.visible_to(by).filter(council__in=self.councils).on_offer()
        self.fields["site"].queryset = sites.select_related("council")
        departments = Department.objects.visible_to(by).filter(council__in=self.councils).on_offer()
        self.fields["department"].queryset = departments.select_related("council")
        self.fields["supplier"].queryset = Supplier.objects.visible_to(by)

    def clean_holder(self) -> Person | None:
        typed = self.cleaned_data["holder"]
        return person_of(typed, self.councils) if typed else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in cleaned.get("clear", []):
            if cleaned.get(name):
                self.add_error(
                    name, f"{label(name)} is filled in and ticked to be emptied. Choose one of the two"
                )
        if not self.errors and not self.values:
            raise ValidationError("Fill in what is to be changed, or tick what is to be emptied")
        return cleaned

    @property
    def values(self) -> dict[str, Any]:
        """What is to be written, by field."""
        filled = {name: self.cleaned_data[name] for name in CHANGEABLE if self.cleaned_data.get(name)}
        return filled | {name: empty_value(name) for name in self.cleaned_data.get("clear", [])}


def empty_value(name: str) -> Any:
    """What stands in a column of which nothing is known."""
    return None if COLUMNS[name].null else ""


def person_of(text: str, councils: frozenset[int]) -> Person:
    """The one person of these councils with this e-mail address or name. Raises ValidationError."""
    named = Q(email__iexact=text) | Q(display_name__iexact=text)
    found = list(Person.objects.active().filter(named, council__in=councils)[:10])
    if not found:
        raise ValidationError(f"Nobody has the email address or name {text}")
    if len(found) > 1:
        raise ValidationError(f"{len(found)} people are called {text}: enter an email address")
    return found[0]


def key_of(asset: Asset) -> str:
    """How a page names a chosen asset: by its number and the version at which it was read."""
    return f"{asset.pk}-{asset.version}"


def read_keys(sent: list[str]) -> Mapping[int, int]:
    """The chosen assets, each with its version; what is no such name is left out. One more than may be is enough."""
    chosen: dict[int, int] = {}
    for text in sent:
        key, _, version = text.partition("-")
        if all(part.isascii() and part.isdecimal() and len(part) <= 18 for part in (key, version)):
            chosen[int(key)] = int(version)
    return dict([pair for pair in chosen.items() if 0 < pair[0] <= GREATEST_KEY][: MOST + 1])
