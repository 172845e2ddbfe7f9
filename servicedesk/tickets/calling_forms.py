"""The one page on which a call is logged: who, what, how bad, and what becomes of it."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.forms import Form, SearchSelect
from servicedesk.people.callers import callers_for, perhaps_the_same
from servicedesk.people.models import Council, Person, Team
from servicedesk.tickets.calling import NewCaller, belongings, offered_to
from servicedesk.tickets.forms import EngineerField, TeamField, long_text
from servicedesk.tickets.models import Channel, ResolutionCode, Sensitivity, TicketType
from servicedesk.tickets.priorities import IMPACT_WORDS, MATRIX, URGENCY_WORDS

NEW = "new"
LONGEST_KEY = 18
KNOWN = "Somebody of that name or number is known. Choose them, or say that it is not them"
OUTCOME_WORDS = {"resolve": "Resolve now", "pass_on": "Pass on", "keep": "Keep it"}
STOPS = {
    f"{impact}{urgency}": f"{IMPACT_WORDS[impact]}: {URGENCY_WORDS[urgency].lower()} ({priority})"
    for (impact, urgency), priority in sorted(MATRIX.items(), key=lambda row: (-row[0][0], row[0][1]))
}
"""Impact and urgency as one choice, in plain words and with the priority that they come to."""
SAID = ("type", "title", "description", "service", "sensitivity", "channel", "reported_at")
NEEDED = {
    "resolve": {
        "resolution_code": "Choose how it was resolved",
        "resolution_note": "Enter what was done, in words for the caller",
    },
}
"""What an outcome cannot do without."""


class CallForm(Form):
    """Everything about a call. `caller` is the key of a person, who is then `person`, or NEW with a name and a council.

    `things` are the fields about what that person has; `alike` those whom a new caller may be.
    """

    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    q = forms.CharField(
        label="Who is calling?",
        required=False,
        max_length=100,
        help_text="Part of a name, telephone number or email, or the tag of what they have",
    )
    caller = forms.CharField(required=False, widget=forms.HiddenInput)
    new_name = forms.CharField(label="Name", required=False, max_length=100)
    new_council = forms.ModelChoiceField(Council.objects.none(), label="Council", required=False)
    new_phone = forms.CharField(label="Telephone number", required=False, max_length=40)
    new_anyway = forms.BooleanField(label="It is somebody else of that name or number", required=False)
    type = forms.ChoiceField(
        label="Type", choices=TicketType.choices, widget=forms.RadioSelect, initial=TicketType.INCIDENT
    )
    title = forms.CharField(label="Summary", max_length=200)
    description = long_text("Description", required=False)
    service = forms.ModelChoiceField(
        Service.objects.none(), label="Service", required=False, empty_label="Not known", widget=SearchSelect
    )
    stops = forms.ChoiceField(label="What it stops", choices=list(STOPS.items()), initial="32")
    sensitivity = forms.ChoiceField(
        label="Private",
        choices=Sensitivity.choices,
        initial=Sensitivity.NORMAL,
        help_text="What is private goes at once to the few who handle it, and you may not see it again",
    )
    channel = forms.ChoiceField(label="How it reached us", choices=Channel.choices, initial=Channel.PHONE)
    reported_at = forms.TimeField(
        label="When they told us", required=False, help_text="Now, or a time earlier today, like 9:30"
    )
    outcome = forms.ChoiceField(
        label="What becomes of it",
        choices=list(OUTCOME_WORDS.items()),
        widget=forms.RadioSelect,
        initial="resolve",
    )
    resolution_code = forms.ChoiceField(
        label="How it was resolved", required=False, choices=[("", "Choose one"), *ResolutionCode.choices]
    )
    resolution_note = long_text("What was done, for the caller to read", required=False)
    team = TeamField(
        Team.objects.none(),
        label="Team",
        required=False,
        empty_label="The team of the service, or the first to answer",
    )
    assignee = EngineerField(Person.objects.none(), label="Person", required=False, empty_label="Nobody yet")
    marks_optional = False

    def __init__(
        self, by: Person, data=None, initial: dict[str, Any] | None = None, now: datetime | None = None
    ):
        super().__init__(data, initial={"token": uuid4(), **(initial or {})})
        if data is None and not (initial or {}).get("q"):
            # Whoever comes here has somebody on the telephone: the page is for this box before any other.
            self.fields["q"].widget.attrs["autofocus"] = True
        self.by, self.now = by, now or timezone.now()
        self.person = self._caller((data or initial or {}).get("caller", ""))
        self.alike: list[Person] = []
        for name, rows in offered_to(by).items():
            self.fields[name].queryset = rows
        calling = [self.person.council] if self.person else self.fields["new_council"].queryset
        self.fields["team"].give(self.fields["team"].queryset, *calling)
        asked = {things.name: things.field(by, self.person) for things in belongings()} if self.person else {}
        fields = {name: field for name, field in asked.items() if field}
        self.things = list(fields)
        for name, field in fields.items():
            self.add(name, field)

    def _caller(self, key: str) -> Person | None:
        """The person of that key whom one may log a call for."""
        if not (key.isdecimal() and len(key) <= LONGEST_KEY):
            return None
        return callers_for(self.by).filter(pk=int(key)).first()

    def clean_token(self):
        """A form whose token was lost is sent once all the same."""
        return self.cleaned_data["token"] or uuid4()

    def clean_reported_at(self) -> datetime | None:
        """A time of today, in the councils' own zone."""
        told = self.cleaned_data["reported_at"]
        if told is None:
            return None
        moment = timezone.make_aware(datetime.combine(timezone.localdate(self.now), told))
        if moment > self.now:
            raise ValidationError("When they told us must be earlier today")
        return moment

    def clean(self) -> dict[str, Any]:
        for name, sentence in NEEDED.get(self.cleaned_data.get("outcome", ""), {}).items():
            if name not in self.errors and not self.cleaned_data[name]:
                self.add_error(name, sentence)
        if self.cleaned_data.get("caller") == NEW:
            self._check_new()
        elif self.person is None:
            self.add_error("q", "Find who is calling and choose them, or choose somebody who is not listed")
        return self.cleaned_data

    def _check_new(self) -> None:
        given = self.cleaned_data
        if not given.get("new_name") and "new_name" not in self.errors:
            self.add_error("new_name", "Enter the name of the caller")
        if not given.get("new_council") and "new_council" not in self.errors:
            self.add_error("new_council", "Select the council of the caller")
        if self.errors or given["new_anyway"]:
            return
        new = self._new_caller()
        self.alike = list(perhaps_the_same(self.by, **new._asdict())[:10])
        if self.alike:
            self.add_error("new_anyway", KNOWN)

    def _new_caller(self) -> NewCaller:
        given = self.cleaned_data
        return NewCaller(given["new_name"], given["new_council"], given["new_phone"])

    def call(self) -> dict[str, Any]:
        """What was filled in, as `log_call` takes it."""
        given = self.cleaned_data
        impact, urgency = map(int, given["stops"])
        return {
            "caller": self.person or self._new_caller(),
            "said": {**{name: given[name] for name in SAID}, "impact": impact, "urgency": urgency},
            "about": {name: given[name] for name in self.things},
            "outcome": given["outcome"],
            "then": {
                name: given[name] for name in ("resolution_code", "resolution_note", "team", "assignee")
            },
            "token": given["token"].hex,
        }
