"""What history tells of a ticket beside its own columns: its tasks, its links, what was split off or merged."""

from typing import Any

from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, record_entries
from servicedesk.tickets.models import Ticket

NAMES_TICKETS = frozenset({"duplicate_of", "parent", "child", "link", "split", "merged_into", "merged"})
"""What points at another ticket: told only to who may see that one too."""
NOTHING = (None, "")


def enter(deed: ChangeSet, ticket: Ticket, name: str, old: tuple[Any, str], new: tuple[Any, str]) -> None:
    """Write into the ticket's history what became of something that hangs on it: (value, words), before and after."""
    change = [old[0], new[0], old[1], new[1]]
    entry = Entry(ticket.pk, str(ticket), ticket.council_id, Change.Action.UPDATE, {name: change})
    record_entries(deed, Ticket, [entry])


def tie(deed: ChangeSet, ticket: Ticket, name: str, other: Ticket, words: str = "") -> None:
    """The ticket's history tells that it has to do with another one from now on."""
    enter(deed, ticket, name, NOTHING, (other.pk, words or str(other)))


def untie(deed: ChangeSet, ticket: Ticket, name: str, other: Ticket, words: str = "") -> None:
    """The ticket's history tells that it has nothing to do with the other one any more."""
    enter(deed, ticket, name, (other.pk, words or str(other)), NOTHING)
