"""A lost or stolen asset is a security incident: raised with the loss, in one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from assets.register.facts import what_it_is
from assets.register.models import Asset, ServiceRecord
from assets.register.registering import link_raised
from servicedesk import wording
from servicedesk.history.models import Change
from servicedesk.people.access import may
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket, TicketType
from servicedesk.tickets.raising import raise_ticket

URGENCY, IMPACT = 1, 2
MOST_NAMED = 50


def report_lost(assets: Sequence[Asset], what_happened: str, *, by: Person, now: datetime) -> Ticket:
    """Raise one security incident of the council whose assets were lost, and say that it is about them."""
    ticket = raise_ticket(
        by=by,
        requester=_for_whom(assets, by),
        council=assets[0].council,
        type=TicketType.SECURITY,
        title=_title(assets),
        description="\n".join([what_happened.strip(), "", *_lines(assets)]),
        impact=IMPACT,
        urgency=URGENCY,
        affected_person=assets[0].holder if len(assets) == 1 else None,
        site=assets[0].site,
        now=now,
    )
    for asset in assets:
        link_raised(asset, ticket, by=by, now=now)
    return ticket


def losses() -> QuerySet[Change]:
    """The moves by which assets were lost, the last first."""
    return Change.objects.filter(kind=Asset._meta.label_lower, move="lose").order_by("-pk")


def raised_with(keys: Collection[int]) -> dict[int, Ticket]:
    """By asset, the security incident that was raised when it was last reported lost: no other that is about it."""
    lost_in = losses().filter(object_id=OuterRef("asset_id")).values("change_set")[:1]
    raised = Change.objects.filter(
        kind=Ticket._meta.label_lower,
        action=Change.Action.CREATE,
        object_id=OuterRef("ticket_id"),
        change_set=OuterRef("lost_in"),
    )
    records = ServiceRecord.objects.filter(asset__in=keys, ticket__type=TicketType.SECURITY)
    found = records.annotate(lost_in=Subquery(lost_in)).filter(Exists(raised))
    return {row.asset_id: row.ticket for row in found.select_related("ticket")}


def _for_whom(assets: Sequence[Asset], by: Person) -> Person:
    """It is put by its holder at the council whose asset it was, where the reporter is of another and may do so."""
    council = assets[0].council_id
    holders = [asset.holder for asset in assets if asset.holder and asset.holder.council_id == council]
    if by.council_id != council and holders and may(by, Permission.WORK_TICKETS, council):
        return holders[0]
    return by


def _title(assets: Sequence[Asset]) -> str:
    if len(assets) == 1:
        return f"Lost or stolen: {what_it_is(assets[0])}, {assets[0]}"[:200]
    return f"Lost or stolen: {wording.counted(len(assets), 'device')}"


def _lines(assets: Sequence[Asset]) -> list[str]:
    named = [
        f"{what_it_is(asset)}, {asset}" + (f", {asset.holder}" if asset.holder else "")
        for asset in assets[:MOST_NAMED]
    ]
    return named + ([f"and {len(assets) - MOST_NAMED} more"] if len(assets) > MOST_NAMED else [])
