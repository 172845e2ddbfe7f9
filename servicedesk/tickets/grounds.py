"""Why anybody sees a ticket: the whole rule as a table, a line for each reason.

A line says what must hold between a person and a ticket, and each such condition can be asked from either side: which
tickets does this person see by it, and which people see this ticket by it. So the rule that lists and pages obey and
the answer to "who can see this, and why?" are one and the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Protocol

from django.apps import apps
from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from servicedesk.people.access import councils_of, stood_in_for, teams_of
from servicedesk.people.holders import holders_of
from servicedesk.people.models import Membership, StandIn
from servicedesk.people.querysets import in_force
from servicedesk.people.roles import Permission

NOBODY = Q(pk__in=[])


class Condition(Protocol):
    """Something that must hold between a person and a ticket."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What `people` needs to know of the ticket."""

    def tickets(self, person) -> Q | None:
        """The tickets for which it holds of the person; None where that is none, so that nothing is asked."""

    def people(self, ticket: Mapping[str, Any]) -> Q:
        """The people of whom it holds for the ticket."""


@dataclass(frozen=True)
class Holds:
    """The person holds the permission at the ticket's council."""

    permission: Permission
    columns = ("council",)

    def tickets(self, person) -> Q | None:
        councils = councils_of(person, self.permission)
        return Q(council__in=councils) if councils else None

    def people(self, ticket: Mapping[str, Any]) -> Q:
        return Q(pk__in=holders_of(self.permission, ticket["council"]).values("person"))


@dataclass(frozen=True)
class OfItsCouncil:
    """The person is one of the ticket's own council."""

    columns = ("council",)

    def tickets(self, person) -> Q | None:
        return Q(council=person.council_id)

    def people(self, ticket: Mapping[str, Any]) -> Q:
        return Q(council=ticket["council"])


@dataclass(frozen=True)
class Named:
    """One of these columns of the ticket is the person."""

    columns: tuple[str, ...]

    def tickets(self, person) -> Q | None:
        rule = Q()
        for column in self.columns:
            rule |= Q((column, person.pk))
        return rule

    def people(self, ticket: Mapping[str, Any]) -> Q:
        return Q(pk__in={ticket[column] for column in self.columns} - {None})


