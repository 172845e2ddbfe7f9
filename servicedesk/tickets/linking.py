"""Tying tickets to one another: parent and child, and links of a kind."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.utils import timezone

from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.models import Person
from servicedesk.tickets.entries import tie, untie
from servicedesk.tickets.models import Link, Ticket
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.states import MoveRefused, StaleTicket
from servicedesk.tickets.workflow import RELATED, fresh

MOST_LEVELS = 5
BLOCKS, CAUSED_BY, RELATES = Link.Kind.BLOCKS, Link.Kind.CAUSED_BY, Link.Kind.RELATES
INVERSE_WORDS = {RELATES: RELATES.label, CAUSED_BY: "Cause of", BLOCKS: "Must come after"}
"""How a link reads from the other end."""


def locked_together(*tickets: Ticket) -> list[Ticket]:
    """The tickets as they are now, in the order given, held until the transaction ends.

    They are locked in the order of their keys, so that of two deeds on the same tickets neither waits for the other.
    """
    rows = Ticket.objects.select_related(*RELATED).select_for_update(of=("self",))
    held = {row.pk: row for row in rows.filter(pk__in=[each.pk for each in tickets]).order_by("pk")}
    return [held[each.pk] for each in tickets]


def adopt(child: Ticket, parent: Ticket, *, by: Person, now: datetime | None = None) -> Ticket:
    """Make a ticket the child of another, which then cannot be resolved before it. Returns the child.

    Raises PermissionDenied, MoveRefused where the other has ended, or ValidationError where it cannot be its parent.
    """
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        child, parent = locked_together(child, parent) if child != parent else (child, parent)
        _check_works(by, child, parent)
        _check_parent(child, parent)
        if child.parent_id == parent.pk:
            return child
        before, former = snapshot([child]), child.parent
        Ticket.objects.filter(pk=child.pk).update(parent=parent, version=F("version") + 1)
        child = fresh(child)
        record(deed, [child], before)
        if former:
            untie(deed, former, "child", child)
        tie(deed, parent, "child", child)
    return child


def release(child: Ticket, *, by: Person, now: datetime | None = None) -> Ticket:
    """Take a ticket out of its parent, by whoever works on either. Raises PermissionDenied."""
    with change_set(by=by, now=now or timezone.now()) as deed:
        child = Ticket.objects.select_related(*RELATED, "parent__council").get(pk=child.pk)
        if child.parent is None:
            return child
        child, parent = locked_together(child, child.parent)
        if child.parent_id != parent.pk:
            raise StaleTicket(f"{child} was changed while you were looking at it.")
        if not (may_work(by, child) or _sees(by, child) and may_work(by, parent)):
            raise PermissionDenied("You need the right to work on this request.")
        before = snapshot([child])
        Ticket.objects.filter(pk=child.pk).update(parent=None, version=F("version") + 1)
        child = fresh(child)
        record(deed, [child], before)
        untie(deed, parent, "child", child)
    return child


def add_link(ticket: Ticket, other: Ticket, kind: str, *, by: Person, now: datetime | None = None) -> Link:
    """Say that a ticket has to do with another: "`ticket` is caused by `other`". Said already, it stays as it is.

    Raises PermissionDenied, or ValidationError by field.
    """
    now = now or timezone.now()
    if kind not in Link.Kind.values:
        raise ValidationError({"kind": "Choose how they belong together"})
    with change_set(by=by, now=now) as deed:
        if ticket == other:
            raise ValidationError({"other": "Enter the reference of another request than this one"})
        ticket, other = locked_together(ticket, other)
        _check_works(by, ticket)
        if not _sees(by, other):
            raise ValidationError({"other": "Enter the reference of another request that you can see"})
        standing = _standing(ticket, other, kind) or (kind == RELATES and _standing(other, ticket, kind))
        if standing:
            return standing
        if kind != RELATES and _leads_to(other, ticket, kind):
            raise ValidationError({"kind": f"{other} is tied to {ticket} the other way round already"})
        return make_link(deed, ticket, other, kind, by=by, now=now)


def make_link(
    deed: ChangeSet, ticket: Ticket, other: Ticket, kind: str, *, by: Person | None, now: datetime
) -> Link:
    """Link two tickets inside a deed whose right has been checked. Both histories tell it."""
    link = Link.objects.create(ticket=ticket, other=other, kind=kind, made_by=by, made_at=now)
    record(deed, [link])
    tie(deed, ticket, "link", other, f"{link.get_kind_display()} {other}")
    tie(deed, other, "link", ticket, f"{INVERSE_WORDS[Link.Kind(kind)]} {ticket}")
    return link


def end_link(link: Link, *, by: Person, now: datetime | None = None) -> Link:
    """Take a link away, by whoever works on either ticket and sees both. History keeps it. Raises PermissionDenied."""
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        ticket, other = locked_together(link.ticket, link.other)
        link = Link.objects.select_related("ticket", "other", "made_by").get(pk=link.pk)
        both = _sees(by, ticket) and _sees(by, other)
        if not (both and (may_work(by, ticket) or may_work(by, other))):
            raise PermissionDenied("You need the right to work on this request.")
        if link.ended_at:
            return link
        before = snapshot([link])
        link.ended_at = now
        link.save(update_fields=["ended_at"])
        record(deed, [link], before)
        untie(deed, ticket, "link", other, f"{link.get_kind_display()} {other}")
        untie(deed, other, "link", ticket, f"{INVERSE_WORDS[Link.Kind(link.kind)]} {ticket}")
    return link


def _check_works(by: Person, *tickets: Ticket) -> None:
    if not all(may_work(by, ticket) for ticket in tickets):
        raise PermissionDenied("You need the right to work on both requests.")


def _sees(by: Person, ticket: Ticket) -> bool:
    return Ticket.objects.visible_to(by).filter(pk=ticket.pk).exists()


def _check_parent(child: Ticket, parent: Ticket) -> None:
    """Raises where the one cannot be the parent of the other."""
    if child.merged_into_id or parent.merged_into_id:
        raise MoveRefused("A request that was merged goes on as another. Choose that one.")
    if child.is_open and not parent.is_open:
        raise MoveRefused(f"{parent} has ended, so an open request cannot be part of it.")
    above = _above(parent)
    if child.pk in above:
        raise ValidationError({"other": f"{parent} is part of {child}, so it cannot be its parent"})
    if len(above) + _levels_below(child) > MOST_LEVELS:
        raise ValidationError({"other": f"Requests can be part of one another {MOST_LEVELS} levels deep"})


def _above(ticket: Ticket) -> list[int]:
    """The ticket and its parents, up to the last."""
    above = [ticket.pk]
    parent = ticket.parent_id
    while parent and parent not in above:
        above.append(parent)
        parent = Ticket.objects.values_list("parent", flat=True).get(pk=parent)
    return above


def _levels_below(ticket: Ticket) -> int:
    """How many levels there are from the ticket down, its own among them."""
    levels, level = 0, {ticket.pk}
    while level and levels <= MOST_LEVELS:
        levels += 1
        level = set(Ticket.objects.filter(parent__in=level).values_list("pk", flat=True))
    return levels


def _standing(ticket: Ticket, other: Ticket, kind: str) -> Link | None:
    return Link.objects.filter(ticket=ticket, other=other, kind=kind, ended_at=None).first()


def _leads_to(ticket: Ticket, other: Ticket, kind: str) -> bool:
    """Whether links of the kind lead from one ticket to the other."""
    reached, newest = set(), {ticket.pk}
    while newest:
        if other.pk in newest:
            return True
        reached |= newest
        links = Link.objects.filter(ticket__in=newest, kind=kind, ended_at=None)
        newest = set(links.values_list("other", flat=True)) - reached
    return False
