"""What narrows the lists of models, suppliers, contracts, circuits and lines, the same for page, API and exports."""

from datetime import timedelta

import django_filters as filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from assets.register.filters import SiteFilter, YesNoFilter, councils, sites
from assets.register.models import (
    Announced,
    AssetModel,
    Category,
    Circuit,
    Contract,
    LifecyclePolicy,
    Line,
    Manufacturer,
    OperatingSystemRelease,
    Status,
    Supplier,
)
from servicedesk.forms import FilterForm, SearchSelect

SOON, A_YEAR = timedelta(days=180), timedelta(days=365)
SLOW_MBPS = 100
WITHIN = (("ended", "Has ended"), ("soon", "Within 180 days"), ("year", "Within a year"))


def ends(name: str) -> "filters.ChoiceFilter":
    """Whether a date has passed, or comes soon; a row without that date is in none of the answers."""
    return filters.ChoiceFilter(label=name, choices=WITHIN, empty_label="Any", method="by_end")


class EstateFilters(filters.FilterSet):
    """What all of them have alike: words, and when something ends."""

    q = filters.CharFilter(label="Words", method="by_words", max_length=200)
    searched: tuple[str, ...] = ("name",)
    ending = "ends_on"

    def by_words(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Every word stands in one of the columns."""
        for word in value.replace("\0", "").split()[:10]:
            found = Q()
            for column in self.searched:
                found |= Q(**{f"{column}__icontains": word})
            rows = rows.filter(found)
        return rows

    def by_end(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        today = timezone.localdate()
        if value == "ended":
            return rows.filter(**{f"{self.ending}__lt": today})
        until = today + (SOON if value == "soon" else A_YEAR)
        return rows.filter(**{f"{self.ending}__range": (today, until)})

    def by_flag(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(**{name: value == "true"})


class ModelFilters(EstateFilters):
    """Models."""

    searched = ("name", "manufacturer__name", "model_number", "part_number")
    ending = "end_of_support"
    category = filters.ChoiceFilter(label="Category", choices=Category.choices, empty_label="Any")
    manufacturer = filters.ModelChoiceFilter(
        label="Manufacturer", queryset=Manufacturer.objects.all(), widget=SearchSelect, empty_label="Any"
    )
    support = ends("End of support")

    class Meta:
        model = AssetModel
        form = FilterForm
        fields: list[str] = []


class OperatingSystemFilters(EstateFilters):
    """Releases of operating systems."""

    searched = ("name", "product", "cycle")
    ending = "end_of_security_support"
    security = ends("End of security support")
    known = filters.ChoiceFilter(
        label="What is known of it",
        field_name="end_of_security_support_known",
        choices=Announced.choices,
        empty_label="Any",
    )

    class Meta:
        model = OperatingSystemRelease
        form = FilterForm
        fields: list[str] = []


class SupplierFilters(EstateFilters):
    """Suppliers."""

    searched = ("name", "contact_name", "contact_email", "certificate_number")
    ending = "certificate_expiry"
    status = filters.ChoiceFilter(label="Standing", choices=Supplier.Standing.choices, empty_label="Any")
    certificate = ends("Certificate")

    class Meta:
        model = Supplier
        form = FilterForm
        fields: list[str] = []


class OwnedFilters(EstateFilters):
    """Rows of one council each."""

    council = filters.ModelChoiceFilter(
        label="Council", queryset=councils, to_field_name="code", empty_label="Any"
    )


class ContractFilters(OwnedFilters):
    """Contracts."""

    searched = ("reference", "subject", "supplier__name")
    end = ends("End")

    class Meta:
        model = Contract
        form = FilterForm
        fields: list[str] = []


class ConnectionFilters(OwnedFilters):
    """What circuits and lines have alike."""

    ending = "contract_end"
    site = SiteFilter(label="Site", queryset=sites, widget=SearchSelect, empty_label="Any")
    provider = filters.ModelChoiceFilter(
        label="Provider", queryset=Supplier.objects.all(), widget=SearchSelect, empty_label="Any"
    )
    status = filters.ChoiceFilter(label="Status", choices=Status.choices, empty_label="Any")
    critical = YesNoFilter("Critical", method="by_flag")
    contract = ends("End of contract")


class CircuitFilters(ConnectionFilters):
    """Circuits."""

    searched = ("number", "product", "use", "provider__name", "site__name")
    slow = YesNoFilter(f"Below {SLOW_MBPS} Mbps", method="by_speed")

    class Meta:
        model = Circuit
        form = FilterForm
        fields: list[str] = []

    def by_speed(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(**{"mbps_down__lt" if value == "true" else "mbps_down__gte": SLOW_MBPS})


class LineFilters(ConnectionFilters):
    """Telephone lines."""

    searched = ("number", "product", "use", "provider__name", "site__name")
    type = filters.ChoiceFilter(label="Type", choices=Line.Type.choices, empty_label="Any")
    analogue_left = YesNoFilter("Analogue and still there", method="by_leaving")

    class Meta:
        model = Line
        form = FilterForm
        fields: list[str] = []

    def by_leaving(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(rank__lt=2) if value == "true" else rows.filter(rank=2)


class PolicyFilters(filters.FilterSet):
    """How long things last."""

    council = filters.ModelChoiceFilter(
        label="Council", queryset=councils, to_field_name="code", empty_label="Any"
    )
    category = filters.ChoiceFilter(label="Category", choices=Category.choices, empty_label="Any")

    class Meta:
        model = LifecyclePolicy
        form = FilterForm
        fields: list[str] = []
