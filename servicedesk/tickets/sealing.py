"""Hiding a ticket from all but its case group, which is done at once, and showing it again, which takes two people."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.utils import timezone

from servicedesk.catalogue import offering
from servicedesk.catalogue.models import Service
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people import guarding
from servicedesk.people.access import may
from servicedesk.people.models import Council, Person, Team
from servicedesk.people.roles import Permission
from servicedesk.tickets.bringing import refuse_where_targets_hold
from servicedesk.tickets.case_groups import (
    Fields,
    opened,
    out_of_spreadsheets,
    private_matters_at,
    sealed,
)
from servicedesk.tickets.models import Alert, OpeningRequest, Sensitivity, Sharing, Ticket, TicketType
from servicedesk.tickets.news import tell
from servicedesk.tickets.rights import is_its_requester, may_work
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import RELATED, fresh, locked


def may_raise_sensitivity(person, ticket: Ticket) -> bool:
    """Whether the person may hide the ticket: whoever works on it, and whom it concerns."""
    return may_work(person, ticket) or is_its_requester(person, ticket)


def raise_sensitivity(ticket: Ticket, *, by: Person, sensitivity: str, now: datetime | None = None) -> Ticket:
    """Make a ticket its case group's alone, from this instant. Nobody need agree to that, and no version is asked for:
    what is private is hidden whatever else was changed meanwhile.

    Raises PermissionDenied, MoveRefused where it is private already, or ValidationError where the council has no group.
    """
    now = now or timezone.now()
    with change_set(by=by, reason="Private from now on", now=now) as deed:
        ticket = locked(ticket)
        if not may_raise_sensitivity(by, ticket):
            raise PermissionDenied("Only whoever works on a request, or asked for it, may make it private.")
        if ticket.sharing == Sharing.RESTRICTED:
            raise MoveRefused(f"{ticket} is private already. Its case group can ask to move it to another.")
        ticket = _become(deed, ticket, sealed(ticket, _private(ticket, sensitivity)))
        tell("assigned", ticket, by=by, now=now)
    return ticket


def ask_to_open(
    ticket: Ticket,
    *,
    by: Person,
    sharing: str,
    reason: str,
    sensitivity: str = Sensitivity.NORMAL,
    now: datetime | None = None,
) -> OpeningRequest:
    """Ask that a private ticket be shown to the desk, or moved to another case group (`sharing` restricted, with the
    other `sensitivity`). Nothing changes until a second person of its case group agrees.

    Raises PermissionDenied, MoveRefused where it cannot be, or is asked already, or ValidationError by field.
    """
    now = now or timezone.now()
    if not reason.strip():
        raise ValidationError({"reason": "Enter the reason"})
    with change_set(by=by, reason=reason.strip(), now=now) as deed:
        ticket = locked(ticket)
        _check_case_group(by, ticket)
        _after_opening(ticket, sharing, sensitivity, now)
        asked = ticket.opening_requests.filter(decided_at=None).select_related("asked_by").first()
        if asked:
            raise MoveRefused(f"{asked.asked_by} has asked already. That is to be decided first.")
        asked = OpeningRequest.objects.create(
            ticket=ticket,
            sharing=sharing,
            sensitivity=sensitivity,
            reason=reason.strip(),
            asked_by=by,
            asked_at=now,
        )
        record(deed, [asked])
    return asked


def decide_opening(
    asked: OpeningRequest, *, by: Person, agreed: bool, now: datetime | None = None
) -> OpeningRequest:
    """Agree or refuse that a private ticket be shown to more people, never what one asked for oneself.

    Raises PermissionDenied, MoveRefused where it is decided already, or ValidationError where it is possible no longer.
    """
    now = now or timezone.now()
    with change_set(by=by, reason=asked.reason, now=now) as deed:
        ticket = locked(asked.ticket)
        asked = ticket.opening_requests.select_related("ticket", "asked_by").get(pk=asked.pk)
        if asked.decided_at:
            raise MoveRefused("This is decided already.")
        _check_case_group(by, ticket)
        if asked.asked_by_id == by.pk:
            raise PermissionDenied("You asked for this, so somebody else must decide it.")
        before = snapshot([asked])
        asked.decided_by, asked.decided_at, asked.agreed = by, now, agreed
        asked.save()
        record(deed, [asked], before)
        if agreed:
            ticket = _become(deed, ticket, _after_opening(ticket, asked.sharing, asked.sensitivity, now))
            tell("assigned", ticket, by=by, now=now)
    return asked


def change_service(
    service: Service, *, by: Person | None, version: int, now: datetime | None = None, **values: Any
) -> Service:
    """Change a service as `catalogue.offering` does; where it is private now, all that was asked of it is sealed too.

    What is sealed already stays so. Where others will read what is asked of it from now on, those who did are told.

    Raises as `offering.change_service` does, and ValidationError where a council has no group for what was asked, or an
    agreement that would bring it from now on, or no longer, has targets.
    """
    with change_set(by=by, now=now) as deed:
        was, brought_by = service.sensitivity, set(service.agreements.all())
        changed = offering.change_service(service, by=by, version=version, now=now, **values)
        refuse_where_targets_hold(brought_by ^ set(changed.agreements.all()), now)
        if was and was != changed.sensitivity:
            groups = Team.objects.on_offer().filter(sensitivity=was, councils__in=changed.councils.all())
            did = f"changed who reads what is asked of the service {changed}, until now: {Sensitivity(was).label}"
            people = guarding.who_watch(groups.distinct(), but=[by] if by else [], now=now)
            guarding.tell(people, did, about=changed, cause=f"version {changed.version}", by=by, now=deed.at)
        if changed.sensitivity:
            asked = Ticket.objects.filter(service=changed).exclude(sharing=Sharing.RESTRICTED)
            for ticket in asked.select_related(*RELATED).select_for_update(of=("self",)):
                _become(deed, ticket, sealed(ticket, changed.sensitivity))
    return changed


def may_alert(person, ticket: Ticket) -> bool:
    """Whether the person may warn other councils of it: a security incident, and they answer for cyber security."""
    return ticket.sensitivity == Sensitivity.CYBER and may(
        person, Permission.WORK_CYBER_TICKETS, ticket.council_id
    )


def alert_council(ticket: Ticket, *, by: Person, council: Council, now: datetime | None = None) -> Alert:
    """Warn another council that a security incident may concern it. It learns who warns it and nothing of the incident.

    Raises PermissionDenied, ValidationError, or MoveRefused where it was warned already.
    """
    now = now or timezone.now()
    with change_set(by=by, now=now):
        ticket = locked(ticket)
        if not may_alert(by, ticket):
            raise PermissionDenied("Only a cyber security officer may warn another council.")
        if council.pk == ticket.council_id:
            raise ValidationError({"council": "Choose another council than the one whose request it is."})
        warned = ticket.alerts.filter(council=council).select_related("by").first()
        if warned:
            raise MoveRefused(f"{warned.by} has warned {council} of this already.")
        alert = Alert.objects.create(ticket=ticket, council=council, by=by, at=now)
        tell("alert", ticket, by=by, now=now, alert=alert)
    return alert


def openings_of(ticket: Ticket) -> list[tuple[str, str, str]]:
    """How a private ticket could be opened: (sharing, sensitivity, in words). None where it must stay as it is."""
    if ticket.type == TicketType.SECURITY:
        return []
    ways = [
        (Sharing.RESTRICTED, kind, f"{Sensitivity(kind).label}: to its case group")
        for kind in private_matters_at(ticket.council)
        if kind != ticket.sensitivity
    ]
    if not (ticket.service and ticket.service.sensitivity):
        ways.append((Sharing.OWN_COUNCIL, Sensitivity.NORMAL, f"The desk of {ticket.council}"))
        if not _keeps(ticket.service):
            ways.append((Sharing.SHARED, Sensitivity.NORMAL, "The whole desk that the councils share"))
    return [(str(sharing), str(sensitivity), words) for sharing, sensitivity, words in ways]


def _after_opening(ticket: Ticket, sharing: str, sensitivity: str, now: datetime) -> Fields:
    """The fields that the ticket would have; refused where it may not be opened so."""
    if ticket.sharing != Sharing.RESTRICTED:
        raise MoveRefused(f"{ticket} is not private.")
    if ticket.type == TicketType.SECURITY:
        raise MoveRefused("A security incident stays with those who answer for cyber security.")
    if (sharing, sensitivity) not in [way[:2] for way in openings_of(ticket)]:
        raise ValidationError({"sharing": "Choose who shall see it, from those who may"})
    return sealed(ticket, sensitivity) if sharing == Sharing.RESTRICTED else opened(ticket, sharing, now)


def _become(deed, ticket: Ticket, fields: Fields) -> Ticket:
    before = snapshot([ticket])
    Ticket.objects.filter(pk=ticket.pk).update(version=F("version") + 1, **fields)
    ticket = fresh(ticket)
    record(deed, [ticket], before)
    if ticket.sharing == Sharing.RESTRICTED:
        out_of_spreadsheets(deed, ticket)
    return ticket


def _private(ticket: Ticket, sensitivity: str) -> str:
    if sensitivity not in private_matters_at(ticket.council):
        raise ValidationError({"sensitivity": f"Choose a kind that somebody at {ticket.council} receives"})
    return sensitivity


def _keeps(service: Service | None) -> bool:
    return service is not None and service.sharing == Service.Sharing.OWN_COUNCIL


def _check_case_group(by: Person, ticket: Ticket) -> None:
    if not may_work(by, ticket):
        raise PermissionDenied("Only the case group of a private request may open it to others.")
