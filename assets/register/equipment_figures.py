"""The numbers of the equipment report, and the assets behind them: as the register knew them at the month's end."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Self

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from assets.register.as_at import estate
from assets.register.lifecycle import TERMINAL
from assets.register.models import Asset, AssetModel, Category, Custody, Disposal, Sanitisation
from assets.register.models.catalogue import holds_no_data
from servicedesk.history.as_at import values_then
from servicedesk.people.models import Council, Person
from servicedesk.reports.facts import Fact, Facts
from servicedesk.reports.months import Month
from servicedesk.service_levels.past_hours import desk_hours_at
from servicedesk.service_levels.working_time import WorkingCalendar, due
from servicedesk.tickets.grace import WORKING_DAY

NAMES = (
    *("state", "category", "model", "purchase_date", "in_service_date", "vendor_end_of_support"),
    *("disposal_date", "certificate_number"),
)
RETURNED_WITHIN = 10 * WORKING_DAY
LONGEST_WAIT = timedelta(days=60)
"""No ten working days last longer."""


@dataclass(frozen=True)
class EquipmentTally:
    """How many assets there are of each sort.

    At the end of the month: `kept`, of which some are `unsupported`, `overdue` for replacement or `undated`. Gone for
    good in it, where they held data: `left`, of which `certified` were wiped by certificate. Of those who have left,
    `due_back` in it, of which `returned` came in time.
    """

    kept: int = 0
    unsupported: int = 0
    overdue: int = 0
    undated: int = 0
    left: int = 0
    certified: int = 0
    due_back: int = 0
    returned: int = 0

    def __add__(self, other: Self) -> "EquipmentTally":
        return EquipmentTally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass
class EquipmentFigures(Facts):
    """What one reader may count in one month, of these councils: assets that they may see today."""

    person: Any
    month: Month
    councils: list[Council]

    tally_of = EquipmentTally
    whole_of = {
        "unsupported": "kept",
        "overdue": "kept",
        "undated": "kept",
        "certified": "left",
        "returned": "due_back",
    }
    parted = dict.fromkeys(("unsupported", "overdue", "undated"), ("category",))

    def values(self, by: str) -> list[str]:
        return Category.values

    def rows(self, figure: str, councils: list[int], **part: str) -> QuerySet[Asset]:
        keys = self.keys(figure, councils, part)
        seen = Asset.objects.visible_to(self.person).filter(pk__in=keys)
        return seen.select_related("council", "model", "manufacturer", "holder", "site")

    @cached_property
    def facts(self) -> list[Fact]:  # type: ignore[override]
        facts = [*self._kept(), *self._left(), *self._due_back()]
        seen = set(Asset.objects.visible_to(self.person).values_list("pk", flat=True))
        return [fact for fact in facts if fact.row in seen]

    @cached_property
    def _estate(self) -> list[tuple[int, int, dict[str, Any]]]:
        """What was in the registers at the end of the month: key, council, and what was known of it."""
        rows = estate(self._day, NAMES, self._keys)
        return [
            (row.key, row.council, dict(zip(NAMES, (each.value for each in row.values), strict=True)))
            for row in rows
        ]

    def _kept(self) -> Iterator[Fact]:
        """What had not left for good."""
        ends, past = self._ends_of_support(), self._past()
        for key, council, was in self._estate:
            if was["state"] in TERMINAL:
                continue
            figures = {"kept"}
            if key in past.unsupported:
                figures.add("unsupported")
            if key in past.overdue:
                figures.add("overdue")
            ends_on = was["vendor_end_of_support"] or ends.get(was["model"])
            if not (was["purchase_date"] or was["in_service_date"] or ends_on):
                figures.add("undated")
            yield Fact(key, council, frozenset(figures), {"category": was["category"]})

    def _past(self) -> Any:
        """What was `overdue` for replacement, as it was planned then, and what was `unsupported`."""
        return import_string(settings.PAST_ASSETS)(self._day, self._keys)

    def _ends_of_support(self) -> dict[int, date | None]:
        """Until when models were supported, as it was known then."""
        ends = dict(AssetModel.objects.values_list("pk", "end_of_support"))
        if self._is_over:
            told = values_then(AssetModel._meta.label_lower, self.month.ends, ("end_of_support",))
            ends |= {key: _day(old["end_of_support"][0]) for key, old in told.items()}
        return ends

    def _left(self) -> Iterator[Fact]:
        """What held data and went for good in the month, whether there is a certificate that it was wiped."""
        passed = Sanitisation.objects.visible_to(self.person).filter(
            result=Sanitisation.Result.PASSED, recorded_at__lt=self.month.as_at
        )
        wiped = set(passed.values_list("asset", flat=True))
        holds_data = dict(AssetModel.objects.values_list("pk", "holds_data"))
        for key, council, was in self._estate:
            day = was["disposal_date"]
            if was["state"] not in Disposal.Kind or not day or not self.month.first <= day <= self._day:
                continue
            if not holds_no_data(was["category"], holds_data.get(was["model"])):
                proven = key in wiped or was["certificate_number"]
                yield Fact(key, council, frozenset({"left", "certified"} if proven else {"left"}))

    def _due_back(self) -> Iterator[Fact]:
        """What people had as their last day began, of whom it was due back ten working days later, in this month."""
        due_by = self._due_by()
        held = Custody.objects.visible_to(self.person).filter(council__in=self._keys, person__in=due_by)
        kept: defaultdict[tuple[int, int], list[bool]] = defaultdict(list)
        for asset, council, person, begun_at, ended_at in held.values_list(
            "asset", "council", "person", "begun_at", "ended_at"
        ):
            last_day, deadline = due_by[person]
            if begun_at < last_day + timedelta(days=1) and not (ended_at and ended_at < last_day):
                kept[asset, council].append(bool(ended_at and ended_at <= deadline))
        for (asset, council), returned in kept.items():
            figures = {"due_back", "returned"} if all(returned) else {"due_back"}
            yield Fact(asset, council, frozenset(figures))

    def _due_by(self) -> dict[int, tuple[datetime, datetime]]:
        """Those of whom kit was due back in the month: when their last day began, and by when it was due."""
        known = Q(employed_to__gte=self.month.first - LONGEST_WAIT, employed_to__lt=self.month.ends.date())
        told = {}
        if self._is_over:
            told = values_then(Person._meta.label_lower, self.month.ends, ("employed_to",))
        hours: dict[int, WorkingCalendar] = {}
        found = {}
        leaving = Person.objects.filter(known | Q(pk__in=told))
        for person, council, employed_to in leaving.values_list("pk", "council", "employed_to"):
            last = _day(told[person]["employed_to"][0]) if person in told else employed_to
            if last is None:
                continue
            begins = timezone.make_aware(datetime.combine(last, time.min))
            if council not in hours:
                hours[council] = desk_hours_at(council, self.month.as_at)
            ends = timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))
            deadline = due(hours[council], ends, RETURNED_WITHIN)
            if deadline and self.month.begins <= deadline < self.month.as_at:
                found[person] = begins, deadline
        return found

    @property
    def _keys(self) -> list[int]:
        return [council.pk for council in self.councils]

    @property
    def _is_over(self) -> bool:
        return self.month.as_at == self.month.ends

    @property
    def _day(self) -> date:
        """The last day of the month, or today."""
        return timezone.localdate(self.month.as_at - timedelta(microseconds=1))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
