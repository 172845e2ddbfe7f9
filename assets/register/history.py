"""What happened to an asset, for whoever may see it: no money that is not theirs, no ticket hidden from them."""

from collections.abc import Iterator
from typing import NamedTuple

from assets.register.facts import in_words, label
from assets.register.models import Asset
from servicedesk.history.models import Change
from servicedesk.people.access import councils_of, history_of, may
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket


class Line(NamedTuple):
    """One value that changed: what, from what, to what, in the words of the time."""

    label: str
    old: str
    new: str


def changes_of(person, asset: Asset) -> list[Change]:
    """The changes of an asset that the person has been let in to, newest first. Who only holds it sees none.

    An asset that was another council's has a history there, which is for who reads that register.
    """
    if not may(person, Permission.SEE_ASSETS, asset.council_id):
        return []
    read = councils_of(person, Permission.SEE_ASSETS)
    changes = [change for change in history_of(person, asset) if change.council_id in read]
    return list(_with_tickets(person, changes))


def changes_while_owned(person, asset: Asset, council_id: int) -> list[Change]:
    """The changes of an asset from the time that a council owned it, for a person who has been let in to that."""
    changes = [change for change in history_of(person, asset) if change.council_id == council_id]
    return list(_with_tickets(person, changes))


def lines(change: Change) -> list[Line]:
    """What a change says, value by value."""
    return [
        Line(label(name), in_words(name, old, old_words), in_words(name, new, new_words))
        for name, (old, new, old_words, new_words) in change.fields.items()
    ]


def _with_tickets(person, changes: list[Change]) -> Iterator[Change]:
    """A link to a ticket gets its reference, or is left out where the person may not see the ticket."""
    linked = {key for change in changes for key in change.fields.get("ticket", [])[:2] if key}
    tickets = Ticket.objects.visible_to(person).filter(pk__in=linked)
    references = dict(tickets.values_list("pk", "reference"))
    for change in changes:
        old, new, *_ = change.fields.get("ticket", (None, None))
        if old is None and new is None:
            yield change
        elif (old or new) in references:
            change.fields["ticket"] = [old, new, references.get(old, ""), references.get(new, "")]
            yield change
