"""Raising tickets: from what somebody says to a record with a reference, a queue and deadlines."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.history.recording import change_set, record
from servicedesk.lists.references import take_references
from servicedesk.people.access import may
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.roles import Permission
from servicedesk.tickets import clocks
from servicedesk.tickets.case_groups import case_group_for, sensitivity_of
from servicedesk.tickets.finding import index_tickets
from servicedesk.tickets.models import Channel, Sensitivity, Sharing, Ticket, TicketType, Uplift
from servicedesk.tickets.news import tell
from servicedesk.tickets.priorities import priority_for, uplift_of
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.routing import team_for
from servicedesk.tickets.workflow import ask_for_approval, check_offered, fresh

PREFIXES = {TicketType.INCIDENT: "INC", TicketType.REQUEST: "REQ", TicketType.SECURITY: "SEC"}


def raise_ticket(
    *,
    by: Person,
    requester: Person,
    council: Council | None = None,
    type: str,
    title: str,
    description: str = "",
    service: Service | None = None,
    impact: int = 3,
    urgency: int = 3,
    sensitivity: str = Sensitivity.NORMAL,
    channel: str = Channel.PORTAL,
    affected_person: Person | None = None,
    site: Site | None = None,
    safeguarding: bool = False,
    source_ref: str = "",
    split_from: Ticket | None = None,
    goes_on_from: Ticket | None = None,
    reported_at: datetime | None = None,
    now: datetime | None = None,
) -> Ticket:
    """Raise a ticket for `requester`, whose council it belongs to unless it is about what is another council's.

    Returns it with its reference and deadlines.

    What is private by its type, by its sensitivity or by its service is sealed for its case group as it is raised.
    What is asked of a service that needs approval waits for it. Whom it is for may raise its priority by a step; so
    does `safeguarding`, that somebody's safety is affected, which the desk alone says.
    What is `split_from` a ticket, or `goes_on_from` one, is seen by those who see that one; the former is raised by
    whoever works on it.
    A `source_ref` (the token of a form, the number in another system) raises one ticket only, however often it
    comes: the second time the first ticket is returned. Raises PermissionDenied, or ValidationError by field.
    """
    now, council = now or timezone.now(), council or requester.council
    _check_who(by, requester, split_from)
    check_offered(service, council)
    sensitivity, like = sensitivity_of(type, sensitivity, service), split_from or goes_on_from
    uplift = like.uplift if like else _uplift(by, affected_person or requester, safeguarding)
    with change_set(by=by, now=now) as deed:
        reported_at = reported_at or now
        # Taking the reference makes creators wait for one another, so a form sent twice finds its first ticket.
        reference = take_references(PREFIXES[TicketType(type)], timezone.localtime(reported_at).year)[0]
        raised_before = _raised_before(requester, source_ref)
        if raised_before:
            return raised_before
        seen_by = _like(like) if like else _seen_by(council, sensitivity, service)
        ticket = Ticket.objects.create(
            reference=reference,
            type=type,
            council=council,
            **seen_by,
            requester=requester,
            affected_person=affected_person,
            channel=channel,
            title=title.strip(),
            description=description.strip(),
            service=service,
            site=site or (requester.site if council == requester.council else None),
            impact=impact,
            urgency=urgency,
            uplift=uplift,
            priority=priority_for(impact, urgency, uplift),
            team=seen_by["case_group"] or team_for(council, service, now),
            source_ref=source_ref,
            reported_at=reported_at,
            logged_at=now,
        )
        ticket = fresh(ticket)
        record(deed, [ticket])
        clocks.start_clocks(ticket, by=by, now=now)
        index_tickets([ticket])
        tell("raised", ticket, by=by, now=now)
        return ask_for_approval(ticket, now=now)


def _check_who(by: Person, requester: Person, split_from: Ticket | None) -> None:
    if split_from and may_work(by, split_from):
        return
    own = by == requester and may(by, Permission.RAISE_TICKET)
    if not (own or may(by, Permission.WORK_TICKETS, requester.council_id)):
        raise PermissionDenied("You need the right to ask for help.")


def _uplift(by: Person, whom: Person, safeguarding: bool) -> str:
    if not safeguarding:
        return uplift_of(whom)
    if not may(by, Permission.WORK_TICKETS, whom.council_id):
        raise PermissionDenied("Only the desk can say that somebody's safety is affected.")
    return Uplift.SAFEGUARDING


def _raised_before(requester: Person, source_ref: str) -> Ticket | None:
    if not source_ref:
        return None
    return Ticket.objects.filter(
        council=requester.council, requester=requester, source_ref=source_ref
    ).first()


def _seen_by(council: Council, sensitivity: str, service: Service | None) -> dict[str, Any]:
    """Who will see the ticket, beside those it concerns."""
    group = case_group_for(council, sensitivity) if sensitivity != Sensitivity.NORMAL else None
    open_to = service.sharing if service else Sharing.SHARED
    sharing = Sharing.RESTRICTED if group else open_to
    return {"sharing": sharing, "sensitivity": sensitivity, "case_group": group}


def _like(ticket: Ticket) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in ("sharing", "sensitivity", "case_group")}
