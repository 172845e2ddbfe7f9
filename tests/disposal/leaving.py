"""What the tests of disposal share: a council's asset manager, a colleague, a firm, and things that are ready to go."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

from assets.disposal import consigning
from assets.disposal.models import Consignment
from assets.disposal.reconciling import Certified
from assets.register.models import Asset, Supplier
from tests.factories import an_asset
from tests.register.life import a_world

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PAPERS = {
    "carrier_licence": "CBDU12345",
    "carrier_licence_expiry": date(2027, 3, 31),
    "transfer_note": "WTN-9",
    "hazardous_waste_note": "HWN-9",
    "weee_facility": "Banbury Recycling",
    "dial_rating": 2,
    "collected_on": TODAY,
}


def a_disposing_world() -> SimpleNamespace:
    """The world of the register's tests, with a firm."""
    world = a_world()
    world.firm = Supplier.objects.create(name="Clear IT")
    return world


def wiped(council, tag: str, **fields) -> Asset:
    """Something that is certified to hold no data."""
    more = {"state": "sanitised", "serial_number": f"SN{tag}", "certificate_number": f"W-{tag}", **fields}
    return an_asset(council, tag, **more)


def a_consignment(world, *assets: Asset, **values) -> Consignment:
    """One that is made up of these."""
    row = consigning.make(by=world.keeper, council=world.county, supplier=world.firm, now=NOW, **values)
    added, refused = consigning.add_items(row, assets, by=world.keeper, now=NOW)
    assert (added, refused) == (list(assets), [])
    return row


def collected(world, *assets: Asset, **values) -> Consignment:
    """One that the firm has, with all its papers."""
    row = a_consignment(world, *assets)
    given = PAPERS | {"items_on_note": len(assets)} | values
    return consigning.collect(row, by=world.keeper, now=NOW, **given)


def lines(*said: tuple[str, str]) -> list[Certified]:
    """A certificate: (serial number, what became of it)."""
    return [Certified(at, name, f"C-{at}", outcome) for at, (name, outcome) in enumerate(said, 2)]
