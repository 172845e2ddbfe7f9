"""The numbers behind the figures, and the lists of what they counted.

A figure is a rule on a request as it was at the end of the month, so a month that is over does not change. Its number
and its list come from the same rows, so every number opens a list of exactly that many requests. Only requests that the
reader may see are counted, private ones never; cancelled ones, duplicates and those merged into others are left out.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone

from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council, Team
from servicedesk.people.roles import Permission
from servicedesk.reports.entering import KINDS, as_facts, figures_entered
from servicedesk.reports.facts import Fact, Facts
from servicedesk.reports.keeping_back import LEAST
from servicedesk.reports.kpis import AGES, SATISFIED, Tally, age_of, begun_before
from servicedesk.reports.models import EnteredFigure
from servicedesk.reports.months import Month
from servicedesk.reports.past import Request, given_back, requests_for_starters, requests_of
from servicedesk.service_levels.past_hours import desk_hours_at
from servicedesk.service_levels.stopwatch import BY_REPRIORITISATION, MET, MISSED
from servicedesk.tickets.models import (
    BreachReason,
    Channel,
    Priority,
    Satisfaction,
    Sharing,
    Ticket,
    TicketType,
    Uplift,
)
from servicedesk.tickets.querysets import TicketQuerySet
from servicedesk.tickets.satisfying import MENDED_WITHIN

VALUES: dict[str, list[str]] = {
    "priority": Priority.values,
    "age": list(AGES),
    "uplift": Uplift.values,
    "channel": Channel.values,
    "reason": ["", *BreachReason.values],
}
"""By what figures are parted, beside the supplier: what each can be."""
WHOLE_OF = {
    "measured": "resolved",
    "met": "measured",
    "missed": "measured",
    "reprioritised": "missed",
    "eligible": "resolved",
    "first_contact": "eligible",
    "reopened": "resolved",
    "satisfied": "answered",
    "late": "backlog",
    "supplier_met": "referred",
    "supplier_missed": "referred",
    "ready": "starters",
    **{words.part: words.whole for words in KINDS.values()},
}
PARTED: dict[str, tuple[str, ...]] = {
    "raised": ("channel",),
    "met": ("priority", "age", "uplift"),
    "missed": ("priority", "age", "uplift", "reason"),
    "late": ("priority",),
    "backlog": ("age",),
    "supplier_met": ("supplier",),
    "supplier_missed": ("supplier",),
}
ADDED_UP = ("measured", "referred")
"""What a Tally adds up by itself."""
OUTAGES = {Priority.P1: "critical", Priority.P2: "high"}
MINUTE = timedelta(minutes=1)


def councils_counted(person) -> list[Council]:
    """The councils whose requests the person's figures count, by code."""
    seeing = Permission.SEE_SHARED_TICKETS, Permission.SEE_COUNCIL_TICKETS, Permission.SEE_SERVICE_TICKETS
    reached = frozenset[int]().union(*(councils_of(person, permission) for permission in seeing))
    return list(Council.objects.filter(pk__in=reached))


