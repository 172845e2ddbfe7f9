"""Two people who correct a ticket at once: what does not clash is kept of both, what does is shown with both values."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Model
from django.utils.text import capfirst

from servicedesk import wording
from servicedesk.history.models import Change
from servicedesk.history.recording import as_json, change_set
from servicedesk.people.access import may
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.states import StaleTicket
from servicedesk.tickets.workflow import change, check_version, locked


class Difference(NamedTuple):
    """A fact that two people changed: what one typed, what another has made of it meanwhile, who and when."""

    name: str
    typed: Any
    present: Any
    by: str
    at: datetime

    def said(self, words: str) -> str:
        """It in a sentence, what stands there now in words."""
        return f"{self.by} changed this to “{words or 'Nothing'}” on {wording.moment(self.at)}"


class Clash(StaleTicket):
    """Two people changed the same facts. `ticket` is as it is now; `mine` names all that the person edited."""

    def __init__(self, ticket: Ticket, differences: list[Difference], mine: Iterable[str]):
        people = _listed(dict.fromkeys(each.by for each in differences))
        super().__init__(f"{ticket} was changed by {people} while you were looking at it.")
        self.ticket, self.differences, self.mine = ticket, differences, set(mine)


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
    return Saved(saved, _sentence(since, _unseen(by, present)))


def own_edits(
    present: Ticket, version: int | None, fields: dict[str, Any], *, by
) -> tuple[dict[str, Any], list[Change]]:
    """What of these fields somebody who read the ticket at `version` has edited themselves, and what others did since.

    Raises Clash, or StaleTicket where it cannot be known, or may not be told, what others did.
    """
    since = changes_since(present, version) if version is not None and version < present.version else []
    if not since:
        check_version(present, version)
        return fields, since
    return _own(present, since, fields, _unseen(by, present)), since


def changes_since(ticket: Ticket, version: int) -> list[Change]:
    """What was done to the ticket after that version, oldest first.

    A change from before versions were kept counts as later than what was read, so that nothing is lost unseen; but
    for the first, which made version 1.
    """
    done = list(
        Change.objects.filter(kind=ticket._meta.label_lower, object_id=ticket.pk)
        .select_related("change_set")
        .order_by("id")
    )
    known = [place for place, each in enumerate(done) if _version_of(each) <= version]
    return done[known[-1] + 1 :] if known else done


def label_of(name: str) -> str:
    """A column by its name; what a higher app recorded on the ticket, such as an asset, by the name that it gave."""
    columns = {column.name: column.verbose_name for column in Ticket._meta.concrete_fields}
    return capfirst(str(columns.get(name, name.replace("_", " "))))


def _version_of(done: Change) -> float:
    if done.version is None:
        return 1 if done.action == Change.Action.CREATE else float("inf")
    return done.version


def _unseen(by, ticket: Ticket) -> set[str]:
    """The fields of the ticket that the person may not know of."""
    guarded = Ticket.guarded_fields.items()
    return {name for name, needed in guarded if not may(by, needed, ticket.council_id)}


def _own(present: Ticket, since: list[Change], fields: dict[str, Any], unseen: set[str]) -> dict[str, Any]:
    """What the person edited themselves. Raises Clash where others did as well."""
    first, last = _touched(reversed(since)), _touched(since)
    as_read = {
        name: first[name].fields[name][0] if name in first else _kept(present, name) for name in fields
    }
    own = {name: value for name, value in fields.items() if _plain(value) != as_read[name]}
    clashing = [name for name in own if name in last and _plain(own[name]) != _kept(present, name)]
    if unseen.intersection(clashing):
        raise StaleTicket(f"{present} was changed while you were looking at it.")
    if clashing:
        raise Clash(present, [_difference(present, name, own[name], last[name]) for name in clashing], own)
    return own


def _touched(changes: Iterable[Change]) -> dict[str, Change]:
    """By field, the last of these changes that touched it."""
    return {name: each for each in changes for name in each.fields}


def _difference(present: Ticket, name: str, typed: Any, last: Change) -> Difference:
    deed = last.change_set
    return Difference(name, typed, getattr(present, name), deed.by_label or "The system", deed.at)


def _kept(ticket: Ticket, name: str) -> Any:
    return _plain(getattr(ticket, name))


def _plain(value: Any) -> Any:
    """A value as history keeps it."""
    return value.pk if isinstance(value, Model) else as_json(value)


def _sentence(since: list[Change], unseen: set[str]) -> str:
    """Asha changed the site and category meanwhile. Both are kept."""
    by_whom: dict[str, dict[str, None]] = {}
    for each in since:
        told = [label_of(name).lower() for name in each.fields if name not in unseen]
        if told:
            names = by_whom.setdefault(each.change_set.by_label or "The system", {})
            names |= dict.fromkeys(told)
    said = [f"{person} changed the {_listed(names)} meanwhile." for person, names in by_whom.items()]
    return " ".join([*said, "Both are kept."]) if said else ""


def _listed(names: Iterable[str]) -> str:
    words = list(names)
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
