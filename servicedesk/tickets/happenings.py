"""What happened to a ticket, in the words of its page, for whoever reads its notes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from servicedesk.history.merging import label_of
from servicedesk.history.models import Change
from servicedesk.people.access import councils_of, history_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.tickets.entries import NAMES_TICKETS
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.rights import may_read_notes
from servicedesk.tickets.states import MOVES

WORDS = {name: step.words for name, step in MOVES.items()} | {
    "merge": "Merge",
    "unmerge": "Take the merge back",
}
"""What was done to a ticket, by the name that history keeps."""


class Line(NamedTuple):
    """One value that changed: which, and how it read before and afterwards."""

    name: str
    label: str
    old: str
    new: str


class Happening(NamedTuple):
    """One entry of the history: what was done, by whom, when, why, and which values changed."""

    id: int
    words: str
    by: str
    at: datetime
    reason: str
    lines: list[Line]


def happenings_to(person, ticket: Ticket) -> list[Happening]:
    """What happened to the ticket, newest first; nothing for who does not read its notes.

    What a value points at is named only to who may see it.
    """
    if not may_read_notes(person, ticket):
        return []
    changes = history_of(person, ticket)
    others = {
        value for change in changes for name in NAMES_TICKETS for value in change.fields.get(name, ())[:2]
    }
    seen = Ticket.objects.visible_to(person).filter(pk__in=others - {None}).values_list("pk", flat=True)
    hidden = others - {None} - set(seen) if others else set()
    # Assets are no tickets' matter, so only who sees those of every council is told of one here.
    sees_assets = len(councils_of(person, Permission.SEE_ASSETS)) == Council.objects.count()
    happenings = [(change, _happening(change, hidden, sees_assets)) for change in changes]
    # Of what is hidden nothing is told, not even that something was changed.
    return [each for change, each in happenings if each.lines or change.move or _is_new(change)]


def rows_of(happenings: Iterable[Happening]) -> QuerySet[Change]:
    """The rows of these, so that they can be told by pages."""
    return Change.objects.filter(pk__in=[each.id for each in happenings])


def _is_new(change: Change) -> bool:
    return change.action == Change.Action.CREATE


def _happening(change: Change, hidden: set[int], sees_assets: bool) -> Happening:
    deed = change.change_set
    words = WORDS.get(change.move) or change.get_action_display()
    lines = [
        line
        for line in _lines(change)
        if (line.name != "asset" or sees_assets)
        and not (line.name in NAMES_TICKETS and hidden & set(change.fields[line.name][:2]))
    ]
    return Happening(change.pk, words, deed.by_label or "The system", deed.at, deed.reason, lines)


def _lines(change: Change) -> list[Line]:
    """The values that changed; a new ticket's own facts stand on the page already."""
    if change.action == Change.Action.CREATE:
        return []
    return [
        Line(name, label_of(Ticket, name), _words(old, old_words), _words(new, new_words))
        for name, (old, new, old_words, new_words) in change.fields.items()
    ]


def _words(value: Any, label: str) -> str:
    return "Nothing" if value in (None, "") else label
