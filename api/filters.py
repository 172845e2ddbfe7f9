"""What narrows a list: the same FilterSets as the pages."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django_filters.rest_framework import DjangoFilterBackend

from api.pages import CURSOR, ORDERING
from servicedesk.forms import refuse_controls

ALWAYS = {CURSOR, ORDERING, "format"}


class KnownFilters(DjangoFilterBackend):
    """Refuses a filter that the list does not have: ignored, a slip of the pen would give a program too much."""

    def filter_queryset(self, request, queryset, view) -> Any:
        kind = self.get_filterset_class(view, queryset)
        refuse_unknown(request, list(kind.base_filters) if kind else [])
        return super().filter_queryset(request, queryset, view)


def refuse_unknown(request, filters: Collection[str]) -> None:
    """Raises ValidationError for what a list is asked for by another name than these."""
    for name, values in request.query_params.lists():
        if name not in ALWAYS and name not in filters:
            listed = f"It has: {', '.join(filters)}." if filters else "It has none."
            raise ValidationError({name: f"This list has no such filter. {listed}"})
        _refuse_controls(name, values)


def _refuse_controls(name: str, values: list[str]) -> None:
    try:
        for value in values:
            refuse_controls(value)
    except ValidationError as error:
        raise ValidationError({name: error}) from error
