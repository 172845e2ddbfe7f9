"""What is filled in to tie a ticket to another one, to split it, and to merge it."""

from collections.abc import Mapping
from typing import Any

from django import forms

from servicedesk import wording
from servicedesk.forms import FilterForm, Form
from servicedesk.tickets.conversation import readable_by
from servicedesk.tickets.forms import SentForm, TicketReference, long_text
from servicedesk.tickets.models import Link, Ticket

CHILD, PARENT = "child", "parent"
WAYS = [
    (Link.Kind.RELATES.value, "It has to do with the other one"),
    (Link.Kind.CAUSED_BY.value, "It is caused by the other one"),
    ("causes", "It is the cause of the other one"),
    (Link.Kind.BLOCKS.value, "It must come before the other one"),
    ("blocked_by", "It must come after the other one"),
    (CHILD, "It is part of the other one, which cannot be resolved before it"),
    (PARENT, "The other one is part of it"),
]
LONGEST_WORDS = 200
FIRST_WORDS = 80


class PickForm(FilterForm):
    """Words by which to find the other ticket."""

    q = forms.CharField(label="Find it by its words", max_length=LONGEST_WORDS, required=False)


class RelateForm(Form):
    """To which other ticket, and how."""

    how = forms.ChoiceField(
        label="How they belong together",
        choices=WAYS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how they belong together"},
    )

    def __init__(self, person, data=None, *, other: str = ""):
        super().__init__(data, initial={"other": other})
        self.add("other", _reference(person))
        self.order_fields(["other", "how"])


class MergeForm(Form):
    """Into which other ticket, as the first one was read at `version`."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, person, data=None, *, other: str = "", version: int | None = None):
        super().__init__(data, initial={"other": other, "version": version})
        self.add("other", _reference(person))
        self.order_fields(["other", "version"])


class SplitForm(Form):
    """What the new ticket is about, and what was said about it."""

    title = forms.CharField(
        label="Summary of the new request",
        max_length=200,
        error_messages={"required": "Enter the summary of the new request"},
    )
    comments = forms.TypedMultipleChoiceField(
        label="What was said about it",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what was said about the new request"},
    )

    def __init__(
        self,
        ticket: Ticket,
        person,
        data=None,
        *,
        begin: int | None = None,
        begun: Mapping[str, Any] | None = None,
    ):
        said = list(readable_by(person, ticket).select_related("author"))
        later = [each.pk for each in said if begin is not None and each.pk >= begin]
        chosen = {"comments": later} if begin is not None else {}
        super().__init__(data, initial={**(begun or {}), **chosen})
        self.fields["comments"].choices = [(each.pk, _first_words(each)) for each in said]


class ReplyToAllForm(SentForm):
    """What the requesters of all children are told."""

    body = long_text("Reply to the requesters of all its open children")

    def __init__(self, data=None, **options):
        super().__init__(data, auto_id="all-%s", **options)
        self.fields["body"].error_messages["required"] = "Enter your message"


def _reference(person) -> TicketReference:
    return TicketReference(
        person,
        label="The other request",
        help_text="Its reference, for example INC-2026-000123",
        max_length=40,
        error_messages={"required": "Enter the reference of the other request"},
    )


def _first_words(comment) -> str:
    words = " ".join(comment.body.split())
    short = words if len(words) <= FIRST_WORDS else f"{words[:FIRST_WORDS].rsplit(' ', 1)[0]}…"
    return f"{comment.author or 'The system'}, {wording.short_moment(comment.at)}: {short}"
