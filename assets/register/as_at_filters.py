"""What the list of assets would have shown at the end of a day that is past, as far as history can tell."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from assets.register.as_at import Then, estate
from assets.register.filters import asset_filters
from servicedesk.people.access import councils_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

NAMES = (
    *("asset_tag", "serial_number", "category", "state", "site", "manufacturer", "model", "holder"),
    "evidence_missing",
)
AT = {name: at for at, name in enumerate(NAMES)}
UNTOLD = "History does not tell of a day that is past: {}. Choose today’s date, or leave that out of the view"


def listed_on(person: Person, query: QueryDict, day: date) -> list[int]:
    """The keys of the assets that the list, narrowed so, would have shown on that day of the registers that the person
    reads. Raises ValidationError for what does not narrow the list, and for what history does not tell."""
    filters = asset_filters(person, query)
    if not filters.is_valid():
        raise ValidationError([str(error) for errors in filters.errors.values() for error in errors])
    asked = {name: value for name, value in filters.form.cleaned_data.items() if value not in (None, "")}
    if untold := [str(filters.filters[name].label) for name in asked if name not in RULES]:
        raise ValidationError(UNTOLD.format(", ".join(untold)))
    rows = estate(day, NAMES, councils_of(person, Permission.SEE_ASSETS))
    return [row.key for row in rows if _passes(row, asked)]


def _passes(row: Then, asked: Mapping[str, Any]) -> bool:
    return all(RULES[name](row, value) for name, value in asked.items())


def _same(name: str) -> Callable[[Then, Any], bool]:
    return lambda row, value: row.values[AT[name]].value == getattr(value, "pk", value)


RULES: dict[str, Callable[[Then, Any], bool]] = {
    **{name: _same(name) for name in NAMES},
    "council": lambda row, value: row.council == value.pk,
    "serial_number": lambda row, value: row.values[AT["serial_number"]].value == value.upper(),
    "unassigned": lambda row, value: (row.values[AT["holder"]].value is None) == (value == "true"),
    "evidence_missing": lambda row, value: row.values[AT["evidence_missing"]].value == (value == "true"),
}
"""By filter of the list, whether an asset passed it then."""
