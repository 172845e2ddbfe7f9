"""The numbers behind the figures, out of the database in a handful of queries, and the lists of what they counted.

A figure is a rule on tickets. Its number and its list come from the same rule and the same rows, so every number opens
a list of exactly that many requests. Only requests that the reader may see are counted, private ones never; cancelled
ones, duplicates and those merged into others are left out.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, cached_property, reduce
from operator import add
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.reports.kpis import AGES, SATISFIED, WORKING_DAY, Tally, begun_before
from servicedesk.service_levels.models import Metric
from servicedesk.service_levels.stopwatch import BY_REPRIORITISATION, MET, MISSED
from servicedesk.tickets.grace import desk_hours
from servicedesk.tickets.models import Clock, Sharing, Ticket, TicketState, TicketType
from servicedesk.tickets.querysets import TicketQuerySet

PARTS = ("priority", "age", "uplift")
"""What a figure is parted by."""
Part = tuple[str, str, str]
UNDONE = (TicketState.CANCELLED, TicketState.REJECTED)
ITS_PROMISE = Q(clocks__metric=Metric.FULFILMENT, type=TicketType.REQUEST) | (
    Q(clocks__metric=Metric.RESOLUTION) & ~Q(type=TicketType.REQUEST)
)
"""A request is delivered, anything else is fixed."""
FIRST_LINE = Q(team=None) | Q(team__tier=1)
AT_ONCE = Q(first_response_at=None) | Q(first_response_at__gte=F("resolved_at"))
"""The first word to the requester was that it is done."""

RESOLVED: dict[str, Q] = {
    "resolved": Q(),
    "measured": Q(promise__state__in=(MET, MISSED)),
    "met": Q(promise__state=MET),
    "missed": Q(promise__state=MISSED),
    "reprioritised": Q(promise__state=MISSED, promise__breach_kind=BY_REPRIORITISATION),
    "first_contact": FIRST_LINE & AT_ONCE & Q(reassign_count=0, reopen_count=0, supplier_team=None),
    "reopened": Q(reopen_count__gt=0),
    "answered": Q(satisfaction__isnull=False),
    "satisfied": Q(satisfaction__score__gte=SATISFIED),
}
SUMS = {
    "goals": Coalesce(Sum("promise__service_level__goal_percent", filter=RESOLVED["measured"]), 0),
    "scores": Coalesce(Sum("satisfaction__score"), 0),
}
BACKLOG: dict[str, Q] = {"backlog": Q(), "late": Q(due_at__lt=F("as_at"))}
REFERRED: dict[str, Q] = {
    "referred": Q(),
    "supplier_met": Q(supplier_was_late=False),
    "supplier_missed": Q(supplier_was_late=True),
}
ADDED_UP = ("measured", "referred")
"""What a Tally adds up by itself."""


class Month(NamedTuple):
    """A month of the councils' own clocks. What is open is counted at its end, or now where it has not ended."""

    first: date
    begins: datetime
    ends: datetime
    as_at: datetime

    @classmethod
    def of(cls, first: date, now: datetime) -> "Month":
        begins, ends = _midnight(first), _midnight(next_month(first))
        return cls(first, begins, ends, min(ends, now))


def next_month(first: date) -> date:
    """The first day of the month after."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def month_before(first: date) -> date:
    """The first day of the month before."""
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def councils_counted(person) -> list[Council]:
    """The councils whose requests the person's figures count, by code."""
    seeing = Permission.SEE_SHARED_TICKETS, Permission.SEE_COUNCIL_TICKETS, Permission.SEE_SERVICE_TICKETS
    reached = frozenset[int]().union(*(councils_of(person, permission) for permission in seeing))
    return list(Council.objects.filter(pk__in=reached))


