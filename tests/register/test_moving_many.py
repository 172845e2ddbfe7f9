"""Moving many assets at once: the guards of all first, a sentence for each that is refused, the rest in one deed."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assets.register.models import Asset, Custody, Sanitisation, ServiceRecord
from assets.register.workflow import move, move_all, refusals
from servicedesk.history.models import Change
from servicedesk.tickets.models import Ticket
from tests.factories import a_case_group, a_model, an_asset
from tests.register.life import NOW, a_world, given_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def test_good_ones_are_moved_in_one_deed_and_each_other_is_told_why(world):
    held = an_asset(world.county, "A-1", holder=world.jo)
    gone = an_asset(world.county, "A-2", state="sold")
    foreign = an_asset(world.district, "A-3")
    stale = an_asset(world.county, "A-4")
    asked = [gone, held, foreign, stale]
    kept = {"by": world.keeper, "given": {"condition": "B"}, "now": NOW}
    why = [
        (gone, "A-2 is sold, so “Return” is not possible."),
        (foreign, "You may not do this with the assets of Cherwell District Council."),
    ]

    assert refusals(asked, "return", **kept) == why
    assert Change.objects.filter(move="return").count() == 0

    outcome = move_all(asked, "return", versions={stale.pk: 7}, **kept)

    assert outcome.refused == [*why, (stale, "A-4 was changed while you were looking at it.")]
    assert outcome.moved == [held]
    assert list(outcome.deed.changes.values_list("object_id", "move")) == [(held.pk, "return")]
    assert Custody.objects.get(asset=held).ended_at == NOW
    assert list(Asset.objects.order_by("asset_tag").values_list("state", "holder", "version")) == [
        ("returned", None, 2),
        ("sold", None, 1),
        ("in_use", None, 1),
        ("in_use", None, 1),
    ]


def test_each_gets_its_own_certificate(world):
    one, two, bare = (an_asset(world.county, f"B-{number}", state="returned") for number in range(3))
    given = {
        name: value for name, value in given_for("sanitise", world).items() if name != "certificate_number"
    }
    each = {one.pk: {"certificate_number": "C-1"}, two.pk: {"certificate_number": "C-2"}}

    outcome = move_all([one, two, bare], "sanitise", by=world.keeper, given=given, each=each, now=NOW)

    assert outcome.refused == [(bare, "Enter the number of the certificate")]
    assert list(
        Sanitisation.objects.order_by("asset").values_list("asset", "certificate_number", "result", "method")
    ) == [(one.pk, "C-1", "passed", "purge"), (two.pk, "C-2", "passed", "purge")]
    assert list(Asset.objects.order_by("pk").values_list("certificate_number", flat=True)) == [
        "C-1",
        "C-2",
        "",
    ]


def test_serial_numbers_that_come_with_the_receipt_are_unique(world):
    maker = {"manufacturer": a_model("T14").manufacturer}
    an_asset(world.county, serial_number="S-1", **maker)
    new = [an_asset(world.county, f"N-{n}", state="on_order", **maker) for n in range(3)]
    serials = dict(zip((asset.pk for asset in new), ("s-1", "s-2", "S-2"), strict=True))
    each = {pk: {"serial_number": serial} for pk, serial in serials.items()}

    outcome = move_all(new, "receive", by=world.keeper, each=each)

    assert [(str(asset), asset.serial_number) for asset in outcome.moved] == [("N-1", "S-2")]
    assert [sentence for _, sentence in outcome.refused] == [
        "Oxfordshire County Council already has an asset of Lenovo with the serial number S-1",
        "Two of these would have the serial number S-2.",
    ]


def test_what_is_lost_together_is_one_incident_of_its_council(world):
    lost = [an_asset(world.county, f"L-{n}") for n in range(3)]

    outcome = move_all(
        lost, "lose", by=world.engineer, given={"what_happened": "The van was broken into"}, now=NOW
    )

    ticket = Ticket.objects.get()
    assert (ticket.type, ticket.sharing, ticket.title) == (
        "security",
        "restricted",
        "Lost or stolen: 3 devices",
    )
    assert ticket.council == world.county
    assert ticket.description.startswith("The van was broken into")
    assert list(ServiceRecord.objects.values_list("asset", "ticket").order_by("asset")) == [
        (asset.pk, ticket.pk) for asset in lost
    ]
    assert outcome.deed.reason == ""


def test_what_nobody_in_particular_had_is_the_incident_of_its_council_whoever_reports_it(world):
    group = a_case_group("cyber", world.district, world.di)
    asset = an_asset(world.district, holder_note="Pool of the district")

    move(asset, "lose", by=world.engineer, given={"what_happened": "Stolen from a car"}, now=NOW)

    ticket = Ticket.objects.get()
    assert (ticket.council, ticket.case_group, ticket.requester) == (world.district, group, world.engineer)


def test_nothing_good_leaves_no_deed_with_changes(world):
    outcome = move_all(
        [an_asset(world.county, state="sold")], "return", by=world.keeper, given={"condition": "A"}
    )

    assert (outcome.moved, outcome.deed) == ([], None)
    with pytest.raises(ValidationError):
        move_all([], "unstage", by=world.keeper, given={"income": 1})


def test_hundreds_take_as_many_statements_as_three(world):
    statements = []
    for count in (3, 300):
        many = [an_asset(world.county, holder=world.jo) for _ in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            outcome = move_all(many, "return", by=world.keeper, given={"condition": "B"}, now=NOW)
        assert len(outcome.moved) == count
        statements.append(len(captured))
    assert statements[1] <= statements[0] + 3
