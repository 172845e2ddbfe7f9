"""What comes back and leaves: things that are due back, disks, a consignment that is away and one that has closed."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from assets.disposal import chasing, closing, consigning, media
from assets.disposal.ledger import HOLDS_DATA
from assets.disposal.models import Consignment, DueBack, Outcome
from assets.disposal.reconciling import Certified
from assets.register.keeping import add_row
from assets.register.lifecycle import AssetState
from assets.register.models import HOLDS_NO_DATA, Asset, Medium, Supplier
from servicedesk.history.recording import change_set
from servicedesk.people.models import Council, Person

FIRM, FACILITY = "Otmoor Asset Recovery", "Otmoor Recycling, Bicester"
DUE, CLOSED, AWAY = 4, 2, 3
"""How many things are due back, and how many go in each consignment."""


def load_leaving(now: datetime) -> None:
    """What each council's asset manager has done about it."""
    with change_set(by=None, reason="A firm that collects", now=now - timedelta(days=60)):
        firm = add_row(Supplier(name=FIRM, contact_name="Ines Marlow", contact_phone="01632 960777"), by=None)
    for council in Council.objects.order_by("pk"):
        manager = council.people.get(email__startswith="asset.manager@")
        _due_back(council, manager, now)
        _media(council, manager, now)
        _closed(council, manager, firm, now - timedelta(days=25))
        _away(council, manager, firm, now - timedelta(days=6))


def _due_back(council: Council, manager: Person, now: datetime) -> None:
    """Laptops that were replaced, some longer ago than others; of the oldest somebody has asked."""
    held = Asset.objects.filter(council=council, state=AssetState.IN_USE, category="laptop")
    found = list(held.exclude(holder=None).order_by("pk")[:DUE])
    for number, asset in enumerate(found):
        then = now - timedelta(days=21 - 7 * number)
        (row,) = chasing.expect(
            [asset], by=manager, why=DueBack.Why.SWAPPED, due_on=then.date(), now=then - timedelta(days=7)
        )
        if not number:
            chasing.chased_by_hand(row, by=manager, note="Rang: will bring it on Thursday", now=then)


def _media(council: Council, manager: Person, now: datetime) -> None:
    """One thing that is back has two disks, of which one would not be wiped."""
    then = now - timedelta(days=3)
    asset = (
        Asset.objects.filter(HOLDS_DATA, council=council, state=AssetState.RETURNED).order_by("pk").first()
    )
    if asset is None:
        return
    disks = [
        media.add_medium(
            asset, by=manager, kind=Medium.Kind.SOLID_STATE, serial_number=f"S{asset.pk}{side}", now=then
        )
        for side in "AB"
    ]
    tried = {
        "method": "purge",
        "tool": "Blancco",
        "tool_version": "7.12",
        "note": "The drive does not answer",
    }
    media.wipe_medium(disks[1], by=manager, given=tried, passed=False, now=then)


def _closed(council: Council, manager: Person, firm: Supplier, then: datetime) -> None:
    """One thing resold and one recycled."""
    assets = _ready(council)[:CLOSED]
    row = _collected(council, manager, firm, assets, then, income=Decimal("36.00"))
    row = _certified(row, manager, then + timedelta(days=4), (Outcome.RESOLD, Outcome.RECYCLED))
    closing.close(row, by=manager, now=then + timedelta(days=5))


def _away(council: Council, manager: Person, firm: Supplier, then: datetime) -> None:
    """The certificate has come, and names one thing less than were collected."""
    assets = _ready(council)[:AWAY]
    row = _collected(council, manager, firm, assets, then)
    _certified(row, manager, then + timedelta(days=4), (Outcome.RECYCLED,) * (len(assets) - 1))


def _ready(council: Council) -> list[Asset]:
    """What may leave: what holds no data first, then what is certified to be wiped."""
    back = Q(state__in=(AssetState.IN_STOCK, AssetState.RETURNED), category__in=HOLDS_NO_DATA)
    wiped = Q(state=AssetState.SANITISED) & ~Q(certificate_number="")
    return list(Asset.objects.filter(back | wiped, council=council).order_by("state", "pk"))


def _collected(
    council: Council,
    manager: Person,
    firm: Supplier,
    assets: list[Asset],
    then: datetime,
    income: Decimal | None = None,
) -> Consignment:
    with change_set(by=manager, now=then):
        row = consigning.make(by=manager, council=council, supplier=firm, income=income, now=then)
        consigning.add_items(row, assets, by=manager, now=then)
        return consigning.collect(
            row,
            by=manager,
            carrier_licence="CBDU418803",
            carrier_licence_expiry=then.date() + timedelta(days=200),
            transfer_note=f"WTN-{row.pk:05}",
            hazardous_waste_note=f"HWC-{row.pk:05}",
            items_on_note=len(assets),
            weee_facility=FACILITY,
            collected_on=then.date(),
            weight_kg=Decimal("6.20") * len(assets),
            dial_rating=Consignment.Dial.LOW,
            now=then,
        )


def _certified(
    row: Consignment, manager: Person, then: datetime, outcomes: tuple[Outcome, ...]
) -> Consignment:
    items = consigning.items_of(row)
    lines = [
        Certified(at, item.asset.serial_number or str(item.asset), f"OAR-{row.pk}-{at}", outcome)
        for at, (item, outcome) in enumerate(zip(items, outcomes, strict=False), 1)
    ]
    return closing.take_certificate(row, lines, by=manager, now=then)
