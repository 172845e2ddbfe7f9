"""What narrows the lists of what comes back and leaves, for programs."""

import django_filters as filters
from django.utils import timezone

from assets.disposal.models import Consignment, DueBack, State
from assets.disposal.querysets import DueBackQuerySet
from assets.register.filters import councils
from assets.register.models import Asset, Medium
from servicedesk.forms import FilterForm

YES = (("true", "Yes"),)


class ConsignmentFilters(filters.FilterSet):
    """Consignments."""

    council = filters.ModelChoiceFilter(
        label="Council", queryset=councils, to_field_name="code", empty_label="Any"
    )
    state = filters.ChoiceFilter(label="State", choices=State.choices, empty_label="Any")

    class Meta:
        model = Consignment
        form = FilterForm
        fields: list[str] = []


class DueBackFilters(filters.FilterSet):
    """What is due back: all of it, what is still with somebody, or that of which whose day is past."""

    council = filters.ModelChoiceFilter(
        label="Council", queryset=councils, to_field_name="code", empty_label="Any"
    )
    open = filters.ChoiceFilter(label="Still with somebody", choices=YES, method="by_open", empty_label="Any")
    overdue = filters.ChoiceFilter(
        label="Whose day is past", choices=YES, method="by_overdue", empty_label="Any"
    )

    class Meta:
        model = DueBack
        form = FilterForm
        fields: list[str] = []

    def by_open(self, rows: DueBackQuerySet, name: str, value: str) -> DueBackQuerySet:
        return rows.open()

    def by_overdue(self, rows: DueBackQuerySet, name: str, value: str) -> DueBackQuerySet:
        return rows.overdue(timezone.localdate())


class MediumFilters(filters.FilterSet):
    """Media."""

    asset = filters.NumberFilter(label="Asset", min_value=1, max_value=2**63 - 1)

    class Meta:
        model = Medium
        form = FilterForm
        fields: list[str] = []


class DisposalFilters(filters.FilterSet):
    """What has left."""

    council = filters.ModelChoiceFilter(
        label="Council", queryset=councils, to_field_name="code", empty_label="Any"
    )
    since = filters.DateFilter(label="From", field_name="left_on", lookup_expr="gte")
    until = filters.DateFilter(label="Until", field_name="left_on", lookup_expr="lte")

    class Meta:
        model = Asset
        form = FilterForm
        fields: list[str] = []
