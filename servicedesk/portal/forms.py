"""What staff fill in."""

from typing import Any
from uuid import uuid4

from django import forms

from servicedesk.catalogue.models import Service
from servicedesk.files.forms import FilesField
from servicedesk.forms import Form, SearchSelect
from servicedesk.portal.asking import EFFECTS, questions
from servicedesk.tickets.case_groups import case_group_for, private_matters_at
from servicedesk.tickets.forms import MessageForm, SentForm, long_text
from servicedesk.tickets.models import Satisfaction, Sensitivity, TicketType
from servicedesk.tickets.satisfying import SCORES

KINDS = {
    TicketType.INCIDENT: "Something is not working",
    TicketType.REQUEST: "I need something",
    TicketType.SECURITY: "I think something is a security problem",
}
KIND_HINTS = {
    TicketType.REQUEST: "For example equipment, access or advice",
    TicketType.SECURITY: "For example a strange email, a lost device, or somebody who knows your password",
}
NOT_PRIVATE = "No, the IT desk may read it"


class HelpForm(Form):
    """One page for everything. It never asks for a priority."""

    kind = forms.ChoiceField(
        label="What is it about?",
        choices=list(KINDS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is about"},
    )
    title = forms.CharField(
        label="What is wrong, or what do you need?",
        help_text="In a few words, for example “The printer in the library does not print”",
        max_length=200,
        error_messages={
            "required": "Enter what is wrong, or what you need",
            "max_length": "What is wrong must be %(limit_value)d characters or fewer. Put the rest below",
        },
    )
    description = long_text(
        "Tell us more",
        required=False,
        help_text="What you were doing, and what you saw. Never write a password.",
    )
    service = forms.ModelChoiceField(
        Service.objects.none(),
        label="Which service is it about?",
        required=False,
        empty_label="I do not know",
        help_text="Leave this empty if you do not know",
        widget=SearchSelect,
    )
    effect = forms.ChoiceField(
        label="What does it stop?",
        choices=[(name, effect.words) for name, effect in EFFECTS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it stops"},
    )
    sensitivity = forms.ChoiceField(
        label="Should it stay private?",
        widget=forms.RadioSelect,
        initial=Sensitivity.NORMAL,
        error_messages={"required": "Choose whether it should stay private"},
    )
    files = FilesField()  # type: ignore[assignment]  # a form's own `files` is set when it is made
    kind_hints = KIND_HINTS
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        person,
        data=None,
        files=None,
        *,
        initial: dict[str, Any] | None = None,
        begun: dict[str, Any] | None = None,
    ):
        asked = {question.name: question.field(person) for question in questions()}
        self.questions = {name: field for name, field in asked.items() if field}
        self.base_fields = {**self.base_fields, **self.questions}  # type: ignore[misc]
        known = {name: value for name, value in (initial or {}).items() if name in self.questions}
        super().__init__(data, files, initial={"token": uuid4(), **(begun or {}), **known})
        self.fields["service"].queryset = Service.objects.offered_to(person.council_id)
        self._ask_what_is_private(person)

    def clean_token(self):
        """A form whose token was lost is sent once all the same."""
        return self.cleaned_data["token"] or uuid4()

    def said(self) -> dict[str, Any]:
        """What was filled in, as `ask_for_help` takes it."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in self.questions}
        said["token"] = said["token"].hex
        return said | {"answers": {name: self.cleaned_data[name] for name in self.questions}}

    def _ask_what_is_private(self, person) -> None:
        """Only what somebody at the council receives is on offer; a security problem is private by itself."""
        council = person.council
        kinds = [kind for kind in private_matters_at(council) if kind != Sensitivity.CYBER]
        groups = {kind: case_group_for(council, kind) for kind in kinds}
        self.private_hints = {kind: f"Read only by you and {group}" for kind, group in groups.items()}
        if not groups:
            del self.fields["sensitivity"]
            return
        self.fields["sensitivity"].choices = [
            (Sensitivity.NORMAL, NOT_PRIVATE),
            *((kind, f"Yes: {Sensitivity(kind).label.lower()}") for kind in groups),
        ]


class ReplyForm(MessageForm):
    """What the requester says."""

    body = long_text("Your message", error_messages={"required": "Enter your message"})
    field_order = ("seen", "body", "files")


class NotFixedForm(SentForm):
    """What is still wrong, when a request was not fixed after all."""

    message = long_text("What is still wrong?", error_messages={"required": "Enter what is still wrong"})


class AgainForm(Form):
    """What is wrong or needed now, of something that was finished."""

    message = long_text(
        "What is wrong, or what do you need, now?",
        error_messages={"required": "Enter what is wrong, or what you need, now"},
    )
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_token(self):
        """A form whose token was lost is sent once all the same."""
        return self.cleaned_data["token"] or uuid4()


class FixedForm(SentForm):
    """That it is fixed, after what had been said by then."""


class CancelForm(SentForm):
    """Why a request is no longer needed."""

    reason = long_text(
        "Why do you no longer need it?", error_messages={"required": "Enter why you no longer need it"}
    )


class ContentForm(Form):
    """How content somebody is with what was done."""

    score = forms.TypedChoiceField(
        label="How content are you with what we did?",
        choices=list(SCORES.items()),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how content you are"},
    )
    comment = long_text("Anything that we should know?", required=False, help_text="The IT desk reads this")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    @classmethod
    def showing(cls, answer: Satisfaction | None, begun: dict[str, Any]) -> "ContentForm":
        """The form as it was answered, if it was, or as it was begun since."""
        given = (
            {"score": answer.score, "comment": answer.comment, "version": answer.version} if answer else {}
        )
        return cls(initial={"version": 0, **given, **begun})
