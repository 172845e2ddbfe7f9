"""What is done to a ticket and to its children at once, by the choice of whoever does it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from servicedesk.history.recording import change_set
from servicedesk.people.models import Person
from servicedesk.tickets.conversation import check_seen, newest_said
from servicedesk.tickets.joined import family_of
from servicedesk.tickets.models import Comment, Ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.rights import may_read_notes, may_work
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.unfinished import UNSEEN, open_children
from servicedesk.tickets.workflow import RELATED, changed_since, check_state, fresh, move

CASCADES = {"resolve": "resolved", "cancel": "cancelled"}
"""The moves that may take the children along, and what all are then."""
UNWORKABLE = "you may not work on it"


class Refused(NamedTuple):
    """A child to which it could not be done, and why."""

    reference: str
    reason: str


def offers(ticket: Ticket, name: str, person) -> int:
    """How many open children, on every level, the person could take along with the move."""
    return len(children_below(ticket, person)[0]) if name in CASCADES else 0


def move_all(
    ticket: Ticket,
    name: str,
    *,
    by: Person,
    children: bool = False,
    version: int | None = None,
    seen: int | None = None,
    now: datetime | None = None,
    **given: Any,
) -> Ticket:
    """Make a move, and with `children` make it of every open child first, the lowest before those above them. To who
    does not read the ticket's notes it has none.

    All of them move, with the same words and in one change-set, or none does: MoveRefused then lists each that could
    not, and why. What else it raises is as in `workflow.move`.
    """
    now = now or timezone.now()
    if not (children and name in CASCADES and may_read_notes(by, ticket)):
        return move(ticket, name, by=by, version=version, seen=seen, now=now, **given)
    # What the one is a duplicate of says nothing of the others.
    words = {key: value for key, value in given.items() if key != "duplicate_of"}

    def take_along(child: Ticket) -> None:
        move(child, name, by=by, now=now, **words)

    with change_set(by=by, reason=str(given.get("reason", "")), now=now):
        below, unseen = children_below(ticket, by)
        _hold([ticket, *below])
        present = fresh(ticket)
        check_state(present, name, by)
        check_seen(by, seen, ticket, *_worked_on(below, by), changed=changed_since(present, version))
        refused = _do_to_each(list(reversed(below)), by, take_along)
        if refused or unseen:
            raise MoveRefused(_sentence(ticket, name, refused, unseen))
        return move(ticket, name, by=by, version=version, now=now, **given)


def tell_children(
    ticket: Ticket, *, by: Person, body: str, seen: int | None = None, now: datetime | None = None
) -> tuple[list[Comment], list[Refused]]:
    """Reply to the requesters of all open children, as far as the person may. Returns what was said, and where not.

    `seen` is the number of the newest comment, on the ticket or a child, that the person had before them.
    Raises PermissionDenied, MoveRefused where there is nobody to tell, SaidMeanwhile, or ValidationError where nothing
    is said.
    """
    now = now or timezone.now()
    if not body.strip():
        raise ValidationError({"body": "Enter your message"})
    if not may_work(by, ticket):
        raise PermissionDenied("You need the right to work on this request.")
    with change_set(by=by, now=now):
        below, _ = children_below(ticket, by)
        _hold([ticket, *below])
        check_seen(by, seen, ticket, *_worked_on(below, by))
        said: list[Comment] = []

        def reply(child: Ticket) -> None:
            said.append(say(child, by=by, body=body, visibility=Comment.Visibility.PUBLIC, now=now))

        refused = _do_to_each(below, by, reply)
        if not said:
            raise MoveRefused(f"{ticket} has no open children whose requesters you could reply to.")
    return said, refused


def children_below(ticket: Ticket, by) -> tuple[list[Ticket], bool]:
    """The open children that the person sees, level by level down, and whether there are others among them."""
    found: list[Ticket] = []
    unseen, newest = False, family_of(ticket)
    known = {each.pk for each in newest}
    while newest:
        every = open_children([each.pk for each in newest]).exclude(pk__in=known)
        newest = list(every.visible_to(by).select_related(*RELATED))
        unseen = unseen or len(newest) < every.count()
        known |= {each.pk for each in newest}
        found += newest
    return found, unseen


def newest_with_children(person, ticket: Ticket, below: list[Ticket]) -> int:
    """The number of the newest comment on a ticket or on its children `below`, as far as the person works on those.

    A page asks before it reads what it shows, so that what is said in between is not taken for seen.
    """
    return newest_said(person, ticket, *_worked_on(below, person))


def _worked_on(children: list[Ticket], person) -> list[Ticket]:
    """Those to which the person could do something, and whose words are theirs to read."""
    return [child for child in children if may_work(person, child)]


def _hold(tickets: list[Ticket]) -> None:
    """Lock them all in the order of their keys, before any is written to."""
    keys = [ticket.pk for ticket in tickets]
    list(Ticket.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))


def _do_to_each(children: list[Ticket], by: Person, deed: Callable[[Ticket], None]) -> list[Refused]:
    """Do it to each child. Returns those to which it could not be done."""
    reasons = ((child.reference, _why_not(child, by, deed)) for child in children)
    return [Refused(reference, reason) for reference, reason in reasons if reason]


def _why_not(child: Ticket, by: Person, deed: Callable[[Ticket], None]) -> str:
    """Do it to a child; or say why it could not be done, with nothing of it written."""
    if not may_work(by, child):
        return UNWORKABLE
    try:
        with transaction.atomic():
            deed(child)
    except (MoveRefused, PermissionDenied) as refused:
        return str(refused).rstrip(".")
    except ValidationError as refused:
        return "; ".join(refused.messages).rstrip(".")
    return ""


def _sentence(ticket: Ticket, name: str, refused: list[Refused], unseen: bool) -> str:
    reasons = [f"{each.reference} ({each.reason})" for each in refused] + [UNSEEN] * unseen
    return f"{ticket} and its children cannot all be {CASCADES[name]}, so nothing was changed: {'; '.join(reasons)}."