@dataclass
class Figures:
    """What one reader may count in one month, of these councils."""

    person: Any
    month: Month
    councils: list[Council]

    @cached_property
    def tallies(self) -> dict[int, dict[Part, Tally]]:
        """By council, then by priority, age and uplift: four queries, however many requests there are."""
        found: defaultdict[int, defaultdict[Part, Tally]] = defaultdict(lambda: defaultdict(Tally))
        for tickets, rules, sums in (
            (self.resolved(), RESOLVED, SUMS),
            (self.backlog(), BACKLOG, {}),
            (self.referred(), REFERRED, {}),
        ):
            counts = {name: Count("pk", filter=rule) for name, rule in rules.items() if name not in ADDED_UP}
            # Named so that no number is called as a column of a ticket is.
            wanted = {f"n_{name}": number for name, number in {**counts, **sums}.items()}
            for council, part, numbers in _grouped(tickets, wanted):
                found[council][part] += Tally(**numbers)
        for council, part, seconds in self._durations():
            found[council][part] += Tally(seconds=seconds)
        return {council: dict(parts) for council, parts in found.items()}

    def tally(self, council: int, **part: str) -> Tally:
        """All that was counted of a council, or what is of that priority, age or uplift."""
        return self._summed(council, tuple(part.items()))

    @cached_property
    def _summed(self) -> Callable[[int, tuple[tuple[str, str], ...]], Tally]:
        @cache
        def summed(council: int, part: tuple[tuple[str, str], ...]) -> Tally:
            wanted = [(PARTS.index(by), value) for by, value in part]
            parts = self.tallies.get(council, {}).items()
            found = (tally for key, tally in parts if all(key[at] == value for at, value in wanted))
            return reduce(add, found, Tally())

        return summed

    def tickets(self, figure: str, councils: list[int], **parts: str) -> TicketQuerySet:
        """What a figure counted, of these councils and this part. Raises KeyError for a figure that there is not."""
        for rules, base in (
            (RESOLVED, self.resolved),
            (BACKLOG, self.backlog),
            (REFERRED, self.referred),
        ):
            if figure in rules:
                return base().filter(rules[figure], council__in=councils, **parts)
        raise KeyError(figure)

    def resolved(self) -> TicketQuerySet:
        """What was resolved in the month, with the promise that it carried and how old it was by then."""
        tickets = self._counted().filter(
            state__in=(TicketState.RESOLVED, TicketState.CLOSED),
            resolved_at__gte=self.month.begins,
            resolved_at__lt=self.month.ends,
        )
        promised = FilteredRelation("clocks", condition=ITS_PROMISE)
        return tickets.annotate(promise=promised).annotate(waited=WAITED).annotate(age=AGE_WHEN_RESOLVED)

    def backlog(self) -> TicketQuerySet:
        """What was open at the end of the month, with its age by then in working days of its council's desk."""
        as_at = self.month.as_at
        still_open = Q(resolved_at=None) | Q(resolved_at__gte=as_at)
        tickets = self._counted().filter(still_open, reported_at__lt=as_at).exclude(state__in=UNDONE)
        return tickets.annotate(as_at=Value(as_at), age=self._age_when_open)

    def referred(self) -> TicketQuerySet:
        """What a supplier gave back in the month, with whether any of its promises was broken."""
        theirs = Clock.objects.filter(
            ticket=OuterRef("pk"),
            metric=Metric.SUPPLIER,
            stopped_at__gte=self.month.begins,
            stopped_at__lt=self.month.ends,
        )
        tickets = self._counted().exclude(state__in=UNDONE)
        return tickets.filter(Exists(theirs.filter(state__in=(MET, MISSED)))).annotate(
            supplier_was_late=Exists(theirs.filter(state=MISSED)), age=Value("", CharField())
        )

    def _counted(self) -> TicketQuerySet:
        """What the reader's figures are about: for who sees tickets by the services that they own, those alone."""
        tickets = Ticket.objects.visible_to(self.person).exclude(sharing=Sharing.RESTRICTED)
        if not may(self.person, Permission.SEE_SHARED_TICKETS):
            tickets = tickets.filter(service__owner=self.person)
        return tickets.filter(
            council__in=[council.pk for council in self.councils], merged_into=None, duplicate_of=None
        )

    def _durations(self) -> list[tuple[int, Part, tuple[int, ...]]]:
        """The working seconds that each ticket with a promise took, by council and part."""
        measured = self.resolved().filter(RESOLVED["measured"])
        found: defaultdict[tuple[int, Part], list[int]] = defaultdict(list)
        for council, priority, age, uplift, seconds in measured.order_by().values_list(
            "council", *PARTS, "promise__elapsed_seconds"
        ):
            found[council, (priority, age, uplift)].append(seconds)
        return [(council, part, tuple(seconds)) for (council, part), seconds in found.items()]

    @cached_property
    def _age_when_open(self) -> Case:
        """The age by when it was reported: a council's hours say once from when on a ticket is of which age."""
        older = []
        for council in self.councils:
            hours = desk_hours(council.pk)
            for age, days in reversed(AGES.items()):
                begun = begun_before(hours, self.month.as_at, days) if days else None
                if begun:
                    older.append(When(council=council.pk, reported_at__lte=begun, then=Value(age)))
        return Case(*older, default=Value(next(iter(AGES))), output_field=CharField())


WAITED = F("promise__elapsed_seconds") + F("promise__paused_seconds")
AGE_WHEN_RESOLVED = Case(
    *(
        When(Q(promise__started_at__isnull=False, waited__gte=days * WORKING_DAY), then=Value(age))
        for age, days in reversed(AGES.items())
    ),
    default=Value(""),
    output_field=CharField(),
)
"""The age by the promise's own hours, pauses counted too; none where nothing was promised."""


def _grouped(tickets: TicketQuerySet, numbers: Mapping[str, Any]) -> list[tuple[int, Part, dict]]:
    """Each council and part with its numbers, by the names that a Tally has for them."""
    rows = tickets.order_by().values_list("council", *PARTS).annotate(**numbers)
    names = [name.removeprefix("n_") for name in numbers]
    return [(row[0], (row[1], row[2], row[3]), dict(zip(names, row[4:], strict=True))) for row in rows]
