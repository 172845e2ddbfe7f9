"""The disposal register: every asset that has left, how, when, with whom, and what proves it.

What was lost is in it as long as it is: what proves that is its security incident.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, Count, DateField, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, ExtractYear, TruncDate

from assets.disposal.ledger import HOLDS_DATA
from assets.disposal.models import Consignment, ConsignmentItem, State
from assets.refresh.forecast import half_up
from assets.register.facts import what_it_is
from assets.register.incidents import losses, raised_with
from assets.register.lifecycle import AssetState
from assets.register.models import Asset, Disposal
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket

LEFT = (
    AssetState.DISPOSED,
    AssetState.DONATED,
    AssetState.SOLD,
    AssetState.DESTROYED,
    AssetState.WRITTEN_OFF,
    AssetState.LOST_STOLEN,
)
LOST = (AssetState.LOST_STOLEN, AssetState.WRITTEN_OFF)
AT_ONCE = 500
KILOGRAM = Decimal("0.01")
NOT_READ = "Security incident raised"


class Line(NamedTuple):
    """How one asset left. `weight_kg` is its equal share of what its consignment weighed; `income` is money. Of what
    was lost it is told whether an incident was raised, and its reference to whoever may read that."""

    asset: Asset
    what: str
    how: str
    on: date | None
    wipe_certificate: str
    facility_certificate: str
    consignment: Consignment | None
    reference: str
    firm: str
    facility: str
    weight_kg: Decimal | None
    income: Decimal | None
    evidence_missing: bool
    incident: str = ""
    incident_raised: bool = False

    @property
    def incident_in_words(self) -> str:
        return self.incident or (NOT_READ if self.incident_raised else "")


def left(
    person: Person, council: Council | None = None, since: date | None = None, until: date | None = None
) -> QuerySet[Asset]:
    """What has left, of the registers that the person reads, and `left_on` when; what was lost, when it was said."""
    seen = Asset.objects.visible_to(person).filter(state__in=LEFT)
    seen = seen.filter(council__in=councils_of(person, Permission.SEE_ASSETS))
    said = losses().filter(object_id=OuterRef("pk")).values(day=TruncDate("change_set__at"))[:1]
    lost = Case(When(state__in=LOST, then=Subquery(said, output_field=DateField())))
    seen = seen.annotate(left_on=Coalesce("disposal_date", lost, output_field=DateField()))
    for name, value in (("council", council), ("left_on__gte", since), ("left_on__lte", until)):
        if value is not None:
            seen = seen.filter(**{name: value})
    return seen.select_related("council", "model", "manufacturer")


def lines(person: Person, assets: Iterable[Asset]) -> list[Line]:
    """How each of what `left` names did so, in a handful of questions for all of them."""
    assets = list(assets)
    disposals = {
        row.asset_id: row
        for row in Disposal.objects.visible_to(person).filter(asset__in=assets).order_by("id")
    }
    items = {
        item.asset_id: item
        for item in ConsignmentItem.objects.filter(
            asset__in=assets,
            consignment__in=Consignment.objects.visible_to(person).filter(state=State.CLOSED),
        )
        .exclude(outcome="")
        .select_related("consignment__supplier")
        .order_by("id")
    }
    counts = dict(
        ConsignmentItem.objects.filter(consignment__in={item.consignment_id for item in items.values()})
        .exclude(outcome="")
        .values_list("consignment")
        .annotate(Count("pk"))
    )
    keys = [asset.pk for asset in assets]
    bare = Asset.objects.filter(HOLDS_DATA, pk__in=keys, certificate_number="")
    without = set(bare.values_list("pk", flat=True))
    money = councils_of(person, Permission.SEE_ASSET_MONEY)
    incidents = _incidents_told(person, [asset.pk for asset in assets if asset.state in LOST])
    return [
        _line(
            asset, disposals.get(asset.pk), items.get(asset.pk), counts, asset.pk in without, money
        )._replace(incident=incidents.get(asset.pk, ""), incident_raised=asset.pk in incidents)
        for asset in assets
    ]


def _incidents_told(person: Person, keys: list[int]) -> dict[int, str]:
    """By asset, the reference of its incident; to whoever may not read it, nothing."""
    raised = {asset: ticket.pk for asset, ticket in raised_with(keys).items()}
    seen = dict(
        Ticket.objects.visible_to(person).filter(pk__in=raised.values()).values_list("pk", "reference")
    )
    return {asset: seen.get(ticket, "") for asset, ticket in raised.items()}


def all_lines(person: Person, rows: QuerySet[Asset]) -> Iterator[Line]:
    """How each left, of as many as there are."""
    assets = list(rows)
    for start in range(0, len(assets), AT_ONCE):
        yield from lines(person, assets[start : start + AT_ONCE])


def _line(
    asset: Asset,
    disposal: Disposal | None,
    item: ConsignmentItem | None,
    counts: dict[int, int],
    without: bool,
    money: frozenset[int],
) -> Line:
    consignment = item.consignment if item else None
    weight = consignment.weight_kg if consignment else None
    sees = disposal is not None and disposal.council_id in money
    destroyed = disposal.certificate_number if disposal else ""
    return Line(
        asset,
        what_it_is(asset),
        asset.get_state_display(),
        asset.left_on,  # type: ignore[attr-defined]
        asset.certificate_number if asset.certificate_number != destroyed else "",
        item.certificate_number if item else destroyed,
        consignment,
        disposal.consignment_reference if disposal else "",
        str(consignment.supplier) if consignment else (disposal.buyer if disposal else ""),
        consignment.weee_facility if consignment else (disposal.recipient if disposal else ""),
        (weight / counts[consignment.pk]).quantize(KILOGRAM) if consignment and weight is not None else None,
        disposal.income if disposal and sees else None,
        asset.evidence_missing or without and asset.state not in LOST,
    )


def weight_by_year(person: Person, council: Council | None = None) -> list[dict[str, Any]]:
    """What was collected in each calendar year, as the annual return wants it: one sum a council, to the hundredth of
    a kg."""
    rows = Consignment.objects.visible_to(person).left()
    rows = rows.filter(council=council) if council else rows
    told: Any = (
        rows.annotate(year=ExtractYear("collected_on"))
        .order_by("-year", "council__code")
        .values("year", "council__code", "council__name")
        .annotate(kg=Sum("weight_kg"), consignments=Count("pk"), unweighed=Count("pk") - Count("weight_kg"))
    )
    return [row | {"kg": None if row["kg"] is None else half_up(row["kg"])} for row in told]
