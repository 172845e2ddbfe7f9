"""Moves that a register's sheet makes with evidence: its columns count beside a changed state, and nowhere else."""

from datetime import date
from decimal import Decimal

import pytest

from assets.register import sheet_moves
from assets.register.lifecycle import MOVES, AssetState
from assets.register.models import Asset, Custody, Disposal, Repair, Sanitisation, ServiceRecord
from assets.register.registering import register_assets
from assets.register.workflow import move
from servicedesk.history.models import Change
from servicedesk.people.models import Person
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.changing import Overtaken
from servicedesk.spreadsheets.models import Import
from servicedesk.tickets.models import Ticket
from tests.factories import a_person, a_ticket, an_asset
from tests.register.life import a_world, approved, consigned, given_for
from tests.register.test_moves import LIFE
from tests.spreadsheets.incoming import a_csv, bring, codes, rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

GIVEN = {
    "cancel_order": {"Reason or note": "Out of stock"},
    "send_for_repair": {"Repair reference": "RMA-7"},
    "lose": {"What happened": "Left on the train"},
    "find": {"Reason or note": "Handed in"},
    "sanitise": {"Wiping method": "Purge", "Wiping verified by": "Sam", "Certificate no": "C-1"},
    "fail_sanitising": {"Wiping method": "clear", "Reason or note": "The disk does not answer"},
    "donate": {"Recipient": "Library of Things"},
    "sell": {"Buyer": "A reseller", "Income": "£15.00"},
}
"""What satisfies the guards of moves that ask for more than the register holds, as `life.given_for` does."""


@pytest.fixture
def world():
    return a_world()


def checked(world, *rows: tuple, by: Person | None = None, **options) -> Import:
    return bring(a_csv(*rows), world.county, by or world.keeper, **options)


def brought(world, *rows: tuple) -> Import:
    return write(checked(world, *rows), by=world.keeper)


def one(name: str, tag: str = "1", **more: str) -> list[tuple]:
    """A sheet of one row that makes a move."""
    cells = {"Tag": tag, "State": str(AssetState(MOVES[name].targets[0]).label), **GIVEN[name], **more}
    return [tuple(cells), tuple(cells.values())]


def remedies(found: Import) -> list[str]:
    return [problem["remedy"] for row in rows_of(found, "error") for problem in row.problems]


def test_every_state_from_every_state_is_reached_by_its_move_or_refused(world):
    """Whatever holds data and whatever does not, with all that the guards ask for, and more than any one takes."""
    headings = (
        *("Tag", "State", "Serial no", "Room", "Condition", "Certificate no"),
        *dict.fromkeys(
            heading for cells in GIVEN.values() for heading in cells if heading != "Certificate no"
        ),
        "Consignment reference",
    )
    said = {heading: cell for cells in GIVEN.values() for heading, cell in cells.items()}
    every = [
        Asset(
            council=world.county,
            asset_tag=f"{category} {old} {new}",
            category=category,
            state=old,
            certificate_number="C-0",
            holder=world.jo if old == "in_repair" else None,
        )
        for category in ("laptop", "monitor")
        for old in AssetState.values
        for new in AssetState.values
    ]
    assets = {asset.asset_tag: asset for asset in register_assets(every, by=None)}
    rows, expected = [], {}
    for category in ("laptop", "monitor"):
        for old in AssetState.values:
            for new in AssetState.values:
                tag = f"{category} {old} {new}"
                asset = assets[tag]
                reference = consigned(asset)["consignment_reference"] if new == "disposed" else ""
                if (old, new) == ("lost_stolen", "written_off"):
                    approved(asset, world)
                own = {"Tag": tag, "State": AssetState(new).label, "Serial no": f"S {tag}", "Room": "2.01"}
                own |= {"Condition": "B", "Consignment reference": reference}
                rows.append(tuple((said | own)[heading] for heading in headings))
                ways = {
                    name
                    for name, (sources, targets, exempt) in LIFE.items()
                    if old in sources + (exempt if category == "monitor" else []) and new in targets
                }
                expected[tag] = (new, *ways) if ways or old == new else (old,)

    found = checked(world, headings, *rows)
    write(found, by=world.keeper)

    made = Change.objects.filter(kind="register.asset").exclude(move="").exclude(change_set__source="page")
    moves = dict(made.values_list("label", "move"))
    states = Asset.objects.values_list("asset_tag", "state")
    assert {tag: (state, moves[tag]) if tag in moves else (state,) for tag, state in states} == expected
    assert set(moves.values()) == set(MOVES)
    assert {tuple(told) for told in codes(found).values() if "no_move_to_state" in told} != set()


