"""Questions about tickets, and the one answer to who may see which."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils.module_loading import import_string

from servicedesk.people.access import access_of, councils_of, teams_of
from servicedesk.people.roles import Permission

CUSTOMER_REPLIED = Q(last_comment_by=F("requester")) | Q(last_comment_by=F("affected_person"))
"""The requester, or whom it is for, spoke last."""


def _sight(person) -> Q:
    """The whole rule, one sentence a line: a ticket is seen when any of these holds."""
    me, teams = person.pk, teams_of(person)
    shared = ~Q(sharing="restricted")
    rule = Q(requester=me) | Q(affected_person=me)
    if working := councils_of(person, Permission.WORK_TICKETS):
        rule |= shared & Q(assignee=me, council__in=working)
    if teams:
        rule |= Q(sharing="restricted", case_group__in=teams)
    if desks := councils_of(person, Permission.SEE_SHARED_TICKETS):
        rule |= Q(sharing="shared", council__in=desks)
    if own := councils_of(person, Permission.SEE_COUNCIL_TICKETS):
        rule |= Q(sharing="own_council", council__in=own)
    if guarded := councils_of(person, Permission.SEE_CYBER_TICKETS):
        rule |= Q(sensitivity="cyber", council__in=guarded)
    if owned := councils_of(person, Permission.SEE_SERVICE_TICKETS):
        rule |= Q(sharing="shared", service__owner=person, council__in=owned)
        rule |= Q(sharing="own_council", service__owner=person, council__in=owned & {person.council_id})
    if firm := councils_of(person, Permission.SEE_FIRM_TICKETS):
        with_it = Q(team__in=teams) | Q(supplier_team__in=teams, state="waiting_supplier")
        rule |= shared & Q(council__in=firm) & with_it
    for name in settings.TICKET_SIGHT:
        rule |= shared & import_string(name)(person)
    return rule


class TicketQuerySet(models.QuerySet):
    """Tickets. Restricted ones are seen by the people they concern and their case group, and by nobody else.

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
        rule = _sight(person)
        if councils_of(person, Permission.SEE_SHARED_TICKETS):
            return self.filter(Case(When(rule, then=True), default=False))
        return self.filter(rule)

    def requested_by(self, person) -> Self:
        """A person's own requests, and those made for them."""
        return self.filter(Q(requester=person) | Q(affected_person=person))

    def open(self) -> Self:
        return self.filter(is_open=True)
