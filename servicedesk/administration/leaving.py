"""What somebody who leaves has in hand, and what becomes of it when they are gone."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from assets.batches.models import Batch
from assets.batches.passing_on import owned_by
from assets.disposal.chasing import seen
from assets.disposal.models import DueBack
from assets.register.models import Asset
from servicedesk.catalogue.models import Service
from servicedesk.history.recording import change_set
from servicedesk.notifications.models import Webhook
from servicedesk.people import leaving
from servicedesk.people.access import councils_of
from servicedesk.people.models import Grant, Membership, Person, Team
from servicedesk.people.roles import Permission
from servicedesk.people.tokens import tokens_of
from servicedesk.tickets.models import Sharing, Ticket
from servicedesk.tickets.passing_on import (
    asked_for_by,
    assigned_to,
    awaiting_approval_of,
    heir_of,
    pass_on,
    tasks_of,
)


@dataclass(frozen=True)
class Tickets:
    """How many there are, leaving out restricted ones, and those of them that whoever asks may see."""

    name: str
    what: str
    count: int
    seen: list[Ticket]


@dataclass(frozen=True)
class InHand:
    """All that somebody has in hand: what has to come back, go on, or end."""

    kit: list[Asset]
    kit_seen: frozenset[int]
    due_back: list[DueBack]
    tickets: list[Tickets]
    tasks: int
    places: list[Membership]
    roles: list[Grant]
    services: list[Service]
    reports: list[Person]
    tokens: int
    webhooks: list[Webhook]
    batches: list[Batch]
    elsewhere: int
    heir: Person | None


def in_hand(person: Person, *, by: Person) -> InHand:
    """What somebody has in hand, as far as `by` may know: of requests how many, and the references of those they see.

    Kit is told by kind and model, because it has to come back; its tags, and what was asked for, to who sees the
    register. Restricted requests are not even counted, and places, roles and batches that are not `by`'s to know of are
    counted together.
    """
    places, roles = person.memberships.filter(ends_at=None), person.grants.filter(ends_at=None)
    places_seen = places.filter(team__in=Team.objects.visible_to(by).values("pk"))
    roles_seen = roles.filter(council__in=councils_of(by, Permission.ADMINISTER))
    batches = list(owned_by(person).filter(pk__in=Batch.objects.visible_to(by).values("pk")))
    kit = (
        Asset.objects.held_by(person)
        .select_related("model__manufacturer", "manufacturer")
        .order_by("category", "id")
    )
    return InHand(
        kit=list(kit),
        kit_seen=frozenset(Asset.objects.visible_to(by).filter(holder=person).values_list("pk", flat=True)),
        due_back=list(seen(by).to_bring_back(person)),
        tickets=[
            _tickets("asked_for", "Requests that they asked for", asked_for_by(person), by),
            _tickets("working_on", "Requests that they are working on", assigned_to(person), by),
            _tickets(
                "approving", "Requests that they are asked to approve", awaiting_approval_of(person), by
            ),
        ],
        tasks=tasks_of(person).exclude(ticket__sharing=Sharing.RESTRICTED).count(),
        places=list(places_seen.select_related("team")),
        roles=list(roles_seen.select_related("council")),
        services=list(Service.objects.on_offer().filter(owner=person)),
        reports=list(Person.objects.active().filter(line_manager=person)),
        tokens=tokens_of(person).count(),
        webhooks=list(person.webhooks.filter(archived_at=None)),
        batches=batches,
        elsewhere=sum(
            theirs.count() - seen
            for theirs, seen in (
                (places, places_seen.count()),
                (roles, roles_seen.count()),
                (owned_by(person), len(batches)),
            )
        ),
        heir=heir_of(person),
    )


def let_go(person: Person, *, now: datetime) -> None:
    """Close the account of somebody whose last day is over, and pass on what they had in hand, in one deed."""
    with change_set(by=None, reason="The last day is over", now=now):
        pass_on(person, now=now)
        leaving.let_go(person, now=now)


def _tickets(name: str, what: str, tickets: QuerySet[Ticket], by: Person) -> Tickets:
    known = tickets.exclude(sharing=Sharing.RESTRICTED)
    seen = Ticket.objects.visible_to(by).filter(pk__in=known.values("pk"))
    return Tickets(name, what, known.count(), list(seen.order_by("-id")[:50]))