@pytest.mark.parametrize("name", GIVEN)
def test_a_move_by_sheet_leaves_what_its_page_leaves(world, name):
    source = MOVES[name].sources[0]
    holder = world.jo if source == "in_use" or name in ("lose", "find") else None
    by_page, by_sheet = (
        an_asset(world.county, tag, state=source, certificate_number="C-0", holder=holder) for tag in "12"
    )
    move(by_page, name, by=world.keeper, given=given_for(name, world))

    brought(world, *one(name, "2"))

    def left(asset: Asset) -> list:
        told = Change.objects.filter(kind="register.asset", object_id=asset.pk, action="move")
        fields, step = told.values_list("fields", "move").get()
        custodies = Custody.objects.filter(asset=asset)
        tickets = ServiceRecord.objects.filter(asset=asset)
        without = {"id", "asset_id", "asset_tag", "registered_at", "recorded_at", "version"}
        return [
            {
                key: value
                for key, value in Asset.objects.filter(pk=asset.pk).values()[0].items()
                if key not in without
            },
            [
                {key: value for key, value in row.items() if key not in without}
                for kind in (Sanitisation, Disposal, Repair)
                for row in kind.objects.filter(asset=asset).values()
            ],
            (fields, step),
            list(custodies.values_list("person", "condition_at_end", "end_note")),
            [custody.ended_at is None for custody in custodies],
            list(
                tickets.values_list(
                    "ticket__type", "ticket__sharing", "ticket__requester", "ticket__affected_person"
                )
            ),
            [text.replace(", 1", ", 2") for text in tickets.values_list("ticket__description", flat=True)],
        ]

    assert left(by_sheet) == left(by_page)


def test_evidence_is_refused_in_the_words_of_the_page_with_the_column_that_lacks(world):
    for tag, state in enumerate(
        ("on_order", "in_use", "in_use", "lost_stolen", "returned", "returned", "sanitised")
    ):
        an_asset(world.county, str(tag), state=state, certificate_number="C-0")
    targets = ("Cancelled", "In repair", "Lost or stolen", "Returned", "Wiped", "Wipe failed", "Sold")

    found = checked(world, ("Tag", "State"), *((str(tag), state) for tag, state in enumerate(targets)))

    assert [remedy.partition(". From ")[0] for remedy in remedies(found)] == [
        "Enter the reason (column “Reason or note”)",
        "Enter the supplier’s reference, or the reference of a request (column “Repair reference”)",
        "Enter what happened (column “What happened”)",
        "Enter a note that says what happened (column “Reason or note”)",
        "Select how it was wiped (column “Wiping method”). Enter who looked at the result (column “Wiping verified by”)"
        ". Enter the number of the certificate",
        "Select how it was wiped (column “Wiping method”)"
        ". Enter a note that says what happened (column “Reason or note”)",
        "Enter who buys it (column “Buyer”). Enter what it was sold for (column “Income (ex VAT)”)",
    ]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({"Wiping method": "Hammer"}, "Select how it was wiped (column “Wiping method”)"),
        (
            {"Wiping verified by": "Ada"},
            "Somebody else must look at the result: enter another person (column “Wiping verified by”)",
        ),
        (
            {"Wiping verified by": "Nobody"},
            "Nobody has the email address or name Nobody (column “Wiping verified by”)",
        ),
        (
            {"Wiping verified by": "Jo Okoro"},
            "Somebody who handles assets of Oxfordshire County Council must look at the result: enter another person "
            "(column “Wiping verified by”)",
        ),
        ({"Wiped on": "01/01/2090"}, "The date must not be in the future (column “Wiped on”)"),
        (
            {"Version of the wiping tool": "9" * 41},
            "Ensure this value has at most 40 characters (it has 41) (column “Version of the wiping tool”)",
        ),
    ],
)
def test_a_wiping_that_does_not_hold_is_refused(world, cells, says):
    an_asset(world.county, "1", state="returned")

    found = checked(world, *one("sanitise", **cells))

    assert [row.action for row in rows_of(found)] == ["error"]
    assert any(remedy.startswith(f"{says}. From returned it can go on by: ") for remedy in remedies(found))


def test_whoever_looked_at_the_result_does_not_import_it_either(world):
    asset = an_asset(world.county, "1", state="returned")
    second = a_person(world.county, "asset_manager", name="Bo")
    found = checked(world, *one("sanitise", **{"Wiping verified by": "Bo"}))

    with pytest.raises(Overtaken, match=r"^1: Somebody else must look at the result.*Nothing was imported"):
        write(found, by=second)

    asset.refresh_from_db()
    assert (asset.state, Sanitisation.objects.count()) == ("returned", 0)


def test_what_a_facility_has_not_certified_or_nobody_approved_does_not_leave_by_a_sheet(world):
    an_asset(world.county, "1", state="sanitised", certificate_number="C-0")
    an_asset(world.county, "2", state="lost_stolen")
    an_asset(world.county, "3", state="sanitised")

    found = checked(
        world,
        ("Tag", "State", "Consignment reference", "Certificate no", "Buyer", "Income"),
        ("1", "Disposed of", "DC-1", "", "", ""),
        ("2", "Written off", "", "", "", ""),
        ("3", "Sold", "", "C-9", "A reseller", "15"),
    )

    assert [remedy.partition(". From ")[0] for remedy in remedies(found)] == [
        "No facility has certified 1 in a consignment of this reference. Scan it into a consignment: it leaves the "
        "register when that is closed (column “Consignment reference”)",
        "The budget approver of Oxfordshire County Council has not approved that 2 is written off",
        "There is no certificate that 3 was wiped",
    ]


