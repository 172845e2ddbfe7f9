"""What waits for somebody's approval, what they fill in to decide it, and what was decided."""

import re
from datetime import datetime
from typing import NamedTuple

from django import forms
from django.db.models import Max, Q

from servicedesk.history.as_at import values_then
from servicedesk.history.models import Change
from servicedesk.people.access import access_of, stood_in_for
from servicedesk.tickets.conversation import newest_said, readable_by
from servicedesk.tickets.forms import SentForm, long_text
from servicedesk.tickets.grounds import RESTRICTED
from servicedesk.tickets.models import Ticket, TicketState
from servicedesk.tickets.querysets import TicketQuerySet
from servicedesk.tickets.rights import wanted_approved_by
from servicedesk.wording import money

KIND, DECIDING = Ticket._meta.label_lower, ("approve", "reject")
SHOWN = ("requester", "affected_person", "council", "service", "approver")
SUM = re.compile(r"£ ?\d(?:[\d,]*\d)?(?:\.\d\d?)?(?: ?(?:k|m|million|thousand)\b)?", re.IGNORECASE)


class ApproveForm(SentForm):
    """It is decided on as it was read, at its version and after what had been said by then."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)


class RejectForm(ApproveForm):
    """Why it is not approved."""

    reason = long_text(
        "Why do you not approve it?",
        help_text="Whoever asked for it reads this.",
        error_messages={"required": "Enter why you do not approve it"},
    )


def to_approve(person) -> TicketQuerySet:
    """What waits for the word of the person, or of somebody they stand in for: `rights.decides`, asked of many."""
    seen = Ticket.objects.visible_to(person).select_related(*SHOWN)
    theirs = Q(approver=person.pk)
    if people := stood_in_for(person):
        wanted = wanted_approved_by(person).values("object_id")
        theirs |= Q(approver__in=people) & ~Q(pk__in=wanted)
    waiting = seen.filter(theirs, state=TicketState.WAITING_APPROVAL)
    return waiting.exclude(requester=person.pk).exclude(affected_person=person.pk)


def said_when_asked(person, ticket: Ticket) -> int:
    """The number of the newest comment that they may read of when approval was asked for: whoever asked had it before
    them, and the page on which it is decided shows no conversation."""
    asked = Change.objects.filter(kind=KIND, move="request_approval", object_id=ticket.pk)
    last = asked.select_related("change_set").order_by("-pk").first()
    if last is None:
        return newest_said(person, ticket)
    said = readable_by(person, ticket).filter(at__lte=last.change_set.at)
    return said.aggregate(newest=Max("pk"))["newest"] or 0


class Decision(NamedTuple):
    """What was decided of a request, which read `title` then; `said` is why, or in whose place."""

    ticket: Ticket
    title: str
    approved: bool
    by: str
    at: datetime
    said: str


def decision_on(person, reference: str) -> Decision | None:
    """What was decided last, for whoever decided it and whom it was asked of. Nothing of a request that is sealed by
    now and not theirs to see."""
    access = access_of(person)
    if not (access and access.grants) or "\0" in reference:
        return None
    asked = Ticket.objects.filter(reference=reference)
    asked = asked.filter(~RESTRICTED | Q(pk__in=Ticket.objects.visible_to(person).values("pk")))
    of_them = Q(change_set__by_id=person.pk) | Q(object_id__in=asked.filter(approver=person.pk).values("pk"))
    decided = Change.objects.filter(kind=KIND, move__in=DECIDING, object_id__in=asked.values("pk"))
    last = decided.filter(of_them).select_related("change_set").order_by("-pk").first()
    if last is None:
        return None
    deed, ticket = last.change_set, asked.get()
    then = values_then(KIND, deed.at, ("title",), [ticket.pk]).get(ticket.pk, {})
    title = then["title"][0] if "title" in then else ticket.title
    return Decision(ticket, title, last.move == "approve", deed.by_label, deed.at, deed.reason)


def costs_of(ticket: Ticket) -> list[str]:
    """What it would cost, as whoever asked for approval said; else the sums that it names, as they stand in its words
    and each once."""
    if ticket.approval_cost is not None:
        return [money(ticket.approval_cost)]
    return list(dict.fromkeys(SUM.findall(f"{ticket.title}\n{ticket.description}")))
