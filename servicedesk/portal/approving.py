"""What waits for somebody's approval, and what they fill in to decide it."""

import re

from django import forms
from django.db.models import Q

from servicedesk.forms import Form
from servicedesk.people.access import stood_in_for
from servicedesk.tickets.forms import long_text
from servicedesk.tickets.models import Ticket, TicketState
from servicedesk.tickets.querysets import TicketQuerySet
from servicedesk.tickets.rights import wanted_approved_by
from servicedesk.wording import money

SHOWN = ("requester", "affected_person", "council", "service", "approver")
SUM = re.compile(r"£ ?\d(?:[\d,]*\d)?(?:\.\d\d?)?(?: ?(?:k|m|million|thousand)\b)?", re.IGNORECASE)


class ApproveForm(Form):
    """It is decided on as it was read, at its version."""

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


def costs_of(ticket: Ticket) -> list[str]:
    """What it would cost, as whoever asked for approval said; else the sums that it names, as they stand in its words
    and each once."""
    if ticket.approval_cost is not None:
        return [money(ticket.approval_cost)]
    return list(dict.fromkeys(SUM.findall(f"{ticket.title}\n{ticket.description}")))