def test_the_system_reports_nothing_lost_and_wipes_nothing(world):
    an_asset(world.county, "1", state="returned")
    for name in ("lose", "sanitise"):
        found = bring(a_csv(*one(name)), world.county)
        assert remedies(found)[0].startswith(
            "A sheet does this in somebody’s name: say by whom it is. From returned"
        )


def test_what_nobody_would_receive_is_refused_in_the_check(world):
    an_asset(world.district, "1", state="in_use")

    found = bring(a_csv(*one("lose")), world.district, world.other_keeper)

    assert remedies(found)[0].startswith(
        "Nobody at your council receives private requests of this kind. Call the IT desk. From in use"
    )
    assert not Ticket.objects.exists()


def test_facts_and_a_move_in_one_row_are_both_written_and_both_shown(world):
    asset = an_asset(world.county, "1", state="in_use", holder=world.jo)
    repair = a_ticket(world.jo, council=world.county)
    found = checked(
        world,
        ("Tag", "State", "Notes", "Repair reference", "Repair request", "Reason or note"),
        ("1", "In repair", "Cracked", "RMA-7", repair.reference, "Screen"),
        by=a_person(world.county, "asset_manager", "engineer", name="Al"),
    )
    row = rows_of(found)[0]
    assert {name: change[2:] for name, change in row.changes.items()} == {
        "state": ["In use", "In repair"],
        "notes": ["", "Cracked"],
    }

    write(found, by=found.started_by)

    asset.refresh_from_db()
    sent = Repair.objects.get()
    assert (asset.state, asset.notes, asset.holder, asset.version) == ("in_repair", "Cracked", world.jo, 3)
    assert (sent.supplier_reference, sent.note, sent.ticket) == ("RMA-7", "Screen", repair)
    told = Change.objects.filter(kind="register.asset", object_id=asset.pk).exclude(action="create")
    assert [(each.action, each.move, sorted(each.fields)) for each in told.order_by("pk")] == [
        ("update", "", ["notes"]),
        ("move", "send_for_repair", ["state"]),
        ("update", "", ["ticket"]),
        ("update", "", ["note"]),
    ]


def test_a_note_goes_with_whoever_gets_or_gave_back_an_asset_and_stands_in_its_history(world):
    an_asset(world.county, "1", state="in_stock")
    an_asset(world.county, "2", state="in_use", holder=world.jo)

    brought(
        world,
        ("Tag", "State", "Assigned to", "Condition", "Reason or note"),
        ("1", "In use", "Jo Okoro", "", "With a bag"),
        ("2", "Returned", "", "C", "Dented"),
    )

    held = Custody.objects.order_by("asset").values_list("person", "note", "condition_at_end", "end_note")
    assert list(held) == [(world.jo.pk, "With a bag", "", ""), (world.jo.pk, "", "C", "Dented")]
    assert [asset.holder for asset in Asset.objects.order_by("asset_tag")] == [world.jo, None]
    told = (
        Change.objects.filter(fields__has_key="note").order_by("label").values_list("label", "fields__note")
    )
    assert list(told) == [
        ("1", [None, "With a bag", "", "With a bag"]),
        ("2", [None, "Dented", "", "Dented"]),
    ]


def test_what_was_sold_says_when_and_for_how_much(world):
    asset = an_asset(world.county, "1", state="sanitised", certificate_number="C-0")

    found = checked(world, *one("sell", **{"Disposal date": "20/11/2026"}))
    write(found, by=world.keeper)

    asset.refresh_from_db()
    gone = Disposal.objects.get()
    assert (gone.done_on, gone.buyer, gone.income, gone.recorded_by) == (
        date(2026, 11, 20),
        "A reseller",
        Decimal("15.00"),
        world.keeper,
    )
    assert (asset.disposal_date, asset.certificate_number) == (date(2026, 11, 20), "C-0")


def test_somebody_who_changes_it_meanwhile_stops_the_import(world):
    asset = an_asset(world.county, "1", state="in_use")
    found = checked(world, *one("send_for_repair"))
    move(asset, "return", by=world.keeper, given={"condition": "B"})

    with pytest.raises(Overtaken):
        write(found, by=world.keeper)

    assert not Repair.objects.exists()


def test_more_than_others_should_wait_for_is_refused_row_by_row(world, monkeypatch):
    monkeypatch.setattr(sheet_moves, "MOST", 1)
    for tag in "12":
        an_asset(world.county, tag, state="on_order")

    found = checked(
        world,
        ("Tag", "State", "Reason"),
        ("1", "Cancelled", "Late"),
        ("2", "Cancelled", "Late"),
        ("3", "", ""),
    )

    assert [row.action for row in rows_of(found)][:2] == ["update", "error"]
    assert remedies(found)[0].startswith(
        "At most 1 assets are moved with evidence by one sheet. Bring the others in another. From on order"
    )
