"""Opening one ticket, and the answer to who can see it and why, from the very table that decides (`grounds`)."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils import timezone

from servicedesk.people.access import Scoped, open_door
from servicedesk.people.models import Grant, Person
from servicedesk.people.querysets import in_force
from servicedesk.tickets.grounds import NOBODY, Ground, grounds
from servicedesk.tickets.models import How, Sharing, Sighting, Ticket
from servicedesk.tickets.workflow import RELATED

WRITTEN_DOWN_EVERY = timedelta(hours=1)


def open_ticket(person, reference: str, how: How, rows: Scoped[Ticket] | None = None) -> Ticket:
    """The ticket of this reference that the person may see, or 404. That it was read is written down if it is sealed.

    Every page and every route of one ticket comes through here, with `rows` that it has narrowed or selected itself.
    """
    rows = Ticket.objects.select_related(*RELATED) if rows is None else rows
    ticket = open_door(person, rows, reference=reference)
    write_down(person, ticket, how)
    return ticket


def write_down(person, ticket: Ticket, how: How, now: datetime | None = None) -> None:
    """Keep that the person read a sealed ticket, once an hour for each way of reading it."""
    if ticket.sharing != Sharing.RESTRICTED:
        return
    now = now or timezone.now()
    read = Sighting.objects.filter(ticket=ticket, person=person, how=how, at__gt=now - WRITTEN_DOWN_EVERY)
    if not read.exists():
        Sighting.objects.create(ticket=ticket, person=person, how=how, at=now)


def write_down_titles(person, tickets: Iterable[Any], how: How, now: datetime | None = None) -> None:
    """Keep that the person was shown the titles of those tickets that are sealed: in two queries, or none where none
    is. Once an hour of each, as with `write_down`. None among them is what the person may not see.
    """
    shown = {ticket.id for ticket in tickets if ticket and ticket.sharing == Sharing.RESTRICTED}
    if not shown:
        return
    now = now or timezone.now()
    read = Sighting.objects.filter(ticket__in=shown, person=person, how=how, at__gt=now - WRITTEN_DOWN_EVERY)
    new = shown - set(read.values_list("ticket", flat=True))
    Sighting.objects.bulk_create(Sighting(ticket_id=key, person=person, how=how, at=now) for key in new)


class Seers(NamedTuple):
    """A reason to see a ticket, and the people for whom it holds, by name."""

    sentence: str
    people: list[Person]


def why(person, ticket: Ticket) -> list[str]:
    """The reasons for which the person sees the ticket; none where they do not."""
    rules = [(ground.sentence, ground.tickets(person)) for ground in grounds()]
    held = {sentence: _holds(rule) for sentence, rule in rules if rule is not None}
    seen = Ticket.objects.visible_to(person).filter(pk=ticket.pk)
    found = seen.values_list(*held.values()).first() if held else None
    return [sentence for sentence, holds in zip(held, found or (), strict=False) if holds]


def everyone_who_sees(ticket: Ticket) -> list[Seers]:
    """Everybody who sees the ticket at this moment, reason by reason, as the rule itself says; a reason of nobody's is
    left out. Somebody with several reasons stands under each.
    """
    about, there = _facts(ticket)
    rules = [_holds(ground.people(about)) for ground in there]
    asked = Person.objects.active().filter(pk__in=Grant.objects.filter(in_force()).values("person"))
    seeing = asked.annotate(**{f"ground_{number}": rule for number, rule in enumerate(rules)})
    found = seeing.filter(_any(len(rules))).select_related("council").order_by("display_name", "pk")
    groups: list[Seers] = [Seers(ground.sentence, []) for ground in there]
    for person in found:
        for number, group in enumerate(groups):
            if getattr(person, f"ground_{number}"):
                group.people.append(person)
    return [group for group in groups if group.people]


def people_who_see(
    ticket: Ticket, chosen: Callable[[Ground], bool] = lambda ground: True
) -> QuerySet[Person]:
    """Everybody who sees the ticket at this moment by one of the grounds chosen, to be counted or named."""
    about, there = _facts(ticket)
    rule = NOBODY
    for ground in filter(chosen, there):
        rule |= ground.people(about)
    granted = Grant.objects.filter(in_force()).values("person")
    return Person.objects.active().filter(rule, pk__in=granted)


def _facts(ticket: Ticket) -> tuple[dict[str, Any], list[Ground]]:
    """What the grounds ask of the ticket, as it is now, and those whose first half is true of it."""
    every = grounds()
    columns = set().union(*(ground.columns for ground in every))
    wheres = {f"where_{number}": _holds(ground.where) for number, ground in enumerate(every)}
    facts = Ticket.objects.filter(pk=ticket.pk).values(*columns, **wheres).get()
    return facts, [ground for number, ground in enumerate(every) if facts[f"where_{number}"]]


def _holds(rule: Q) -> Case | Value:
    """Whether a rule holds, as a column; an empty one always does."""
    return Case(When(rule, then=True), default=False) if rule else Value(True)


def _any(count: int) -> Q:
    rule = Q(pk__in=[])
    for number in range(count):
        rule |= Q((f"ground_{number}", True))
    return rule
