"""What is filled in about a ticket: a form for each move, made from the table of moves; a reply; its facts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db.models import Q, QuerySet
from django.forms import model_to_dict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property

from servicedesk import wording
from servicedesk.catalogue.models import Service
from servicedesk.files.forms import FilesField
from servicedesk.forms import Form, ModelForm, SearchSelect, put_beside
from servicedesk.people.duty import away_until
from servicedesk.people.models import Council, Site, Team
from servicedesk.tickets.approvals import approvers_for
from servicedesk.tickets.cascading import CASCADES, offers
from servicedesk.tickets.choices import engineers_for, suppliers_for, teams_for
from servicedesk.tickets.conversation import SaidMeanwhile, supplier_of
from servicedesk.tickets.editing import Clash
from servicedesk.tickets.lapsing import lapsed_among
from servicedesk.tickets.models import Comment, ResolutionCode, Ticket, TicketType
from servicedesk.tickets.priorities import IMPACT_WORDS, URGENCY_WORDS
from servicedesk.tickets.rights import may_override_supplier, may_work
from servicedesk.tickets.states import MOVES
from servicedesk.tickets.workflow import EDITABLE, MISSING

LONGEST_TEXT = 20_000
CHOOSE_READER = "Choose who reads it"
LESSONS = ("containment", "recovery", "lessons")


def long_text(label: str, **options) -> forms.CharField:
    """A box for text of several lines, checked for length without counting aloud."""
    too_long = MaxLengthValidator(LONGEST_TEXT, f"{label} must be %(limit_value)d characters or fewer")
    return forms.CharField(label=label, widget=forms.Textarea, validators=[too_long], **options)


class TicketReference(forms.CharField):
    """Another ticket, by its reference; one that the person may not see is as unknown as one that is not there."""

    def __init__(self, person, **options):
        super().__init__(**options)
        self.person = person

    def clean(self, value: str) -> Ticket | None:
        reference = super().clean(value).strip().upper()
        if not reference:
            return None
        found = Ticket.objects.visible_to(self.person).filter(reference=reference).first()
        if found is None:
            raise ValidationError("Enter the reference of another request that you can see")
        return found


class EngineerField(forms.ModelChoiceField):
    """Somebody to give work to. Who is away today is offered all the same, and says until when."""

    widget = SearchSelect

    @cached_property
    def away(self) -> dict[int, date]:
        """Who is away, until when."""
        people: Any = self.queryset
        return away_until(people)

    def label_from_instance(self, person: Any) -> str:
        until = self.away.get(person.pk)
        return f"{person} (away until {wording.short_day(until)})" if until else str(person)


class TeamField(forms.ModelChoiceField):
    """A team to give work of these councils to. A supplier that has lapsed for all of them is not among what is
    offered; who names it all the same is told why it gets none."""

    def give(self, teams: QuerySet[Team], *councils: Council, kept: int | None = None) -> None:
        """Offer the teams; `kept` is one that has it already."""
        self.queryset = teams
        self.choices = lambda: [("", self.empty_label), *_offered(teams, councils, kept)]  # type: ignore[assignment]


def _offered(
    teams: QuerySet[Team], councils: Iterable[Council], kept: int | None
) -> Iterator[tuple[int, str]]:
    rows = list(teams)
    lapsed = [set(lapsed_among(rows, council)) for council in councils]
    gone = set.intersection(*lapsed) if lapsed else set()
    yield from ((team.pk, str(team)) for team in rows if team.pk == kept or team.pk not in gone)


def _team(ticket: Ticket, person: Any) -> TeamField:
    field = TeamField(Team.objects.none(), label="Team")
    field.give(teams_for(ticket), ticket.council)
    return field


def _supplier(ticket: Ticket, person: Any) -> forms.ModelChoiceField:
    """Who may let a ticket go to a supplier that has lapsed is offered those too, and by that alone those alone."""
    field = forms.ModelChoiceField(suppliers_for(ticket), label="Supplier")
    overrides, works = may_override_supplier(person, ticket), may_work(person, ticket)

    def offered() -> list[tuple[Any, Any]]:
        rows = list(suppliers_for(ticket))
        lapsed = lapsed_among(rows, ticket.council)
        named = {team.pk: f"{team} (lapsed)" if team.pk in lapsed else str(team) for team in rows}
        shown = [key for key in named if (overrides if key in lapsed else works)]
        return [("", field.empty_label), *((key, named[key]) for key in shown)]

    field.choices = offered  # type: ignore[assignment]
    if not overrides:
        field.help_text = "A supplier that has lapsed is not listed: a cyber security officer refers to it."
    return field


# What a move may need or take, as a field: for this ticket and this person.
GIVEN: dict[str, Callable[[Ticket, Any], forms.Field]] = {
    "team": _team,
    "assignee": lambda ticket, person: EngineerField(engineers_for(ticket), label="Person"),
    "note": lambda ticket, person: long_text("Note for whoever takes this on"),
    "question": lambda ticket, person: long_text(f"Question for {ticket.requester}"),
    "supplier_team": _supplier,
    "supplier_note": lambda ticket, person: long_text("Note to the supplier"),
    "override": lambda ticket, person: long_text(
        "Why it goes to a supplier that has lapsed",
        help_text="Only where its certificate or contract has ended. The history keeps this reason.",
    ),
    "booked_for": lambda ticket, person: forms.DateTimeField(label="Date and time"),
    "booked_by_customer": lambda ticket, person: forms.BooleanField(
        label=f"{ticket.requester} chose this time", help_text="The time to fix stands still until then."
    ),
    "resolution_code": lambda ticket, person: forms.ChoiceField(
        label="How it was resolved", choices=[("", "Choose one"), *ResolutionCode.choices]
    ),
    "resolution_note": lambda ticket, person: long_text(f"What was done, for {ticket.requester} to read"),
    "containment": lambda ticket, person: long_text("How it was contained"),
    "recovery": lambda ticket, person: long_text("How things were put right"),
    "lessons": lambda ticket, person: long_text("What was learnt"),
    "message": lambda ticket, person: long_text("What is still wrong"),
    "approver": lambda ticket, person: forms.ModelChoiceField(
        approvers_for(ticket).exclude(pk=person.pk), label="Who approves"
    ),
    "cost": lambda ticket, person: forms.DecimalField(
        label="Cost in pounds, excluding VAT", min_value=0, max_digits=9, decimal_places=2
    ),
    "reason": lambda ticket, person: long_text("Reason", help_text=f"{ticket.requester} can read this."),
    "duplicate_of": lambda ticket, person: TicketReference(
        person, label="Duplicate of", help_text="The reference of the other request"
    ),
}


class SentForm(Form):
    """Words that are sent. `seen` is the newest comment that stood on the page, `meanwhile` what others said since."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    meanwhile: SaidMeanwhile | None = None

    def refuse(self, refused: Exception) -> None:
        """Say why it was not sent. Where others wrote meanwhile, sending it again is enough."""
        super().refuse(refused)
        if isinstance(refused, SaidMeanwhile):
            newest = max(comment.pk for comment in refused.comments)
            self.data = MultiValueDict({**dict(self.data.lists()), "seen": [newest]})  # type: ignore[attr-defined]
            self.meanwhile = refused


