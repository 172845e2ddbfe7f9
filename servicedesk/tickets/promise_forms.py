"""What is filled in about a ticket's priority and its broken promises."""

from collections.abc import Mapping
from typing import Any

from django import forms

from servicedesk.tickets.editing import Clash
from servicedesk.tickets.forms import SentForm, long_text
from servicedesk.tickets.models import BreachReason, Clock, Priority, Ticket, Uplift
from servicedesk.tickets.prioritising import LONGEST_REASON, SENT_AS

FROM_THE_MATRIX = ("", "From impact and urgency")


class OfTicket(SentForm):
    """What a form about a ticket that was read carries with it."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, ticket: Ticket, data=None, **options):
        super().__init__(data, initial={"version": ticket.version, **options.pop("initial", {})}, **options)

    def clashed(self, clash: Clash) -> list[tuple[str, str, str]]:
        """Measure by the ticket as it is now, so that saving again overwrites nothing unseen.

        Returns what both changed: name, typed, and what stands there now.
        """
        self.measure_by(clash.row)
        self.add_error(None, str(clash))
        differences = []
        for each in clash.differences:
            name = SENT_AS.get(each.name, each.name)
            typed, present = self._words(name, each.typed), self._words(name, each.present)
            self.add_error(name, each.said(present))
            differences.append((str(self.fields[name].label), typed, present))
        return differences

    def measure_by(self, ticket: Ticket) -> None:
        """Put what was typed against the ticket as it is now, so that sending it again is enough."""
        self.data = {**{name: self.data[name] for name in self.data}, "version": ticket.version}

    def _words(self, name: str, value: str) -> str:
        return str(dict(getattr(self.fields[name], "choices", ())).get(value, value)) or "Nothing"


class PriorityForm(OfTicket):
    """A priority by hand; who may only propose one has no way back to the matrix to propose."""

    priority = forms.ChoiceField(label="Priority", widget=forms.RadioSelect, required=False)
    reason = forms.CharField(label="Reason", max_length=LONGEST_REASON)

    def __init__(self, ticket: Ticket, data=None, *, decides: bool, begun: Mapping[str, Any] | None = None):
        super().__init__(ticket, data, initial={"priority": ticket.priority_override, **(begun or {})})
        self.fields["priority"].choices = [FROM_THE_MATRIX] * decides + list(Priority.choices)
        self.fields["priority"].required = not decides
        self.fields["priority"].error_messages["required"] = "Select a priority"


class UpliftForm(OfTicket):
    """What raises the priority by a step."""

    uplift = forms.ChoiceField(
        label="What raises it", choices=Uplift.choices, widget=forms.RadioSelect, required=False
    )

    def __init__(self, ticket: Ticket, data=None, *, shown: str, begun: Mapping[str, Any] | None = None):
        super().__init__(ticket, data, initial={"uplift": shown, **(begun or {})})


class BreachForm(OfTicket):
    """Why a promise was broken."""

    reason = forms.ChoiceField(label="Reason", choices=BreachReason.choices, widget=forms.RadioSelect)
    note = long_text("Note", required=False)

    def __init__(self, clock: Clock, data=None, *, begun: Mapping[str, Any] | None = None):
        stands = {"reason": clock.breach_reason, "note": clock.breach_note}
        super().__init__(clock.ticket, data, initial={**stands, **(begun or {})})
