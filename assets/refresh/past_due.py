"""What was overdue or unsupported at the end of a day: the rules of `forecast`, put to what was known then."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.db.models import QuerySet

from assets.refresh.estate_forecast import LEAVING, Basis, R
from assets.refresh.forecast import Facts, due_of, unsupported
from assets.register.as_at import end_of, estate
from assets.register.lifecycle import TERMINAL
from assets.register.models import AssetModel
from servicedesk.history.as_at import values_then
from servicedesk.history.models import Change

NAMES = (
    *("state", "category", "model", "in_service_date", "purchase_date", "warranty_end", "warranty_months"),
    *("vendor_end_of_support", "os_name", "os_version", "os_upgradeable"),
)


@dataclass(frozen=True)
class BasisThen(Basis):
    """What reasons followed from at the moment in which a day ended."""

    moment: datetime = datetime.max

    def read(self, rows: QuerySet[R]) -> Iterable[R]:
        """The rows with what has changed since taken back, without those that were made since."""
        kind = rows.model._meta.label_lower
        made = Change.objects.filter(kind=kind, action=Change.Action.CREATE, change_set__at__gte=self.moment)
        columns = {one.name: one for one in rows.model._meta.concrete_fields}
        old = values_then(kind, self.moment, columns)
        for row in rows.exclude(pk__in=made.values("object_id")):
            for name, (value, _) in old.get(row.pk, {}).items():
                column = columns[name]
                setattr(row, column.attname, None if value is None else column.to_python(value))
            yield row

    @cached_property
    def models(self) -> dict[int, AssetModel]:
        return {model.pk: model for model in self.read(AssetModel.objects.all())}


class Past(NamedTuple):
    """The keys of assets: of what was in service those overdue for replacement, of what was kept those unsupported."""

    overdue: frozenset[int]
    unsupported: frozenset[int]


def past_at(day: date, councils: Collection[int]) -> Past:
    """Of what these councils had."""
    overdue, ended = set(), set()
    for key, state, facts in _known_at(day, councils):
        due = due_of(facts).on
        if due and due < day and state not in LEAVING:
            overdue.add(key)
        if unsupported(facts, day):
            ended.add(key)
    return Past(frozenset(overdue), frozenset(ended))


def _known_at(day: date, councils: Collection[int]) -> Iterator[tuple[int, str, Facts]]:
    """The key of each asset that was kept, its state, and what was known of it."""
    basis = BasisThen(councils, moment=end_of(day))
    for row in estate(day, NAMES, councils):
        was: Any = SimpleNamespace(
            council_id=row.council
        )  # an Asset of each would cost more than all the rest
        was.__dict__.update(zip(NAMES, (each.value for each in row.values), strict=True))
        if was.state in TERMINAL:
            continue
        was.model = basis.models.get(was.model)
        yield row.key, was.state, basis.facts(was)
