"""Who is asked to approve a request: its requester's manager, or who holds the budget of its council.

What is asked of a service that needs approval waits for one of them from the beginning; of anything else an engineer
may ask them. A private request is approved within its case group.
"""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Case, IntegerField, Q, QuerySet, When

from servicedesk.catalogue.models import Service
from servicedesk.people.access import may
from servicedesk.people.duty import away_until
from servicedesk.people.holders import holders_of
from servicedesk.people.models import Membership, Person, StandIn
from servicedesk.people.querysets import in_force
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Sharing, Ticket, TicketState, TicketType
from servicedesk.tickets.rights import decides, is_its_requester, may_read_notes


def approvers_for(ticket: Ticket) -> QuerySet[Person]:
    """Who can be asked. Nobody approves what they asked for themselves, or what is for them."""
    concerned = [ticket.requester_id, ticket.affected_person_id]
    if ticket.sharing == Sharing.RESTRICTED:
        members = Membership.objects.filter(in_force(), team=ticket.case_group_id)
        asked = Q(pk__in=members.values("person"))
    else:
        asked = _manages(ticket) | _manages_their_manager(ticket) | _holds_the_budget(ticket)
    return Person.objects.active().filter(asked).exclude(pk__in=[key for key in concerned if key])


def needs_approval(ticket: Ticket) -> bool:
    """Whether it waits for approval before anybody begins."""
    asks = ticket.type == TicketType.REQUEST and ticket.state == TicketState.NEW
    return asks and ticket.service is not None and bool(ticket.service.approval)


def approver_by_rule(ticket: Ticket, now: datetime) -> Person:
    """Who is asked by the rule of its service: the first of those who are here or have a stand-in, else of all.

    Above a manager stands theirs, and where nobody is above, who holds the budget. Raises ValidationError where nobody
    can be asked: it is not begun unapproved.
    """
    candidates = approvers_for(ticket)
    if ticket.sharing != Sharing.RESTRICTED and ticket.service:
        ranks = [_holds_the_budget(ticket)]
        if ticket.service.approval == Service.Approval.MANAGER:
            ranks = [_manages(ticket), _manages_their_manager(ticket), *ranks]
        whens = [When(rule, then=rank) for rank, rule in enumerate(ranks)]
        ranked = candidates.annotate(rank=Case(*whens, output_field=IntegerField()))
        candidates = ranked.filter(rank__isnull=False).order_by("rank", "display_name", "pk")
    people = list(candidates)
    away = away_until(people, now)
    stood_in_for = set(StandIn.objects.in_force(now).filter(person__in=away).values_list("person", flat=True))
    here = [person for person in people if person.pk not in away or person.pk in stood_in_for]
    if not people:
        raise ValidationError({"service": f"Nobody at {ticket.council} can approve this. Call the IT desk."})
    return (here or people)[0]


def may_know_why(person, ticket: Ticket) -> bool:
    """Whether the person may know why approval was asked: whose request it is, who is asked, who reads notes."""
    return _is_asked(person, ticket) or is_its_requester(person, ticket) or may_read_notes(person, ticket)


def may_know_cost(person, ticket: Ticket) -> bool:
    """Whether the person may know what it would cost: who is asked to approve it, and who sees the council's money."""
    return _is_asked(person, ticket) or may(person, Permission.SEE_ASSET_MONEY, ticket.council_id)


def _is_asked(person, ticket: Ticket) -> bool:
    return ticket.state == TicketState.WAITING_APPROVAL and decides(person, ticket)


def _manages(ticket: Ticket) -> Q:
    return Q(pk__in=_managers(ticket), council=ticket.council_id)


def _manages_their_manager(ticket: Ticket) -> Q:
    above = Person.objects.filter(reports__in=_managers(ticket)).values("pk")
    return Q(pk__in=above, council=ticket.council_id)


def _managers(ticket: Ticket) -> QuerySet:
    return Person.objects.filter(reports=ticket.requester_id).values("pk")


def _holds_the_budget(ticket: Ticket) -> Q:
    return Q(pk__in=holders_of(Permission.APPROVE_SPENDING, ticket.council_id).values("person"))
