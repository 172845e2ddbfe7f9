"""The refresh as it is done: a saved view, a programme, batches at every stage, and what waits with a reason."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from assets.batches.choosing import create_batch
from assets.batches.items import move_item, move_items
from assets.batches.models import Batch, BatchItem, Programme
from assets.batches.ordering import order_for
from assets.batches.planning import add_programme, defer_asset, set_budget, years_of
from assets.batches.workflow import move
from assets.orders.ordering import move as move_order
from assets.orders.receiving import Box, Place, receive
from assets.refresh.forecast import financial_year, year_of
from assets.register.models import Asset, AssetModel, Supplier
from servicedesk.lists.savable import savable_lists
from servicedesk.lists.saving import save_view
from servicedesk.people.models import Council, Person

WAVE, NEXT, FIRST = 8, 6, 4
"""Laptops of each council in the wave under way, in the batch that waits for approval, and in the draft."""
BUDGETS = {"OCC": Decimal(40000), "CDC": Decimal(12000)}


def load_batches(now: datetime) -> None:
    """A joint wave of laptops under way, the county's next that waits for approval, and the district's first draft."""
    county, district = (Council.objects.get(code=code) for code in ("OCC", "CDC"))
    programme = _programme(county, district, now)
    used: set[int] = set()
    _saved_view(county, now)
    _wave(county, district, programme, used, now)
    later = _batch(county, "Laptops of adult social care", _due(county, NEXT, used), programme, now, days=6)
    move_items(_items(later), "confirm", by=_at(county, "asset.manager"), now=now - timedelta(days=5))
    move(later, "submit", by=_at(county, "asset.manager"), now=now - timedelta(days=4))
    _batch(district, "Laptops at Bodicote House", _due(district, FIRST, used), programme, now, days=2)
    (waits,) = _due(county, 1, used)
    defer_asset(
        waits,
        by=_at(county, "asset.manager"),
        reason="Runs the old till until the library is rebuilt",
        until=now.date() + timedelta(days=270),
        now=now - timedelta(days=3),
    )


def _saved_view(county: Council, now: datetime) -> None:
    """A list that the county's asset manager looks at often, for colleagues too: a batch may be chosen by it."""
    narrowed = {"category": "laptop", "state": "in_use", "site": str(county.sites.get(name="County Hall").pk)}
    save_view(
        savable_lists()["assets"],
        narrowed,
        by=_at(county, "asset.manager"),
        name="Laptops in use in County Hall",
        shared=True,
        now=now - timedelta(days=30),
    )


def _programme(county: Council, district: Council, now: datetime) -> Programme:
    begins = year_of(now.date())
    programme = Programme(
        name="Device refresh",
        from_fy=financial_year(begins),
        to_fy=financial_year(begins + 4),
        window_from=date(begins, 4, 1),
        window_to=date(begins + 2, 3, 31),
    )
    then = now - timedelta(days=28)
    add_programme(programme, by=_at(county, "asset.manager"), councils=[county, district], now=then)
    for council in (county, district):
        for year in years_of(programme):
            manager = _at(council, "asset.manager")
            set_budget(programme, council, year, BUDGETS[council.code], by=manager, now=then)
    return programme


