"""What is filled in to hide a ticket, to show it again, to break its glass, and to warn another council."""

from typing import Any

from django import forms

from servicedesk.forms import Form
from servicedesk.people.models import Council
from servicedesk.tickets.case_groups import private_matters_at
from servicedesk.tickets.forms import long_text
from servicedesk.tickets.models import Sensitivity, Ticket
from servicedesk.tickets.sealing import openings_of


class SealForm(Form):
    """What kind of private matter a ticket is."""

    sensitivity = forms.ChoiceField(
        label="What is private about it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is private about it"},
    )

    def __init__(self, ticket: Ticket, data=None):
        super().__init__(data)
        kinds = private_matters_at(ticket.council)
        self.fields["sensitivity"].choices = [(kind, Sensitivity(kind).label) for kind in kinds]


class OpeningForm(Form):
    """Who else shall see a private ticket, and why."""

    way = forms.ChoiceField(
        label="Who shall see it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who shall see it"},
    )
    reason = long_text("Reason", help_text="A second person of the case group reads this and decides.")

    def __init__(self, ticket: Ticket, data=None, **options):
        super().__init__(data, **options)
        ways = openings_of(ticket)
        self.fields["way"].choices = [
            (f"{sharing} {sensitivity}", words) for sharing, sensitivity, words in ways
        ]

    def asked(self) -> dict[str, Any]:
        """What was asked, as `sealing.ask_to_open` takes it."""
        sharing, sensitivity = self.cleaned_data["way"].split(" ")
        return {"sharing": sharing, "sensitivity": sensitivity, "reason": self.cleaned_data["reason"]}


class DecisionForm(Form):
    """Whether a private ticket may be shown to more people."""

    agreed = forms.TypedChoiceField(
        label="Your decision",
        choices=[("yes", "Agree"), ("no", "Refuse")],
        coerce=lambda value: value == "yes",
    )


class GlassForm(Form):
    """Which private ticket somebody must read, and why."""

    reference = forms.CharField(
        label="Reference",
        max_length=40,
        help_text="Of the request that you must read, for example REQ-2026-000123",
    )
    reason = long_text(
        "Reason",
        help_text="Its case group and the cyber security officer are told at once, and can read this reason.",
    )


class AlertForm(Form):
    """Which other council a security incident may concern."""

    council = forms.ModelChoiceField(
        Council.objects.none(),
        label="Council to warn",
        empty_label="Choose one",
        help_text="It is told that you warn it, and nothing of what happened.",
    )

    def __init__(self, ticket: Ticket, data=None):
        super().__init__(data, auto_id="alert-%s")
        others = Council.objects.filter(archived_at=None).exclude(pk=ticket.council_id)
        self.fields["council"].queryset = others.exclude(alerts__ticket=ticket)