@dataclass
class Figures(Facts):
    """What one reader may count in one month, of these councils."""

    person: Any
    month: Month
    councils: list[Council]

    tally_of = Tally
    added_up = ADDED_UP
    whole_of = WHOLE_OF
    mostly_all = "measured", "eligible"
    parted = PARTED
    rest_of = {"met": "missed", "supplier_met": "supplier_missed"}

    def rows(self, figure: str, councils: list[int], **part: str) -> TicketQuerySet:
        keys = self.keys(figure, councils, part)
        return Ticket.objects.visible_to(self.person).filter(pk__in=keys).select_related("council")

    @cached_property
    def facts(self) -> list[Fact]:  # type: ignore[override]
        requests = list(requests_of(self._counted(), self.month))
        return [
            *(self._raised(one) for one in requests if one.logged_at >= self.month.begins),
            *(_resolved(one) for one in requests if one.is_done),
            *(self._open(one) for one in requests if not one.is_done),
            *(self._outage(one) for one in requests if _is_outage(one)),
            *(_given_back(*each) for each in given_back(requests, self.month)),
            *self._answers(),
            *self._starters(),
            *as_facts(self.entered),
        ]

    def values(self, by: str) -> list[str]:
        return self.suppliers if by == "supplier" else VALUES[by]

    @cached_property
    def suppliers(self) -> list[str]:
        """The keys of the suppliers, by name."""
        teams = Team.objects.filter(kind=Team.Kind.SUPPLIER)
        return [str(key) for key in teams.order_by("name").values_list("pk", flat=True)]

    def _counted(self) -> TicketQuerySet:
        """What the reader's figures are about: for who sees tickets by the services that they own, those alone."""
        tickets = Ticket.objects.visible_to(self.person).exclude(sharing=Sharing.RESTRICTED)
        if not may(self.person, Permission.SEE_SHARED_TICKETS):
            tickets = tickets.filter(service__owner=self.person)
        return tickets.filter(council__in=[council.pk for council in self.councils])

    def _raised(self, request: Request) -> Fact:
        parts = {"channel": request.channel}
        return Fact(request.pk, request.council, frozenset({"raised"}), parts)

    def _open(self, request: Request) -> Fact:
        """What was open at the end of the month, with its age by then in working days of its council's desk."""
        late_from = request.promise.late_from if request.promise else None
        late = late_from is not None and late_from < self.month.as_at
        figures = frozenset({"backlog", "late"} if late else {"backlog"})
        begun = self._ages[request.council]
        age = next((age for age, moment in begun if request.reported_at <= moment), next(iter(AGES)))
        return Fact(request.pk, request.council, figures, {"priority": request.priority, "age": age})

    @cached_property
    def _ages(self) -> dict[int, list[tuple[str, datetime]]]:
        """By council: each age, the oldest first, and by when what is so old was reported."""
        return {council.pk: list(self._begun(council)) for council in self.councils}

    def _begun(self, council: Council) -> Iterator[tuple[str, datetime]]:
        hours = desk_hours_at(council.pk, self.month.as_at)
        for age, days in reversed(AGES.items()):
            begun = begun_before(hours, self.month.as_at, days) if days else None
            if begun:
                yield age, begun

    def _outage(self, request: Request) -> Fact:
        """The minutes of the month, by the clock on the wall, from when it was reported until it was resolved."""
        name = OUTAGES[Priority(request.priority)]
        ends = request.resolved_at or self.month.as_at
        lasted = ends - max(request.reported_at, self.month.begins)
        minutes = {f"{name}_minutes": max(lasted // MINUTE, 0)}
        return Fact(request.pk, request.council, frozenset({name}), sums=minutes)

    def _answers(self) -> Iterator[Fact]:
        """How content people said in the month that they were, whenever that was resolved of which they said it."""
        said = Satisfaction.objects.filter(
            ticket__in=self._counted().values("pk"), at__gte=self.month.begins, at__lt=self.month.ends
        )
        for ticket, council, score in said.values_list("ticket", "ticket__council", "score"):
            figures = {"answered", "satisfied"} if score >= SATISFIED else {"answered"}
            yield Fact(ticket, council, frozenset(figures), sums={"scores": score})

    def _starters(self) -> Iterator[Fact]:
        """Each person whose first day was in the month, by the request for them that was delivered last, or is not yet:
        whether it was there by the end of that day."""
        last: dict[tuple[int, int], tuple[datetime, int, bool]] = {}
        for request, person, ended in requests_for_starters(self._counted(), self.month):
            delivered = request.resolved_at if request.is_done and request.resolved_at else self.month.ends
            one = delivered, request.pk, delivered < ended
            key = request.council, person
            last[key] = max(last.get(key, one), one)
        for (council, _), (_, ticket, in_time) in last.items():
            yield Fact(ticket, council, frozenset({"starters", "ready"} if in_time else {"starters"}))

    @cached_property
    def told_by_few(self) -> set[int]:
        """The councils of which some answers, but fewer than five, are none that the reader may read one by one: how
        content these were on average would say what somebody alone said. Until no answer of the month can be mended any
        more, any such answers are too few, because two looks at their average tell what was said between."""
        answers = [fact for fact in self.facts if "answered" in fact.figures]
        if not answers:
            return set()
        answered = Ticket.objects.filter(pk__in=[fact.row for fact in answers])
        whose_notes, own = answered.read_whole_by(self.person), answered.requested_by(self.person)
        read = {*whose_notes.values_list("pk", flat=True), *own.values_list("pk", flat=True)}
        unread = Counter(fact.council for fact in answers if fact.row not in read)
        unsettled = timezone.now() < self.month.ends + MENDED_WITHIN
        return {council for council, number in unread.items() if unsettled or number < LEAST}

    @cached_property
    def entered(self) -> list[EnteredFigure]:
        """What was entered of the month from elsewhere."""
        return figures_entered(self.councils, self.month)


def _is_outage(request: Request) -> bool:
    return request.type != TicketType.REQUEST and request.priority in OUTAGES


def _resolved(request: Request) -> Fact:
    """What was resolved in the month, with the promise that it carried and how old it was by then."""
    figures = {"resolved"}
    if request.first_line:
        figures.add("eligible")
        if request.tier == 1 and request.supplier_team is None and _at_first_contact(request):
            figures.add("first_contact")
    if request.reopen_count:
        figures.add("reopened")
    parts = {"priority": request.priority, "uplift": request.uplift}
    promise = request.promise
    if promise is None:
        return Fact(request.pk, request.council, frozenset(figures), parts)
    parts["age"] = age_of(promise.elapsed_seconds + promise.paused_seconds)
    if promise.state not in (MET, MISSED):
        return Fact(request.pk, request.council, frozenset(figures), parts)
    figures |= {"measured", promise.state}
    if promise.state == MISSED:
        parts["reason"] = promise.breach_reason
        if promise.breach_kind == BY_REPRIORITISATION:
            figures.add("reprioritised")
    goal = {"goals": promise.goal_percent}
    return Fact(request.pk, request.council, frozenset(figures), parts, goal, promise.elapsed_seconds)


def _at_first_contact(request: Request) -> bool:
    """The first word to the requester was that it is done, nobody handed it over, and it was not opened again: that can
    be done within five working days, so also after the month."""
    replied = request.first_response_at
    at_once = replied is None or (request.resolved_at is not None and replied >= request.resolved_at)
    return at_once and not request.reassign_count and not request.ever_reopened


def _given_back(request: Request, supplier: int, late: bool) -> Fact:
    figures = frozenset({"referred", "supplier_missed" if late else "supplier_met"})
    return Fact(request.pk, request.council, figures, {"supplier": str(supplier)})