class BaseMoveForm(SentForm):
    """What every move is sent with."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def given(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in ("version", "seen") and value not in (None, "", False)
        }


def move_form(
    name: str,
    ticket: Ticket,
    person,
    data=None,
    begun: Mapping[str, Any] | None = None,
    seen: int | None = None,
    children: int | None = None,
) -> BaseMoveForm:
    """The form of a move: a field for all that it needs and may take, as the person has begun to fill it in.

    `seen` is the newest comment on the page that it stands on, `children` how many are open, where that is known.
    """
    step = MOVES[name]
    security, overrides = ticket.type == TicketType.SECURITY, may_override_supplier(person, ticket)
    made = {}
    for given in (*step.needs, *step.takes):
        if given in LESSONS and not security or given == "override" and not overrides:
            continue
        field = GIVEN[given](ticket, person)
        field.required = given in step.needs or given in LESSONS
        if given in MISSING:
            field.error_messages["required"] = MISSING[given]
        made[given] = field
    if children is None:
        children = offers(ticket, name, person)
    if children and name in CASCADES:
        made["children"] = forms.BooleanField(
            label=f"{step.words} its {wording.counted(children, 'open child', 'open children')} as well",
            help_text="With the same words to each requester.",
            required=False,
        )
    kind: Any = type(BaseMoveForm)  # the metaclass, which gathers the fields
    made_form = kind("MoveForm", (BaseMoveForm,), made)
    initial = {**(begun or {}), "version": ticket.version, "seen": seen}
    return made_form(data, initial=initial, auto_id=f"{name}-%s")


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """Put what the domain refused beside the fields it is about, and the rest at the head of the page."""
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, messages in by_field.items():
        form.add_error(name if name in form.fields else None, messages)


def told_of(
    form: forms.BaseForm, clash: Clash, words: Callable[[str, Any], str]
) -> list[tuple[str, str, str]]:
    """Say at the head of the form that others changed the same, and at each field what they made of it.

    Returns what both changed: name, typed, and what stands there now.
    """
    form.add_error(None, str(clash))
    for each in clash.differences:
        form.add_error(each.name, each.said(words(each.name, each.present)))
    return [
        (str(form.fields[each.name].label), words(each.name, each.typed), words(each.name, each.present))
        for each in clash.differences
    ]


class MessageForm(SentForm):
    """Words, files, or both."""

    body = long_text("Message", error_messages={"required": "Enter your message"})
    files = FilesField()  # type: ignore[assignment]  # a form's own `files` is set when it is made

    def __init__(self, data=None, files=None, **options):
        super().__init__(data, files, **options)
        self.fields["body"].required = not (files and files.getlist("files"))


class SayForm(MessageForm):
    """A reply or a note: who reads it is chosen first."""

    visibility = forms.ChoiceField(label="Who reads it", widget=forms.RadioSelect)
    field_order = ("seen", "visibility", "body", "files")

    def __init__(
        self,
        ticket: Ticket,
        data=None,
        files=None,
        *,
        notes: bool,
        replies: bool,
        initial: dict[str, Any] | None = None,
    ):
        super().__init__(data, files, auto_id="say-%s", initial=initial)
        who = Comment.Visibility
        words = {
            who.PUBLIC: f"Reply to {ticket.requester}",
            who.INTERNAL: f"Internal note – {ticket.requester} cannot see this",
            who.SUPPLIER: f"Note to {supplier_of(ticket)} – {ticket.requester} cannot see this",
        }
        open_to = [who.PUBLIC] * replies + [who.INTERNAL] * notes + [who.SUPPLIER] * bool(supplier_of(ticket))
        self.fields["visibility"].choices = [(value, words[value]) for value in open_to]
        self.fields["visibility"].error_messages |= {
            "required": CHOOSE_READER,
            "invalid_choice": CHOOSE_READER,
        }


class ChangeForm(ModelForm):
    """The facts of a ticket, as `workflow.change` takes them."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    description = long_text("Description", required=False)
    impact = forms.TypedChoiceField(label="Impact", choices=list(IMPACT_WORDS.items()), coerce=int)
    urgency = forms.TypedChoiceField(label="Urgency", choices=list(URGENCY_WORDS.items()), coerce=int)

    class Meta:
        model = Ticket
        fields = EDITABLE
        labels = {"title": "Summary"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        ticket = self.instance
        on_offer = Service.objects.offered_to(ticket.council_id).values("pk")
        services = Service.objects.filter(Q(pk__in=on_offer) | Q(pk=ticket.service_id))
        self.fields["service"].queryset = services
        self.fields["service"].empty_label = "Not known"
        self.fields["site"].queryset = Site.objects.filter(council=ticket.council_id).on_offer(ticket.site_id)
        self.fields["site"].empty_label = "Not known"
        self.initial.setdefault("version", ticket.version)

    def _post_clean(self) -> None:
        """The instance stays as it was read: the workflow writes, not the form."""

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in EDITABLE}

    def clashed(self, clash: Clash) -> list[tuple[str, str, str]]:
        """Put what was typed against the ticket as it is now, so that saving again overwrites nothing unseen.

        Returns what both changed: name, typed, and what stands there now.
        """
        put_beside(self, clash.mine, {**model_to_dict(clash.row, EDITABLE), "version": clash.row.version})
        return told_of(self, clash, self._words)

    def _words(self, name: str, value: Any) -> str:
        choices = {"impact": IMPACT_WORDS, "urgency": URGENCY_WORDS}.get(name, {})
        return str(choices.get(value, "" if value is None else value)) or "Nothing"
