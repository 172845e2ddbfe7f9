"""What the register holds of one council of the world."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile

from assets.disposal import chasing, closing, consigning, media
from assets.disposal.models import Consignment
from assets.disposal.reconciling import Certified
from assets.register import stock_taking
from assets.register.keeping import add_row
from assets.register.models import (
    Asset,
    AssetFile,
    AssetModel,
    Circuit,
    Contract,
    KitAnswer,
    KitCheck,
    LifecyclePolicy,
    Line,
    Loan,
    OperatingSystemRelease,
    Supplier,
    Transfer,
    WriteOff,
)
from assets.register.registering import fresh as fresh_asset
from assets.register.registering import link_ticket, register_asset
from assets.register.together import change_all
from servicedesk.files.storing import keep
from servicedesk.history import editing
from servicedesk.people.models import Person, Site
from tests.sweeps.marks import NOON, WORD, Side, cost_of, fill, mark, marked


def add_asset(side: Side, model: AssetModel) -> None:
    someone, manager = side.people["someone"], side.people["asset_manager"]
    asset = Asset(
        council=side.council,
        category="laptop",
        model=model,
        manufacturer=model.manufacturer,
        holder=someone,
        site=someone.site,
        department=someone.department,
        purchase_cost_ex_vat=cost_of(side),
        po_number=mark(side.number, "money"),
        cost_centre=mark(side.number, "money"),
        legal_hold_reason="",
        purchase_date=date(2022, 6, 1),  # so that it falls due
        state="in_use",
        registered_at=NOON,
    )
    fill(asset, side.number, "asset", "legal_hold_reason", "condition")
    asset.asset_tag, asset.serial_number = asset.asset_tag.upper(), mark(side.number, "asset").upper()
    register_asset(asset, by=manager)
    asset = fresh_asset(asset)
    link_ticket(asset, side.rows["shared"], by=side.people["engineer"])
    side.rows["asset"] = asset


def another_asset(side: Side, holder: Person, model: AssetModel, tag: str) -> None:
    asset = Asset(
        council=side.council,
        asset_tag=tag,
        category="laptop",
        model=model,
        manufacturer=model.manufacturer,
        holder=holder,
        site=holder.site,
        state="in_use",
        notes=WORD,
    )
    asset = register_asset(asset, by=side.people["asset_manager"])
    link_ticket(asset, side.rows["shared"], by=side.people["engineer"])


def add_estate(side: Side) -> None:
    """What the register holds beside assets."""
    supplier = Supplier.objects.get_or_create(name="Isis Fibre")[0]
    connected = {"council": side.council, "provider": supplier, "site": side.people["someone"].site}
    a_system(side.council.code)
    rows = {
        "contract": Contract(council=side.council, supplier=supplier),
        "circuit": Circuit(**connected, asset=side.rows["asset"]),
        "line": Line(**connected, type="pstn", critical=True),
    }
    for kind, row in rows.items():
        fill(row, side.number, kind)
        side.rows[kind] = add_row(row, by=side.people["asset_manager"])
    policy = LifecyclePolicy(council=side.council, category="laptop", useful_life_months=48)
    side.rows["policy"] = add_row(policy, by=side.people["asset_manager"])


def a_system(cycle: str) -> None:
    editing.add(
        OperatingSystemRelease(
            product="windows",
            cycle=cycle,
            name=f"Microsoft Windows {cycle}",
            end_of_active_support_known="unknown",
            end_of_security_support=NOON.date(),
            end_of_security_support_known="date",
            end_of_extended_support_known="not_announced",
            source="endoflife.date",
            checked_on=NOON.date(),
        ),
        by=None,
    )


def add_connections(side: Side, name: str, site: Site, supplier: Supplier) -> None:
    connected: dict[str, Any] = {"council": side.council, "provider": supplier, "site": site, "use": WORD}
    add_row(Circuit(**connected, number=name), by=None)
    add_row(Line(**connected, number=name, type="pstn"), by=None)
    add_row(Contract(council=side.council, supplier=supplier, reference=name, subject=WORD), by=None)


def dealings(side: Side, other: Side, model: AssetModel, tag: str) -> dict[str, Any]:
    """Something lent to the other council, something offered to it, something lost, and files on an asset."""
    manager, number = side.people["asset_manager"], side.number
    things = {}
    for kind, state in (("loan", "in_stock"), ("transfer", "in_stock"), ("write-off", "lost_stolen")):
        asset = Asset(
            council=side.council,
            asset_tag=f"{mark(number, kind)}{tag}",
            category="laptop",
            model=model,
            manufacturer=model.manufacturer,
            state=state,
            notes=marked(number, "asset"),
        )
        things[kind] = register_asset(asset, by=manager)
    common = {"council": side.council, "receiver": other.council, "offered_by": manager, "offered_at": NOON}
    loan = Loan.objects.create(
        **common,
        asset=things["loan"],
        person=other.people["requester"],
        starts_on=NOON.date(),
        ends_on=NOON.date(),
        reason=marked(number, "loan"),
    )
    transfer = Transfer.objects.create(**common, asset=things["transfer"], reason=marked(number, "transfer"))
    written = {"council": side.council, "recorded_by": manager, "recorded_at": NOON}
    asked = WriteOff.objects.create(**written, asset=things["write-off"], reason=marked(number, "write-off"))
    files = {}
    for kind, secret in (("photo", "asset file"), ("invoice", "money")):
        stored = keep(
            ContentFile(marked(number, secret).encode()),
            f"{marked(number, secret)}.txt",
            council=side.council,
            by=manager,
        )
        files[kind] = AssetFile.objects.create(**written, asset=side.rows["asset"], kind=kind, file=stored)
    return {"loan": loan, "transfer": transfer, "write-off": asked, "asset file": files["photo"]}


def leaving(side: Side, model: AssetModel, tag: str) -> dict[str, Any]:
    """Something to be brought back, something with a disk, and two consignments: one certified, one closed."""
    manager, council, number = side.people["asset_manager"], side.council, side.number

    def thing(kind: str, more: str, **values: Any) -> Asset:
        row = Asset(
            council=council,
            asset_tag=f"{mark(number, kind)}{tag}{more}",
            category="laptop",
            model=model,
            manufacturer=model.manufacturer,
            **values,
        )
        return register_asset(row, by=manager)

    held = thing("due back", "", state="in_use", holder=side.people["someone"])
    (due,) = chasing.expect(
        [held], by=manager, why="other", due_on=NOON.date(), note=marked(number, "due back"), now=NOON
    )
    chasing.chased_by_hand(due, by=manager, note=marked(number, "due back"), now=NOON)
    text, medium_text = marked(number, "consignment"), marked(number, "medium")
    medium = media.add_medium(
        thing("medium", "", state="returned"), by=manager, kind="other", make=medium_text, now=NOON
    )
    rows = []
    for more, kind in ((" 1", "consignment"), (" 2", "disposal")):
        gone = thing(kind, more, state="sanitised", certificate_number=marked(number, kind))
        row = certified(side, gone, text, income=cost_of(side))
        rows.append((row, gone))
    closing.close(rows[1][0], by=manager, now=NOON)
    return {"due back": due, "medium": medium, "consignment": rows[0][0], "disposal": rows[1][1]}


def certified(side: Side, gone: Asset, text: str, *, income: Decimal) -> Consignment:
    """A consignment of one thing that a firm resold, and pays for: to be closed."""
    manager = side.people["asset_manager"]
    supplier = Supplier.objects.get_or_create(name="Isis Fibre")[0]
    row = consigning.make(
        by=manager, council=side.council, supplier=supplier, notes=text, income=income, now=NOON
    )
    consigning.add_items(row, [gone], by=manager, now=NOON)
    named = ("carrier_licence", "transfer_note", "hazardous_waste_note", "weee_facility", "recipient")
    papers = dict.fromkeys(named, text)
    days = {"carrier_licence_expiry": NOON.date(), "collected_on": NOON.date()}
    row = consigning.collect(
        row, by=manager, dial_rating=2, items_on_note=1, weight_kg=1, now=NOON, **papers, **days
    )
    said = [Certified(1, gone.asset_tag, text, "resold")]
    file = ContentFile(text.encode(), f"{text}.txt")
    return closing.take_certificate(row, said, by=manager, file=file, now=NOON)


def add_counting(side: Side) -> None:
    """A site that is being counted, holders who are asked for their kit, and a deed that changed the register."""
    someone, manager = side.people["someone"], side.people["asset_manager"]
    room, asset = marked(side.number, "stock-take"), side.rows["asset"]
    there = stock_taking.begin(by=manager, site=someone.site, room=room, now=NOON)
    for name in (f"{room} 2", str(asset)):
        stock_taking.count(there, name, by=manager, now=NOON)
    side.rows["stock-take"] = there
    asked = KitCheck.objects.create(
        council=side.council, site=someone.site, asked_by=manager, asked_at=NOON, answer_by=NOON.date()
    )
    said = marked(side.number, "kit-check")
    KitAnswer.objects.create(
        check_asked=asked, asset=asset, person=someone, answer="have", answered_at=NOON, note=said
    )
    side.rows["kit-check"] = asked
    other = Asset(council=side.council, asset_tag=f"DEED{side.number}", category="dock", state="in_stock")
    register_asset(other, by=manager)
    side.rows["deed"] = change_all({other.pk: 1}, {"room": "1"}, by=manager).deed
