"""What narrows a list of assets, one and the same for the page, the API and exports."""

from typing import NamedTuple

import django_filters as filters
from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.module_loading import import_string

from assets.register.lifecycle import AssetState
from assets.register.models import Asset, AssetModel, Category, Loan, Manufacturer
from assets.register.querysets import KEPT, UNDATED, AssetQuerySet, TwoSidedQuerySet, not_seen
from servicedesk.forms import FilterForm, SearchSelect
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.roles import Permission
from servicedesk.search.searching import matching

LONGEST = 60
YES_NO = (("true", "Yes"), ("false", "No"))
GREATEST_KEY = 2**63 - 1


def councils(request) -> QuerySet[Council]:
    """The councils whose register the person reads."""
    return Council.objects.filter(pk__in=councils_of(request.user, Permission.SEE_ASSETS) if request else ())


def sites(request) -> QuerySet[Site]:
    """The sites that the person may know of."""
    return Site.objects.visible_to(request.user if request else None).select_related("council")


class SiteField(filters.fields.ModelChoiceField):
    """Two councils may each have a site of one name."""

    def label_from_instance(self, obj: Site) -> str:
        return f"{obj} ({obj.council.code})"


class SiteFilter(filters.ModelChoiceFilter):
    """One of the sites whose assets the person may see."""

    field_class = SiteField


class NumberFilter(filters.Filter):
    """The key of a row that is too one of many to list; an unknown one finds nothing."""

    field_class = forms.IntegerField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, min_value=1, max_value=GREATEST_KEY, **kwargs)


class YesNoFilter(filters.ChoiceFilter):
    """Yes, no, or whichever."""

    def __init__(self, label: str, **kwargs):
        wrong = {"invalid_choice": f"Choose yes or no for “{label}”"}
        super().__init__(label=label, choices=YES_NO, empty_label="Any", error_messages=wrong, **kwargs)


class AssetFilters(filters.FilterSet):
    """Filters by what everybody who sees an asset may know. What it cost neither filters nor orders."""

    q = filters.CharFilter(label="Words, tag or serial number", method="by_words", max_length=200)
    council = filters.ModelChoiceFilter(
        label="Council", queryset=councils, to_field_name="code", empty_label="Any"
    )
    category = filters.ChoiceFilter(label="Category", choices=Category.choices, empty_label="Any")
    state = filters.ChoiceFilter(label="State", choices=AssetState.choices, empty_label="Any")
    site = SiteFilter(label="Site", queryset=sites, widget=SearchSelect, empty_label="Any")
    manufacturer = filters.ModelChoiceFilter(
        label="Manufacturer", queryset=Manufacturer.objects.all(), widget=SearchSelect, empty_label="Any"
    )
    model = filters.ModelChoiceFilter(
        label="Model", queryset=AssetModel.objects.all(), widget=SearchSelect, empty_label="Any"
    )
    unassigned = YesNoFilter("Without a holder", method="by_holder_missing")
    evidence_missing = YesNoFilter("Evidence missing", method="by_flag")
    unsupported = YesNoFilter("No longer supported", method="by_support")
    undated = YesNoFilter("No date to plan by", method="by_dates_missing")
    not_seen = YesNoFilter("Not seen for 60 days", method="by_sighting")
    # Given by links and programs; a page says them among what is chosen.
    asset_tag = filters.CharFilter(label="Asset tag", max_length=LONGEST, widget=forms.HiddenInput)
    serial_number = filters.CharFilter(
        label="Serial number", max_length=LONGEST, method="by_serial_number", widget=forms.HiddenInput
    )
    holder = NumberFilter(label="Holder", field_name="holder_id", widget=forms.HiddenInput)

    class Meta:
        model = Asset
        form = FilterForm
        fields: list[str] = []

    def by_words(self, assets: AssetQuerySet, name: str, value: str) -> AssetQuerySet:
        return matching(assets, value)

    def by_holder_missing(self, assets: AssetQuerySet, name: str, value: str) -> AssetQuerySet:
        return assets.filter(holder__isnull=value == "true")

    def by_flag(self, assets: AssetQuerySet, name: str, value: str) -> AssetQuerySet:
        return assets.filter(**{name: value == "true"})

    def by_support(self, assets: AssetQuerySet, name: str, value: str) -> AssetQuerySet:
        """By the rule of the forecast, which knows what runs on it and what support was bought."""
        return _held(assets, value, KEPT & import_string(settings.UNSUPPORTED)(timezone.localdate()))

    def by_dates_missing(self, assets: AssetQuerySet, name: str, value: str) -> AssetQuerySet:
        return _held(assets, value, UNDATED)

    def by_sighting(self, assets: AssetQuerySet, name: str, value: str) -> AssetQuerySet:
        return _held(assets, value, not_seen(timezone.now()))

    def by_serial_number(self, assets: AssetQuerySet, name: str, value: str) -> AssetQuerySet:
        return assets.filter(serial_number=value.upper())


class Asking(NamedTuple):
    """Who asks, where that is no request of theirs."""

    user: Person


def asset_filters(person: Person, query: QueryDict) -> AssetFilters:
    """The list of assets as an address narrows it, of what the person may see."""
    return AssetFilters(query, Asset.objects.visible_to(person), request=Asking(person))


class LoanFilters(filters.FilterSet):
    """Loans: those whose last day is past, or the others."""

    overdue = YesNoFilter("Overdue", method="by_overdue")

    class Meta:
        model = Loan
        form = FilterForm
        fields: list[str] = []

    def by_overdue(self, loans: TwoSidedQuerySet, name: str, value: str) -> TwoSidedQuerySet:
        late = loans.overdue(timezone.localdate())
        return late if value == "true" else loans.exclude(pk__in=late.values("pk"))


def _held(assets: AssetQuerySet, value: str, rule: Q) -> AssetQuerySet:
    """The assets of which it holds, or those of which it does not; what is unknown does not hold."""
    if value == "true":
        return assets.filter(rule)
    return assets.exclude(pk__in=Asset.objects.filter(rule).values("pk"))
