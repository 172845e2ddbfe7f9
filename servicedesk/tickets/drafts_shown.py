"""What somebody has begun, as the list of their drafts tells it: what they wrote, and what they chose in words.

A draft keeps what its form sends, so of a choice the value alone; here it is told as the page of the form tells it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Model

from servicedesk.catalogue.models import Service
from servicedesk.knowledge.models import Announcement
from servicedesk.people.models import Council, Person, Site, Team
from servicedesk.tickets.calling_forms import OUTCOME_WORDS, STOPS
from servicedesk.tickets.drafts import NAME, page_of
from servicedesk.tickets.models import (
    BreachReason,
    Channel,
    Comment,
    Draft,
    Priority,
    ResolutionCode,
    Sensitivity,
    TicketType,
    Uplift,
)
from servicedesk.tickets.priorities import IMPACT_WORDS, URGENCY_WORDS
from servicedesk.tickets.satisfying import SCORES

CHOICES: dict[str, tuple[str, Mapping[Any, Any]]] = {
    "visibility": ("Who reads it", dict(Comment.Visibility.choices)),
    "type": ("Type", dict(TicketType.choices)),
    "kind": ("Kind", {**dict(TicketType.choices), **dict(Announcement.Kind.choices)}),
    "sensitivity": ("Private", dict(Sensitivity.choices)),
    "impact": ("Impact", IMPACT_WORDS),
    "urgency": ("Urgency", URGENCY_WORDS),
    "stops": ("What it stops", STOPS),
    "priority": ("Priority", dict(Priority.choices)),
    "uplift": ("What raises it", dict(Uplift.choices)),
    "channel": ("How it reached us", dict(Channel.choices)),
    "resolution_code": ("How it was resolved", dict(ResolutionCode.choices)),
    "score": ("How content", SCORES),
}
"""What is chosen from a list that never changes: its label, and the words by value."""
CHOICES_HERE: dict[str, dict[str, tuple[str, Mapping[Any, Any]]]] = {
    "call": {"outcome": ("What becomes of it", OUTCOME_WORDS)},
    "late": {"reason": ("Reason", dict(BreachReason.choices))},
}
"""What is chosen so in one form, and written in others."""
ROWS: dict[str, tuple[str, type[Model]]] = {
    "service": ("Service", Service),
    "site": ("Site", Site),
    "sites": ("Sites", Site),
    "team": ("Team", Team),
    "supplier_team": ("Supplier", Team),
    "assignee": ("Person", Person),
    "approver": ("Who approves", Person),
    "caller": ("Caller", Person),
    "new_council": ("Council", Council),
    "councils": ("Councils", Council),
}
"""What is chosen among rows, of which those are named that the person may still see."""
UNTOLD = ("version", "effect", "comments", "after", "way", "asset", "starts_at", "ends_at")
"""What is chosen, and says nothing without its form."""
TICKED = "on"
ABOUT = {
    "help": "Get help",
    "call": "A call",
    "glass": "A private request",
    "announcement": "An announcement",
    "change-announcement": "An announcement",
}
"""What a form that names no ticket is about."""


class Shown(NamedTuple):
    """A draft as its writer sees it: what it is about, the page it was begun on, its texts, the longest first, and what
    was chosen, with its label."""

    form: str
    about: str
    address: str
    saved_at: datetime
    texts: list[str]
    chosen: list[tuple[str, str]]


def shown(drafts: Iterable[Draft], person) -> list[Shown]:
    """What the person has begun, in words, wherever the pages of it are now."""
    drafts = list(drafts)
    names = _names(drafts, person)
    return [_shown(draft, names) for draft in drafts]


def _shown(draft: Draft, names: dict[type[Model], dict[int, str]]) -> Shown:
    found = NAME.fullmatch(draft.form)
    form = found["form"] if found else ""
    choices = {**CHOICES, **CHOICES_HERE.get(form, {})}
    texts, chosen = [], []
    for name, value in draft.values.items():
        if name in choices:
            label, words = choices[name]
            said = [str(words.get(each) or words.get(_number(each)) or "") for each in _each(value)]
        elif name in ROWS:
            label, kind = ROWS[name]
            said = [names[kind].get(_number(each), "") for each in _each(value)]
        else:
            label, said = "", []
            if name not in UNTOLD and isinstance(value, str) and value.strip() not in ("", TICKED):
                texts.append(value)
        if any(said):
            chosen.append((label, ", ".join(filter(None, said))))
    about = (found and (found["reference"] or ABOUT.get(form))) or "A form"
    longest_first = sorted(texts, key=len, reverse=True)
    return Shown(draft.form, about, page_of(draft.form), draft.saved_at, longest_first, chosen)


def _names(drafts: list[Draft], person) -> dict[type[Model], dict[int, str]]:
    """The names of the rows that were chosen in any of them: one question for each kind."""
    keys: dict[type[Model], set[int]] = {kind: set() for _, kind in ROWS.values()}
    for draft in drafts:
        for name, value in draft.values.items():
            if name in ROWS:
                keys[ROWS[name][1]].update(filter(None, map(_number, _each(value))))
    return {kind: _named(kind, chosen, person) if chosen else {} for kind, chosen in keys.items()}


def _named(kind: Any, keys: set[int], person) -> dict[int, str]:
    return {row.pk: str(row) for row in kind.objects.visible_to(person).filter(pk__in=keys)}


def _each(value: Any) -> Iterator[str]:
    yield from value if isinstance(value, list) else [value]


def _number(text: Any) -> int:
    """The key that a text is; 0 where it is none."""
    return (
        int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) < 19 else 0
    )
