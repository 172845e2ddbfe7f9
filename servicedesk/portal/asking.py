"""Asking for help: from plain answers to a ticket. Staff say what is stopped; the desk alone says that all is lost."""

from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from servicedesk.history.recording import change_set
from servicedesk.tickets.attaching import Files, refuse_bad
from servicedesk.tickets.conversation import enclose
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket


class Effect(NamedTuple):
    """What a problem stops, in the words of whoever has it, and what the desk makes of it."""

    words: str
    impact: int
    urgency: int


EFFECTS = {
    "team": Effect("My whole team cannot work", 2, 1),
    "me": Effect("I cannot work", 3, 1),
    "slow": Effect("I can work, but with difficulty", 3, 2),
    "wait": Effect("It can wait", 3, 3),
}


class Question(Protocol):
    """A question that a higher app asks on the page; settings.HELP_QUESTIONS names such objects.

    `name` is the name of its field: `/help/?name=7` begins with that answer.
    """

    name: str

    def field(self, person) -> forms.Field | None:
        """The field, or None where there is nothing to ask this person."""

    def answered(self, ticket: Ticket, value: Any, by) -> None:
        """Keep the answer, inside the transaction that raises the ticket; a second time it changes nothing."""


def questions() -> list[Question]:
    """The questions that higher apps ask."""
    return [import_string(name) for name in settings.HELP_QUESTIONS]


def ask_for_help(
    *,
    by,
    kind: str,
    effect: str,
    token: str,
    answers: dict[str, Any],
    files: Files = (),
    now: datetime | None = None,
    **said,
) -> Ticket:
    """Raise what somebody asked for on the page, once for each token, however often the page is sent."""
    level, now = EFFECTS[effect], now or timezone.now()
    refuse_bad(files)
    with change_set(by=by, now=now):
        ticket = raise_ticket(
            by=by,
            requester=by,
            type=kind,
            impact=level.impact,
            urgency=level.urgency,
            source_ref=f"form-{by.pk}-{token[:24]}",
            now=now,
            **said,
        )
        if files and not ticket.comments.exists():
            enclose(ticket, by=by, files=files, now=now)
        for question in questions():
            if answers.get(question.name):
                question.answered(ticket, answers[question.name], by)
    return ticket
