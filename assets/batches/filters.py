"""What narrows the list of batches."""

from datetime import date
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from assets.batches.models import Appointment, AppointmentState, Batch, Deferral, Programme
from assets.batches.states import BATCH_ENDS, BatchState
from assets.refresh.forecast import FIRST_MONTH, financial_year, year_named
from assets.register.filters import NumberFilter
from servicedesk.forms import FilterForm
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.search.searching import matching


class BatchFilters(filters.FilterSet):
    """Batches by state, council, programme and financial year."""

    q = filters.CharFilter(label="Search", method="by_words", max_length=200)
    state = filters.ChoiceFilter(
        label="State",
        choices=[("open", "Not ended"), ("kept", "Not cancelled"), *BatchState.choices],
        method="by_state",
        empty_label="Any",
    )
    council = filters.ModelChoiceFilter(
        label="Council",
        queryset=Council.objects.none(),
        to_field_name="code",
        method="by_council",
        empty_label="Any",
    )
    programme = filters.ModelChoiceFilter(
        label="Programme", queryset=Programme.objects.none(), empty_label="Any"
    )
    year = filters.CharFilter(
        label="Financial year", method="by_year", help_text="Such as 2026/27, or 2026/27 to 2028/29"
    )

    class Meta:
        model = Batch
        form = FilterForm
        fields: list[str] = []

    def __init__(self, data: Any, queryset: QuerySet, *, request: HttpRequest):
        super().__init__(data, queryset, request=request)
        person = request.user
        seen = councils_of(person, Permission.SEE_ASSETS)
        self.filters["council"].queryset = Council.objects.filter(pk__in=seen).order_by("code")
        self.filters["programme"].queryset = Programme.objects.visible_to(person)

    def by_words(self, batches: QuerySet, name: str, value: str) -> QuerySet:
        return matching(batches, value)

    def by_state(self, batches: QuerySet, name: str, value: str) -> QuerySet:
        if value == "kept":
            return batches.exclude(state=BatchState.CANCELLED)
        return batches.exclude(state__in=BATCH_ENDS) if value == "open" else batches.filter(state=value)

    def by_council(self, batches: QuerySet, name: str, value: Council) -> QuerySet:
        paid = Batch.objects.filter(paying__council=value).order_by()
        return batches.filter(pk__in=paid.values("pk"))

    def by_year(self, batches: QuerySet, name: str, value: str) -> QuerySet:
        """Those of one year, or from one to another. The year of a batch is `programme_tables.batch_year`."""
        first, _, last = value.partition(" to ")
        try:
            begins, ends = year_named(first), year_named(last or first)
            since, until = (date(year, FIRST_MONTH, 1) for year in (begins, ends + 1))
        except ValueError:
            return batches.none()
        years = [financial_year(year) for year in range(begins, ends + 1)]
        planned = Q(planned_from__gte=since, planned_from__lt=until)
        return batches.filter(planned | Q(planned_from=None, base_fy__in=years))


class DeferralFilters(filters.FilterSet):
    """What waits with a reason, of one asset."""

    asset = NumberFilter(label="Asset", field_name="asset_id")

    class Meta:
        model = Deferral
        form = FilterForm
        fields: list[str] = []


class AppointmentFilters(filters.FilterSet):
    """Appointments by state, and those of one batch."""

    state = filters.ChoiceFilter(label="State", choices=AppointmentState.choices, empty_label="Any")
    batch = filters.CharFilter(label="Batch", field_name="item__batch__reference", max_length=40)

    class Meta:
        model = Appointment
        form = FilterForm
        fields: list[str] = []
