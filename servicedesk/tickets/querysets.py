"""Questions about tickets, and the one answer to who may see which."""

from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, When

from servicedesk.people.access import access_of, councils_of, teams_of
from servicedesk.people.roles import Permission
from servicedesk.tickets.grounds import RESTRICTED, grounds, sight

CUSTOMER_REPLIED = Q(last_comment_by=F("requester")) | Q(last_comment_by=F("affected_person"))
"""The requester, or whom it is for, spoke last."""


class TicketQuerySet(models.QuerySet):
    """Tickets. Who sees which, and why, is the table of `grounds`.

    Being assigned a ticket gives no sight of it to who has since lost the right to work on it.
    """

    def visible_to(self, person) -> Self:
        """The tickets that the person may see, and no other.

        Who sees most tickets walks a list in its own order and leaves out the few that are hidden, so the rule is
        put as one value to compare, which no index answers; who sees few gathers those few by the indexes.
        """
        access = access_of(person)
        if not (access and access.grants):
            return self.none()
        rule = sight(person)
        if councils_of(person, Permission.SEE_SHARED_TICKETS):
            return self.filter(Case(When(rule, then=True), default=False))
        return self.filter(rule)

    def read_whole_by(self, person) -> Self:
        """Those of which the person reads notes, history and tasks too: `rights.may_read_notes`, asked of many."""
        rule = Q(pk__in=[])
        for ground in grounds():
            held = ground.tickets(person) if ground.reads_notes else None
            if held is not None:
                rule |= held
        return self.visible_to(person).filter(rule)

    def with_firm_of(self, person) -> Self:
        """Those that the person answers for a supplier: `rights.is_its_supplier`, asked of many."""
        teams = teams_of(person)
        theirs = Q(team__in=teams) | Q(supplier_team__in=teams)
        councils = councils_of(person, Permission.WORK_FIRM_TICKETS)
        return self.visible_to(person).filter(~RESTRICTED & theirs, council__in=councils)

    def requested_by(self, person) -> Self:
        """A person's own requests, and those made for them."""
        return self.filter(Q(requester=person) | Q(affected_person=person))

    def asked_for_by_team_of(self, person) -> Self:
        """What those whom the person manages at their council have asked for, and is not sealed. Their manager may know
        the title and where it is, and opens none of it by that.
        """
        access = access_of(person)
        if not (access and access.grants):
            return self.none()
        managed = Q(requester__line_manager=person.pk, requester__council=person.council_id)
        return self.filter(managed, ~RESTRICTED, requester__is_active=True)

    def open(self) -> Self:
        return self.filter(is_open=True)


class TaskQuerySet(models.QuerySet):
    """Tasks. Being given a task, or being in its team, gives no sight of its ticket, and so none of the task."""

    def visible_to(self, person) -> Self:
        """The tasks of tickets that the person reads whole, and those of their own firm on tickets that are with it."""
        tickets = apps.get_model("tickets", "Ticket").objects
        whole = Exists(tickets.read_whole_by(person).filter(pk=OuterRef("ticket")))
        of_firm = Exists(tickets.with_firm_of(person).filter(pk=OuterRef("ticket")))
        return self.filter(Q(whole) | Q(of_firm, team__in=teams_of(person)))

    def open(self) -> Self:
        """Those that have not ended."""
        return self.filter(ended_at=None)

    def given_to(self, person) -> Self:
        """Those of the person, and those of their teams that nobody has."""
        return self.filter(Q(assignee=person.pk) | Q(assignee=None, team__in=teams_of(person)))
