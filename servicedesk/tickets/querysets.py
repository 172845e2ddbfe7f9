"""Questions about tickets, and the one answer to who may see which."""

from typing import Self

from django.db import models
from django.db.models import Case, F, Q, When

from servicedesk.people.access import access_of, councils_of
from servicedesk.people.roles import Permission
from servicedesk.tickets.grounds import sight

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

    def requested_by(self, person) -> Self:
        """A person's own requests, and those made for them."""
        return self.filter(Q(requester=person) | Q(affected_person=person))

    def open(self) -> Self:
        return self.filter(is_open=True)