def _wave(county: Council, district: Council, programme: Programme, used: set[int], now: datetime) -> None:
    """Approved by both councils, delivered but for one that was dead on arrival, and half swapped."""
    chosen = [*_due(county, WAVE, used), *_due(district, WAVE // 2, used)]
    batch = _batch(county, "Wave 7, libraries and customer services", chosen, programme, now, days=26)
    for council in (county, district):
        items = [item for item in _items(batch) if item.council_id == council.pk]
        move_items(items, "confirm", by=_at(council, "asset.manager"), now=now - timedelta(days=24))
    move(batch, "submit", by=_at(county, "asset.manager"), now=now - timedelta(days=23))
    for council in (county, district):
        move(batch, "approve", by=_at(council, "budget.approver"), now=now - timedelta(days=21))
    for council in (county, district):
        _supply(batch, council, now)
    move(batch, "order", by=_at(county, "asset.manager"), now=now - timedelta(days=19))
    move(batch, "begin", by=_at(county, "asset.manager"), now=now - timedelta(days=9))
    for council in (county, district):
        items = [item for item in _items(batch) if item.council_id == council.pk]
        move_items(items, "allocate", by=_at(council, "asset.manager"), now=now - timedelta(days=8))
    _swaps(batch, _at(county, "engineer"), _at(county, "ben.ashworth"), now)


def _supply(batch: Batch, council: Council, now: datetime) -> None:
    """Every line ordered at its price, and all of it here but for one of the county's."""
    manager = _at(council, "asset.manager")
    for line in batch.lines.filter(council=council):
        number = batch.items.filter(council=council).count()
        broken = 1 if council.code == "OCC" else 0
        newest = AssetModel.objects.filter(category="laptop", replacement_model=None).order_by("-pk")
        order = order_for(
            line,
            by=manager,
            supplier=Supplier.objects.order_by("pk")[0],
            model=newest[0],
            quantity=number,
            unit_price=line.purchase or Decimal(0),
            expected_on=now.date() - timedelta(days=10),
            now=now - timedelta(days=20),
        )
        move_order(order, "place", by=manager, now=now - timedelta(days=20))
        boxes = [
            Box(f"PF7{council.code}{at:02}", f"{council.code}-W7-{at:02}")
            for at in range(1, number - broken + 1)
        ]
        dead = [Box(f"PF7{council.code}99", dead_on_arrival=True)] * broken
        place = Place(council.sites.order_by("pk").first(), "Store", "DN-40080")
        receive(order.lines.get(), [*boxes, *dead], by=manager, place=place, now=now - timedelta(days=10))


def _swaps(batch: Batch, engineer: Person, second: Person, now: datetime) -> None:
    """Some are swapped, some of those are back, and some of those are wiped; somebody did not come."""
    allocated = list(_items(batch).filter(state="allocated"))
    missed, booked, *ready = allocated
    for item in (missed, booked):
        soon = now + timedelta(days=2) if item is booked else now - timedelta(days=2)
        move_item(item, "schedule", by=engineer, given={"scheduled_for": soon}, now=now - timedelta(days=6))
    move_item(missed, "miss", by=engineer, now=now - timedelta(days=2))
    swapped = [_swap(item, engineer, now - timedelta(days=5)) for item in ready[: len(ready) * 2 // 3]]
    back = move_items(
        swapped[2:], "return", by=engineer, given={"condition": "B"}, now=now - timedelta(days=3)
    ).moved
    wiped = {"method": "purge", "verified_by": second, "certificate_number": "W7-0001"}
    move_items(back[1:], "sanitise", by=engineer, given=wiped, now=now - timedelta(days=2))


def _swap(item: BatchItem, engineer: Person, then: datetime) -> BatchItem:
    given = {"old": str(item.asset), "new": str(item.replacement), "signed_by": str(item.asset.holder)}
    return move_item(item, "swap", by=engineer, given=given, now=then)


def _batch(
    council: Council, title: str, chosen: list[Asset], programme: Programme, now: datetime, days: int
) -> Batch:
    then = now - timedelta(days=days)
    return create_batch(
        by=_at(council, "asset.manager"),
        title=title,
        rule={"tags": [asset.asset_tag for asset in chosen]},
        as_at=then.date(),
        programme=programme,
        planned_from=now.date() - timedelta(days=9),
        planned_to=now.date() + timedelta(days=40),
        now=then,
    )


def _due(council: Council, number: int, used: set[int]) -> list[Asset]:
    """The oldest laptops that somebody has, each once."""
    old = Asset.objects.filter(
        council=council, category="laptop", state="in_use", holder__council=council, legal_hold_reason=""
    ).exclude(asset_tag="")
    found = list(old.exclude(pk__in=used).order_by("purchase_date", "pk")[:number])
    used.update(asset.pk for asset in found)
    return found


def _items(batch: Batch):
    return batch.items.select_related("asset__holder", "replacement").order_by("council__code", "pk")


def _at(council: Council, name: str) -> Person:
    return council.people.get(email__startswith=f"{name}@")
