"""The sheets of labels that somebody asks for: of the assets named, or of those that the filters of the list find."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict

from assets.register.filters import GREATEST_KEY, AssetFilters
from assets.register.label_forms import USUAL, LabelForm
from assets.register.labels import MOST_LABELS, SHEETS, Label, pages
from assets.register.models import Asset
from servicedesk.people.access import require
from servicedesk.people.roles import Permission

ORDER = ("asset_tag", "id")


@dataclass(frozen=True)
class Laid:
    """What was asked for, and the labels page by page: None where what was asked for does not do."""

    form: LabelForm
    filters: AssetFilters
    pages: list[list[Label]] | None = None
    count: int = 0
    too_many: bool = False

    @property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong with what was asked for, by its name."""
        told: dict[str, Any] = {**self.filters.form.errors, **self.form.errors}
        return {name: list(map(str, errors)) for name, errors in told.items()}


def lay_out(request: HttpRequest, given: QueryDict) -> Laid:
    """Lay out labels of the assets that the person may see.

    `asset=7&asset=9` names assets; without any it is what the filters of the list leave. Raises PermissionDenied.
    """
    require(request.user, Permission.SEE_ASSETS)
    given = given.copy()
    for name, usual in (("sheet", USUAL), ("first", "1")):
        given.setdefault(name, usual)
    named = [int(key) for key in given.getlist("asset") if key.isascii() and key.isdecimal()]
    seen = Asset.objects.visible_to(request.user)
    form, filters = LabelForm(given), AssetFilters(given, seen, request=request)
    if not form.is_valid() or not (named or filters.is_valid()):
        return Laid(form, filters)
    within = [key for key in named if key <= GREATEST_KEY][:MOST_LABELS]
    wanted = seen.filter(pk__in=within) if named else filters.qs
    rows = list(wanted.select_related("council").order_by(*ORDER)[: MOST_LABELS + 1])
    drawn = pages(rows[:MOST_LABELS], SHEETS[form.cleaned_data["sheet"]], form.cleaned_data["first"])
    return Laid(form, filters, drawn, min(len(rows), MOST_LABELS), len(rows) > MOST_LABELS)
