"""What a person may know of the estate on a day: narrowed, counted and page by page, for the page and for programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from assets.register.as_at import Then, counted, estate, removed_since
from assets.register.lifecycle import AssetState
from assets.register.models import Asset, Category
from servicedesk.forms import FilterForm, SearchSelect
from servicedesk.lists.keyset import PAGE_SIZE
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.roles import Permission

NAMES = (
    *("asset_tag", "serial_number", "hostname", "category", "manufacturer", "model", "state"),
    *("holder", "site", "room"),
)
PLACES = {name: at for at, name in enumerate(NAMES)}
ANY = ("", "Any")


class SiteThenField(forms.ModelChoiceField):
    """Two councils may each have a site of one name."""

    def label_from_instance(self, obj: Site) -> str:
        return f"{obj} ({obj.council.code})"


class AsAtForm(FilterForm):
    """The day, and what narrows the list. A site is found by what it is, whatever it was called then."""

    day = forms.DateField(label="Day")
    council = forms.ModelChoiceField(
        label="Council",
        queryset=Council.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="Any",
    )
    category = forms.ChoiceField(label="Category", choices=[ANY, *Category.choices], required=False)
    state = forms.ChoiceField(label="State", choices=[ANY, *AssetState.choices], required=False)
    site = SiteThenField(
        label="Site", queryset=Site.objects.none(), required=False, widget=SearchSelect, empty_label="Any"
    )
    page = forms.IntegerField(min_value=1, max_value=10**6, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, person: Person) -> None:
        super().__init__(data)
        councils = councils_of(person, Permission.SEE_ASSETS)
        self.fields["council"].queryset = Council.objects.filter(pk__in=councils)
        self.fields["site"].queryset = Site.objects.visible_to(person).select_related("council")

    def clean_day(self) -> date:
        day = self.cleaned_data["day"]
        if day > timezone.localdate():
            raise forms.ValidationError("Day must be today or in the past")
        if day.year < 1970:
            raise forms.ValidationError("Day must be 1 January 1970 or later")
        return day


@dataclass
class Report:
    """The estate on a day, as far as the person may know it."""

    form: AsAtForm
    rows: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0
    page: int = 1
    pages: int = 1
    by_state: list = field(default_factory=list)
    by_category: list = field(default_factory=list)
    removed: int = 0
    councils: frozenset[int] = frozenset()


def report(person: Person, given: Mapping[str, Any]) -> Report:
    """What there was. Without a day it is today."""
    data = {name: given[name] for name in AsAtForm.base_fields if given.get(name)}
    form = AsAtForm({"day": timezone.localdate().isoformat(), **data}, person=person)
    if not form.is_valid():
        return Report(form)
    councils = councils_of(person, Permission.SEE_ASSETS)
    wanted, day = form.cleaned_data, form.cleaned_data["day"]
    if wanted["council"]:
        councils &= {wanted["council"].pk}
    rows = [row for row in estate(day, NAMES, councils) if passes(row, wanted)]
    pages = max(-(-len(rows) // PAGE_SIZE), 1)
    page = min(wanted["page"] or 1, pages)
    return Report(
        form,
        _shown(person, rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]),
        len(rows),
        page,
        pages,
        counted(rows, PLACES["state"]),
        counted(rows, PLACES["category"]),
        removed_since(day, councils),
        frozenset(councils),
    )


def passes(row: Then, wanted: Mapping[str, Any]) -> bool:
    site = wanted["site"]
    return (
        wanted["category"] in ("", row.values[PLACES["category"]].value)
        and wanted["state"] in ("", row.values[PLACES["state"]].value)
        and (site is None or row.values[PLACES["site"]].value == site.pk)
    )


def _shown(person: Person, rows: list[Then]) -> list[dict[str, Any]]:
    """Rows in words; `opens` says whether the asset as it is today is still the person's to see."""
    seen = set(
        Asset.objects.visible_to(person).filter(pk__in=[row.key for row in rows]).values_list("pk", flat=True)
    )
    codes = dict(Council.objects.values_list("pk", "code"))
    return [
        {
            "id": row.key,
            "council": codes[row.council],
            "opens": row.key in seen,
            **{name: row.values[at].words for name, at in PLACES.items()},
            "state_code": row.values[PLACES["state"]].value,
            "category_code": row.values[PLACES["category"]].value,
        }
        for row in rows
    ]
