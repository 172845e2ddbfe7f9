"""Lists whose narrowings may be saved: what higher apps say of them in the slot SAVED_LISTS."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.module_loading import import_string
from django_filters import FilterSet

from servicedesk.forms import composed
from servicedesk.people.roles import Permission


@dataclass(frozen=True)
class Savable:
    """One list. `filters` is the FilterSet of its page, of what the person may see and as they narrow it."""

    code: str
    words: str
    route: str
    permission: Permission
    filters: Callable[[Any, QueryDict], FilterSet]

    def narrowed(self, person: Any, query: Mapping[str, Any]) -> tuple[dict[str, str], FilterSet]:
        """What of an address narrows the list, and the list so narrowed. Other names are dropped. Raises
        ValidationError where a value is none of the list's."""
        given = {name: composed(value).strip() for name, value in query.items()}
        asked = QueryDict(mutable=True)
        asked.update(given)
        filters = self.filters(person, asked)
        if not filters.is_valid():
            raise ValidationError([str(said) for errors in filters.errors.values() for said in errors])
        return {name: value for name, value in given.items() if name in filters.filters and value}, filters

    def address(self, query: Mapping[str, str]) -> str:
        """Where the list stands so narrowed: the same address whichever order a database keeps the filters in."""
        return f"{reverse(self.route)}?{urlencode(sorted(query.items()))}"


def savable_lists() -> dict[str, Savable]:
    """All of them, by their codes."""
    return {each.code: each for each in map(import_string, settings.SAVED_LISTS)}
