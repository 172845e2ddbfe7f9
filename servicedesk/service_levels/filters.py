"""What narrows the list of service levels, for its page and the API."""

import django_filters as filters
from django.db.models import QuerySet

from servicedesk.forms import FilterForm
from servicedesk.people.models import Agreement
from servicedesk.service_levels.models import ServiceLevel


def agreements(request) -> QuerySet[Agreement]:
    """Those that have targets, for who may read these."""
    if not request:
        return Agreement.objects.none()
    told = ServiceLevel.objects.visible_to(request.user)
    return Agreement.objects.named_to(request.user).filter(pk__in=told.values("agreement"))


class LevelFilter(filters.FilterSet):
    """Filters of promises."""

    agreement = filters.ModelChoiceFilter(label="Agreement", queryset=agreements, empty_label="Any")

    class Meta:
        model = ServiceLevel
        form = FilterForm
        fields: list[str] = []
