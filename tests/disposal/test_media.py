"""An asset is wiped when each of its media is, each with a certificate that a second person has looked at."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assets.disposal import media
from assets.register import workflow
from assets.register.holding import set_hold
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset, Medium, Sanitisation
from servicedesk.history.models import ChangeSet
from tests.disposal.leaving import NOW, TODAY, a_disposing_world
from tests.factories import an_asset
from tests.register.life import consigned, given_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    made = a_disposing_world()
    made.server = an_asset(made.county, "SRV", category="server", state="returned")
    return made


def disks(world, *serials: str) -> list[Medium]:
    return [
        media.add_medium(world.server, by=world.engineer, kind="hard_disk", serial_number=serial, now=NOW)
        for serial in serials
    ]


def passed(world, number: str = "M-1", **more) -> dict:
    return {"method": "purge", "verified_by": world.second, "certificate_number": number, **more}


def wipe(medium: Medium, world, number: str = "M-1", **more) -> Asset:
    return media.wipe_medium(
        medium, by=world.engineer, given=passed(world, number, **more), passed=True, now=NOW
    )


def test_the_last_medium_makes_the_asset_wiped_in_the_same_deed(world):
    first, second = disks(world, "wd1", "WD2")
    assert wipe(first, world, "M-1").state == "returned"
    with pytest.raises(MoveRefused, match="Not wiped, or without a certificate: Hard disk WD2."):
        workflow.move(
            world.server, "sanitise", by=world.engineer, given=given_for("sanitise", world), now=NOW
        )
    before = ChangeSet.objects.count()

    asset = wipe(second, world, "M-2")

    assert (asset.state, asset.certificate_number, ChangeSet.objects.count()) == (
        "sanitised",
        "M-2",
        before + 1,
    )
    wipings = Sanitisation.objects.order_by("id").values_list("medium__serial_number", "certificate_number")
    assert list(wipings) == [("WD1", "M-1"), ("WD2", "M-2"), (None, "M-2")]


def test_a_medium_that_cannot_be_wiped_is_destroyed_with_a_certificate_of_its_own(world):
    first, second = disks(world, "WD1", "WD2")
    wipe(first, world)
    failed = {"method": "clear", "note": "The disk does not answer"}
    asset = media.wipe_medium(second, by=world.engineer, given=failed, passed=False, now=NOW)
    assert asset.state == "returned"
    second = media.take_out(second, by=world.engineer, on=TODAY, version=1, now=NOW)

    with pytest.raises(MoveRefused, match="Not wiped, or without a certificate: Hard disk WD2."):
        workflow.move(asset, "destroy", by=world.keeper, given={"certificate_number": "D-1"}, now=NOW)
    asset = wipe(second, world, "SHRED-7", method="destroy")

    assert asset.state == "sanitised"


def test_what_was_taken_out_or_could_not_be_wiped_was_there_and_is_not_struck_out(world):
    first, second, third = disks(world, "WD1", "WD2", "WD3")
    wipe(first, world)
    failed = {"method": "clear", "note": "The disk does not answer"}
    media.wipe_medium(second, by=world.engineer, given=failed, passed=False, now=NOW)
    third = media.take_out(third, by=world.engineer, on=TODAY, version=1, now=NOW)

    for disk in (first, second, third):
        with pytest.raises(MoveRefused, match=f"{disk} was taken out, or somebody tried to wipe it"):
            media.strike_out(disk, by=world.keeper, reason="x", version=disk.version, now=NOW)
    assert Medium.objects.listed().count() == 3


def test_a_medium_that_comes_to_light_in_what_is_wiped_is_wiped_too(world):
    asset = wipe(*disks(world, "WD1"), world)
    given = consigned(asset)
    (found,) = disks(world, "WD2")
    with pytest.raises(MoveRefused, match="Not wiped, or without a certificate: Hard disk WD2."):
        workflow.move(asset, "dispose", by=world.keeper, given=given, now=NOW)

    assert wipe(found, world, "M-2").state == "sanitised"
    gone = workflow.move(asset, "dispose", by=world.keeper, given=given, now=NOW)
    assert gone.state == "disposed"


def test_what_is_still_in_an_asset_is_destroyed_with_it(world):
    disks(world, "WD1")
    gone = workflow.move(
        world.server, "destroy", by=world.keeper, given={"certificate_number": "D-1"}, now=NOW
    )
    assert gone.state == "destroyed"


def test_a_wiping_needs_a_certificate_and_a_second_person(world):
    (disk,) = disks(world, "WD1")
    with pytest.raises(ValidationError) as error:
        media.wipe_medium(disk, by=world.engineer, given={}, passed=True, now=NOW)
    assert set(error.value.message_dict) == {"method", "verified_by", "certificate_number"}
    with pytest.raises(ValidationError, match="Somebody else must look at the result"):
        wipe(disk, world, verified_by=world.engineer)
    with pytest.raises(ValidationError, match="must not be in the future"):
        wipe(disk, world, done_on=TODAY + timedelta(days=1))
    assert Sanitisation.objects.count() == 0


def test_a_legal_hold_stops_the_wiping_of_media(world):
    (disk,) = disks(world, "WD1")
    set_hold(world.server, by=world.keeper, reason="An inquiry", now=NOW)
    with pytest.raises(MoveRefused, match="SRV is on legal hold"):
        wipe(disk, world)


def test_nothing_is_wiped_twice_or_while_somebody_has_it(world):
    first, _ = disks(world, "WD1", "WD2")
    wipe(first, world)
    with pytest.raises(MoveRefused, match="Hard disk WD1 is struck out, or wiped already."):
        wipe(first, world)
    Asset.objects.update(state="in_use")
    with pytest.raises(MoveRefused, match="SRV is in use. Take it back first."):
        wipe(first, world)


def test_a_wiping_says_nothing_of_what_the_next_holder_left_on_it(world):
    (disk,) = disks(world, "WD1")
    asset = wipe(disk, world)
    for days, name in enumerate(("restock", "issue", "return"), 1):
        given = given_for(name, world)
        asset = workflow.move(asset, name, by=world.engineer, given=given, now=NOW + timedelta(days=days))

    with pytest.raises(MoveRefused, match="Not wiped, or without a certificate: Hard disk WD1."):
        workflow.move(asset, "sanitise", by=world.engineer, given=given_for("sanitise", world))


def test_what_was_listed_by_mistake_is_struck_out_by_who_keeps_the_register_with_the_reason(world):
    first, second = disks(world, "WD1", "WD2")
    wipe(first, world)
    with pytest.raises(PermissionDenied):
        media.strike_out(second, by=world.engineer, reason="There is one disk", version=1)
    with pytest.raises(ValidationError, match="Enter why it should not be listed"):
        media.strike_out(second, by=world.keeper, reason=" ", version=1)
    media.strike_out(second, by=world.keeper, reason="There is one disk", version=1)

    wiped = workflow.move(
        world.server, "sanitise", by=world.engineer, given=given_for("sanitise", world), now=NOW
    )
    assert wiped.state == "sanitised"


def test_a_serial_number_is_listed_once_and_monitors_have_no_media(world):
    disks(world, "WD1")
    with pytest.raises(ValidationError, match="is listed already"):
        disks(world, "wd1")
    with pytest.raises(MoveRefused, match="There is nothing to wipe in SCREEN."):
        media.add_medium(
            an_asset(world.county, "SCREEN", category="monitor", state="returned"),
            by=world.engineer,
            kind="other",
        )
