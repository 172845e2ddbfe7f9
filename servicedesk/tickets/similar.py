"""Requests that say much the same as another: for whoever works on that one, and never beyond what they may see.

What the person may not see is left out by the question itself, so it is neither shown nor counted, and takes nobody's
place among those that are.
"""

from servicedesk.search.searching import sharing_words
from servicedesk.search.words import words
from servicedesk.tickets.joined import family_of
from servicedesk.tickets.models import Ticket, TicketState

SHORTEST, MOST_WORDS, NEWEST, SHOWN = 4, 6, 100, 5
SAYS_NOTHING = frozenset(
    [
        "about",
        "after",
        "again",
        "cannot",
        "could",
        "does",
        "doesn",
        "from",
        "have",
        "help",
        "issue",
        "need",
        "needs",
        "please",
        "problem",
        "request",
        "since",
        "that",
        "their",
        "there",
        "this",
        "today",
        "when",
        "will",
        "with",
        "work",
        "working",
        "works",
        "would",
        "your",
    ]
)
NOT_DONE = (TicketState.CANCELLED, TicketState.REJECTED)


def similar_to(person, ticket: Ticket) -> list[Ticket]:
    """The requests that the person may see and that share words with the title of this one: those that share most
    first, of these the ones about the same service, and then the newest."""
    asked = _telling(ticket.title)
    seen = Ticket.objects.visible_to(person).exclude(pk__in=[each.pk for each in family_of(ticket)])
    found = sharing_words(seen.exclude(state__in=NOT_DONE), asked).select_related("council")

    def likeness(other: Ticket) -> tuple[int, bool, int]:
        shared = len(set(asked) & set(words(other.title)))
        return shared, other.service_id is not None and other.service_id == ticket.service_id, other.pk

    return sorted(found.order_by("-pk")[:NEWEST], key=likeness, reverse=True)[:SHOWN]


def _telling(title: str) -> list[str]:
    """The words of a title that say what it is about, the longest first."""
    telling = {word for word in words(title) if len(word) >= SHORTEST and word not in SAYS_NOTHING}
    return sorted(telling, key=lambda word: (-len(word), word))[:MOST_WORDS]
