"""What waits for somebody's approval, and what they fill in to decide it."""

import re

from django import forms

from servicedesk.forms import Form
from servicedesk.tickets.forms import long_text
from servicedesk.tickets.models import Ticket, TicketState
from servicedesk.tickets.querysets import TicketQuerySet
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
    """What waits for the person's word; nobody approves what they asked for themselves, or what is for them."""
    seen = Ticket.objects.visible_to(person).select_related(*SHOWN)
    waiting = seen.filter(approver=person.pk, state=TicketState.WAITING_APPROVAL)
    return waiting.exclude(requester=person.pk).exclude(affected_person=person.pk)


def costs_of(ticket: Ticket) -> list[str]:
    """What it would cost, as whoever asked for approval said; else the sums that it names, as they stand in its words
    and each once."""
    if ticket.approval_cost is not None:
        return [money(ticket.approval_cost)]
    return list(dict.fromkeys(SUM.findall(f"{ticket.title}\n{ticket.description}")))
