"""A world in which assets live their lives: two councils, who keeps their registers, and what satisfies each guard."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

from assets.disposal.models import Consignment, ConsignmentItem
from assets.register.models import Asset, Supplier, WriteOff
from servicedesk.history.models import Change, ChangeSet
from tests.factories import a_case_group, a_council, a_person, a_site, an_engineer

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def a_world() -> SimpleNamespace:
    """Two councils that share a desk; at the first an asset manager and an engineer, and somebody to have things."""
    county, district = a_council("OCC"), a_council("CDC")
    a_case_group("cyber", county, a_person(county, name="Cy"))
    return SimpleNamespace(
        county=county,
        district=district,
        keeper=a_person(county, "requester", "asset_manager", name="Ada"),
        other_keeper=a_person(district, "asset_manager", name="Dee"),
        engineer=an_engineer(county, name="Eng"),
        second=a_person(county, "engineer", name="Sam"),
        jo=a_person(county, "requester", name="Jo Okoro"),
        di=a_person(district, "requester", name="Di"),
        site=a_site(county, "County Hall"),
    )


def consigned(*assets: Asset) -> dict:
    """What disposing asks for: the consignment in which a facility has certified these."""
    firm, _ = Supplier.objects.get_or_create(name="Banbury Recycling")
    row = Consignment.objects.create(
        council=assets[0].council,
        reference=f"DC-2025-{Consignment.objects.count() + 1:06}",
        supplier=firm,
        made_at=NOW,
    )
    for asset in assets:
        ConsignmentItem.objects.create(
            consignment=row, asset=asset, added_at=NOW, outcome="recycled", is_current=False
        )
    return {"consignment_reference": row.reference}


def given_for(name: str, world, *assets: Asset) -> dict:
    """What satisfies the guard of a move; with `dispose`, of these assets."""
    if name == "dispose" and assets:
        return consigned(*assets)
    return {
        "receive": {"serial_number": "sn-1"},
        "cancel_order": {"reason": "Out of stock"},
        "issue": {"person": world.jo},
        "send_for_repair": {"supplier_reference": "RMA-7"},
        "back_from_repair": {"to": "in_stock"},
        "return": {"condition": "B"},
        "lose": {"what_happened": "Left on the train"},
        "find": {"note": "Handed in"},
        "sanitise": {"method": "purge", "verified_by": world.second, "certificate_number": "C-1"},
        "fail_sanitising": {"method": "clear", "note": "The disk does not answer"},
        "destroy": {"certificate_number": "D-1"},
        "donate": {"recipient": "Library of Things"},
        "sell": {"buyer": "A reseller", "income": Decimal("15.00")},
    }.get(name, {})


def approved(asset: Asset, world, lost: datetime = NOW - timedelta(days=100)) -> None:
    """The asset may be written off: lost long ago, asked for by one, approved by another."""
    Asset.objects.filter(pk=asset.pk).update(registered_at=lost)
    old = ChangeSet.objects.create(at=lost, source="page")
    Change.objects.create(
        change_set=old,
        kind="register.asset",
        object_id=asset.pk,
        label=str(asset),
        action="move",
        move="lose",
        fields={"state": ["in_use", "lost_stolen", "In use", "Lost or stolen"]},
    )
    WriteOff.objects.create(
        council=asset.council,
        asset=asset,
        recorded_by=world.keeper,
        recorded_at=lost,
        reason="Never found",
        decision="approved",
        decided_by=world.jo,
        decided_at=lost,
    )
