"""Two people who correct a ticket, or a task of one, at once: what does not clash is kept of both, what does is shown
with both values."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from servicedesk.history import merging
from servicedesk.history.merging import Difference, changes_since, kept_of_both, overtaken
from servicedesk.history.models import Change
from servicedesk.history.recording import change_set
from servicedesk.people.access import may
from servicedesk.tickets.models import Task, Ticket
from servicedesk.tickets.states import StaleTicket
from servicedesk.tickets.workflow import change, check_version, locked


class Clash(StaleTicket):
    """Two people changed the same facts of a ticket, or of a task of one. `row` is as it is now; `mine` names all that
    the person edited."""

    def __init__(self, row: Ticket | Task, differences: list[Difference], mine: Iterable[str]):
        super().__init__(overtaken(_named(row), differences))
        self.row: Any = row
        self.differences, self.mine = differences, set(mine)


class Saved(NamedTuple):
    """A ticket as it now is, and a sentence on what others changed since the person read it."""

    ticket: Ticket
    meanwhile: str


def save(ticket: Ticket, *, by, version: int, now: datetime | None = None, **fields: Any) -> Saved:
    """Save what somebody edited who read the ticket at `version`: `workflow.change`, with what others changed kept.

    Only what differs from what they had read is theirs. Raises Clash where somebody else has given one of those
    fields another value meanwhile, and whatever `workflow.change` raises.
    """
    with change_set(by=by, now=now):
        present = locked(ticket)
        fields, since = own_edits(present, version, fields, by=by)
        saved = change(present, by=by, version=present.version, now=now, **fields)
    return Saved(saved, kept_of_both(Ticket, since, _unseen(by, present)))


def own_edits(
    present: Ticket | Task, version: int | None, fields: dict[str, Any], *, by
) -> tuple[dict[str, Any], list[Change]]:
    """What of these fields somebody who read the row at `version` has edited themselves, and what others did since.

    Raises Clash, or StaleTicket where it cannot be known, or may not be told, what others did.
    """
    since = changes_since(present, version) if version is not None else []
    if not since:
        _check_version(present, version)
        return fields, since
    own, differences = merging.own_edits(present, since, fields)
    if _unseen(by, present).intersection(each.name for each in differences):
        raise StaleTicket(overtaken(_named(present)))
    if differences:
        raise Clash(present, differences, own)
    return own, since


def _check_version(row: Ticket | Task, version: int | None) -> None:
    if isinstance(row, Ticket):
        check_version(row, version)
    elif version not in (None, row.version):
        raise StaleTicket(overtaken(_named(row)))


def _named(row: Ticket | Task) -> str:
    return f"“{row.title}”" if isinstance(row, Task) else str(row)


def _unseen(by, row: Ticket | Task) -> set[str]:
    """The fields of a ticket that the person may not know of; of a task, whoever sees it knows all."""
    if isinstance(row, Task):
        return set()
    guarded = Ticket.guarded_fields.items()
    return {name for name, needed in guarded if not may(by, needed, row.council_id)}