@dataclass(frozen=True)
class StandsInFor:
    """The person stands in for whom this column of the ticket names."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def tickets(self, person) -> Q | None:
        people = stood_in_for(person)
        return Q((f"{self.column}__in", people)) if people else None

    def people(self, ticket: Mapping[str, Any]) -> Q:
        named = StandIn.objects.in_force().filter(person=ticket[self.column])
        return Q(pk__in=named.values("stand_in"))


@dataclass(frozen=True)
class InTeam:
    """This column of the ticket is a team of the person."""

    column: str

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column,)

    def tickets(self, person) -> Q | None:
        teams = teams_of(person)
        return Q((f"{self.column}__in", teams)) if teams else None

    def people(self, ticket: Mapping[str, Any]) -> Q:
        if ticket[self.column] is None:
            return NOBODY
        members = Membership.objects.filter(in_force(), team=ticket[self.column])
        return Q(pk__in=members.values("person"))


@dataclass(frozen=True)
class BrokeTheGlass:
    """The person broke the glass of the ticket, and the hours are not over."""

    columns = ("pk",)

    def tickets(self, person) -> Q | None:
        broken = _broken_by(person)
        return Q(pk__in=broken) if broken else None

    def people(self, ticket: Mapping[str, Any]) -> Q:
        return Q(pk__in=_broken().filter(ticket=ticket["pk"]).values("person"))


def _broken():
    return apps.get_model("tickets", "BreakGlass").objects.in_force()


def _broken_by(person) -> frozenset[int]:
    """The few tickets whose glass the person has broken, remembered on them as `access_of` remembers their rights."""
    if not hasattr(person, "_broken"):
        person._broken = frozenset(_broken().filter(person=person.pk).values_list("ticket", flat=True))
    return person._broken


@dataclass(frozen=True)
class Ground:
    """A reason to see a ticket: what is true of the ticket, and all the conditions that hold for the person.

    `sentence` goes on from "They see it because". Who `reads_notes` reads what the desk says among itself as well.
    """

    sentence: str
    where: Q
    conditions: tuple[Condition, ...]
    reads_notes: bool = False

    @property
    def columns(self) -> set[str]:
        return {column for condition in self.conditions for column in condition.columns}

    def tickets(self, person) -> Q | None:
        """The tickets that the person sees by it; None where there is none."""
        rule = self.where
        for condition in self.conditions:
            held = condition.tickets(person)
            if held is None:
                return None
            rule &= held
        return rule

    def people(self, ticket: Mapping[str, Any]) -> Q:
        """The people who see by it a ticket, given by its `columns`, of which `where` is true."""
        rule = Q()
        for condition in self.conditions:
            rule &= condition.people(ticket)
        return rule


SHARED, OWN_COUNCIL, RESTRICTED = (
    Q(sharing="shared"),
    Q(sharing="own_council"),
    Q(sharing="restricted"),
)
P = Permission

GROUNDS = (
    Ground("it is their own request, or one made for them", Q(), (Named(("requester", "affected_person")),)),
    Ground("it is assigned to them", ~RESTRICTED, (Holds(P.WORK_TICKETS), Named(("assignee",))), True),
    Ground("they are in its case group", RESTRICTED, (InTeam("case_group"),), True),
    Ground("they see the requests that the councils share", SHARED, (Holds(P.SEE_SHARED_TICKETS),), True),
    Ground("they see what its council keeps to itself", OWN_COUNCIL, (Holds(P.SEE_COUNCIL_TICKETS),), True),
    Ground("they answer for cyber security", Q(sensitivity="cyber"), (Holds(P.SEE_CYBER_TICKETS),), True),
    Ground(
        "they own the service that it is about",
        SHARED,
        (Holds(P.SEE_SERVICE_TICKETS), Named(("service__owner",))),
    ),
    Ground(
        "they own the service that it is about, at its own council",
        OWN_COUNCIL,
        (Holds(P.SEE_SERVICE_TICKETS), OfItsCouncil(), Named(("service__owner",))),
    ),
    Ground("it is with their firm", ~RESTRICTED, (Holds(P.SEE_FIRM_TICKETS), InTeam("team"))),
    Ground(
        "it waits for their firm",
        ~RESTRICTED & Q(state="waiting_supplier"),
        (Holds(P.SEE_FIRM_TICKETS), InTeam("supplier_team")),
    ),
    Ground("it waits for their approval", ~RESTRICTED & Q(state="waiting_approval"), (Named(("approver",)),)),
    Ground(
        "it waits for the approval of somebody for whom they stand in",
        ~RESTRICTED & Q(state="waiting_approval"),
        (StandsInFor("approver"),),
    ),
    Ground(
        "they opened it for a few hours, for a reason that others were told",
        RESTRICTED,
        (Holds(P.BREAK_GLASS), BrokeTheGlass()),
        True,
    ),
)


def grounds() -> tuple[Ground, ...]:
    """Every reason, those of higher apps among them."""
    return GROUNDS + _of_higher_apps(tuple(settings.TICKET_SIGHT))


@cache
def _of_higher_apps(names: tuple[str, ...]) -> tuple[Ground, ...]:
    """What `settings.TICKET_SIGHT` names, none of which opens a sealed ticket."""
    found = [import_string(name) for name in names]
    return tuple(replace(ground, where=~RESTRICTED & ground.where) for ground in found)


def sight(person) -> Q:
    """The tickets that somebody with a grant sees: those for which any ground holds."""
    rule = Q()
    for ground in grounds():
        held = ground.tickets(person)
        if held is not None:
            rule |= held
    return rule
