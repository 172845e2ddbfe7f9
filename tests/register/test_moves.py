"""Every move of an asset, from every state, by every role."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assets.register.lifecycle import MOVES, TERMINAL, AssetState, MoveRefused
from assets.register.models import Asset
from assets.register.registering import StaleAsset, change_asset
from assets.register.workflow import move, moves_of, refusals
from servicedesk.history.models import Change
from servicedesk.people.roles import ROLES
from tests.factories import a_model, a_person, an_asset
from tests.register.life import NOW, a_world, approved, consigned, given_for

pytestmark = pytest.mark.django_db


# Each move with where it begins and ends, also for what holds no data.
LIFE = {
    "receive": (["on_order"], ["in_stock"], []),
    "cancel_order": (["on_order"], ["cancelled"], []),
    "stage": (["in_stock"], ["staged"], []),
    "unstage": (["staged"], ["in_stock"], []),
    "issue": (["in_stock", "staged"], ["in_use"], []),
    "send_for_repair": (["in_stock", "in_use", "returned"], ["in_repair"], []),
    "back_from_repair": (["in_repair"], ["in_stock", "in_use"], []),
    "return": (["in_use"], ["returned"], []),
    "lose": (["in_stock", "staged", "in_use", "in_repair", "returned"], ["lost_stolen"], []),
    "find": (["lost_stolen"], ["returned"], []),
    "write_off": (["lost_stolen"], ["written_off"], []),
    "sanitise": (["returned", "in_stock"], ["sanitised"], []),
    "fail_sanitising": (["returned", "in_stock"], ["sanitise_failed"], []),
    "destroy": (["sanitise_failed", "sanitised", "returned"], ["destroyed"], []),
    "restock": (["sanitised"], ["in_stock"], ["returned"]),
    "dispose": (["sanitised"], ["disposed"], ["returned", "in_stock"]),
    "donate": (["sanitised"], ["donated"], ["returned", "in_stock"]),
    "sell": (["sanitised"], ["sold"], ["returned", "in_stock"]),
}
ENDINGS = ("cancel_order", "write_off", "destroy", "dispose", "donate", "sell")


@pytest.fixture
def world():
    return a_world()


def test_table_of_moves_is_the_one_agreed():
    assert {
        name: (list(step.sources), list(step.targets), list(step.exempt_sources))
        for name, step in MOVES.items()
    } == LIFE
    assert TERMINAL == ("disposed", "donated", "sold", "destroyed", "written_off", "cancelled")


@pytest.mark.once
def test_every_move_from_every_state_works_or_is_refused_with_a_sentence(world):
    """A laptop, which holds data, and a monitor, which does not, in each state, with all that the guard asks for."""
    for category in ("laptop", "monitor"):
        for name, (sources, targets, exempt) in LIFE.items():
            allowed = sources + (exempt if category == "monitor" else [])
            for state in AssetState.values:
                asset = an_asset(world.county, category=category, state=state, certificate_number="C-0")
                if name == "write_off" and state == "lost_stolen":
                    approved(asset, world)
                given = given_for(name, world, asset)
                if name == "receive":
                    given["serial_number"] = f"{category}-{state}"
                if state in allowed:
                    moved = move(asset, name, by=world.keeper, given=given, version=1, now=NOW)
                    assert (moved.state, moved.version) == (targets[0], 2), (category, name, state)
                    assert Change.objects.filter(object_id=asset.pk, move=name).count() >= 1
                else:
                    with pytest.raises(MoveRefused) as refused:
                        move(asset, name, by=world.keeper, given=given, now=NOW)
                    says = f"{asset} is {AssetState(state).label.lower()}, so “{MOVES[name].words}” is not possible."
                    assert str(refused.value) == says
                    assert Asset.objects.get(pk=asset.pk).state == state


def test_engineers_do_the_daily_moves_everywhere_and_only_asset_managers_end_an_asset_of_their_council(world):
    people = {code: a_person(world.county, code) for code in ROLES if code != "supplier_contact"}
    states = {name: sources[0] for name, (sources, _, _) in LIFE.items()}
    may_do = {
        (code, council.code): {
            name
            for name in LIFE
            if name in moves_of(person, Asset(council=council, state=states[name], category="laptop"))
        }
        for code, person in people.items()
        for council in (world.county, world.district)
    }
    daily = set(LIFE) - set(ENDINGS)

    assert {key: names for key, names in may_do.items() if names} == {
        ("engineer", "OCC"): daily,
        ("engineer", "CDC"): daily,
        ("asset_manager", "OCC"): set(LIFE) - {"dispose"},  # which the closing of a consignment does
    }
    asset = an_asset(world.county, state="in_use")
    for code in people.keys() - {"engineer", "asset_manager"}:
        with pytest.raises(PermissionDenied):
            move(asset, "return", by=people[code], given={"condition": "A"})
    with pytest.raises(PermissionDenied):
        move(
            an_asset(world.county, state="on_order"),
            "cancel_order",
            by=people["engineer"],
            given={"reason": "No"},
        )


def test_what_is_missing_is_asked_for_by_name(world):
    asked = {}
    for name, (sources, _, _) in LIFE.items():
        asset = an_asset(world.county, state=sources[0])
        try:
            move(asset, name, by=world.keeper, now=NOW)
        except ValidationError as error:
            asked[name] = {field: texts[0] for field, texts in error.message_dict.items()}
        except MoveRefused as refused:
            asked[name] = str(refused).replace(str(asset), "It")
    assert asked == {
        "receive": {"serial_number": "Enter its serial number"},
        "cancel_order": {"reason": "Enter the reason"},
        "issue": {"person": "Enter who gets it: a person, a room or a pool"},
        "send_for_repair": {
            "supplier_reference": "Enter the supplier’s reference, or the reference of a request"
        },
        "back_from_repair": {"to": "Select where it goes: in stock or in use"},
        "return": {"condition": "Select its condition, A to D"},
        "lose": {"what_happened": "Enter what happened"},
        "find": {"note": "Enter a note that says what happened"},
        "write_off": "The budget approver of Oxfordshire County Council has not approved that It is written off.",
        "sanitise": {
            "method": "Select how it was wiped",
            "verified_by": "Enter who looked at the result",
            "certificate_number": "Enter the number of the certificate",
        },
        "fail_sanitising": {
            "method": "Select how it was wiped",
            "note": "Enter a note that says what happened",
        },
        "destroy": {"certificate_number": "Enter the number of the certificate"},
        "dispose": "There is no certificate that It was wiped.",
        "donate": "There is no certificate that It was wiped.",
        "sell": "There is no certificate that It was wiped.",
    }


def test_a_value_that_the_move_does_not_take_is_refused(world):
    with pytest.raises(ValidationError) as refused:
        move(an_asset(world.county, state="staged"), "unstage", by=world.keeper, given={"income": 5})
    assert refused.value.message_dict == {"income": ["This move does not take that."]}


def test_legal_hold_stops_wiping_and_every_ending(world):
    for name, (sources, _, _) in LIFE.items():
        asset = an_asset(world.county, state=sources[0], certificate_number="C-0", serial_number=f"S-{name}")
        Asset.objects.filter(pk=asset.pk).update(legal_hold_reason="Tribunal", legal_hold_since=NOW)
        if name == "write_off":
            approved(asset, world)
        try:
            move(asset, name, by=world.keeper, given={**given_for(name, world)}, now=NOW)
            stopped = False
        except MoveRefused as refused:
            stopped = True
            words = MOVES[name].words
            assert str(refused) == (
                f"{asset} is on legal hold, so “{words}” is not possible until the hold is lifted."
            )
        except ValidationError as error:
            assert name == "receive", error
            stopped = False
        assert stopped == (name in (*ENDINGS, "sanitise")), name


def test_what_held_data_is_wiped_before_it_leaves_whatever_it_is_called_now(world):
    full, plain = (a_model(category="printer", holds_data=holds) for holds in (True, False))
    laptop = an_asset(world.county, "L", state="returned", certificate_number="OLD")
    printer = an_asset(world.county, "P", category="printer", model=full, state="returned")
    unknown = an_asset(world.county, "U", category="printer", state="returned")
    screen = an_asset(world.county, "S", category="monitor", state="returned")
    for one, change in (
        (laptop, {"category": "dock"}),
        (screen, {"category": "dock"}),
        (printer, {"model": plain}),
        (unknown, {"model": plain}),
    ):
        change_asset(one, by=world.keeper, version=1, **change)

    assets = [laptop, printer, unknown, screen]
    for name in ("restock", "dispose", "donate", "sell"):
        refused = refusals(assets, name, by=world.keeper, given=given_for(name, world, *assets), now=NOW)
        assert [one.sentence for one in refused] == [
            f"{tag} was registered as something that holds data. Wipe it first." for tag in "LP"
        ]
    wiped = move(laptop, "sanitise", by=world.engineer, given=given_for("sanitise", world), now=NOW)
    gone = move(wiped, "dispose", by=world.keeper, given=consigned(wiped), now=NOW)
    assert gone.state == "disposed"


def test_a_consignment_that_is_named_is_one_that_a_facility_certified_with_this_asset_in_it(world):
    wiped = {"state": "sanitised", "certificate_number": "C-0"}
    mine, other = (an_asset(world.county, tag, **wiped) for tag in ("MINE", "OTHER"))
    row = consigned(other)
    says = (
        "No facility has certified MINE in a consignment of this reference. Scan it into a consignment: "
        "it leaves the register when that is closed"
    )

    for name in ("dispose", "donate", "sell", "destroy"):
        for named in ("WTN-1", row["consignment_reference"]):
            given = {**given_for(name, world), "consignment_reference": named}
            with pytest.raises(ValidationError) as refused:
                move(mine, name, by=world.keeper, given=given, now=NOW)
            assert refused.value.message_dict == {"consignment_reference": [says]}
            done = refusals([mine, other], name, by=world.keeper, given=given, now=NOW)
            assert says in [one.sentence for one in done if one.asset == mine]
    assert move(other, "dispose", by=world.keeper, given=row, now=NOW).state == "disposed"
    assert move(mine, "donate", by=world.keeper, given=given_for("donate", world), now=NOW).state == "donated"


def test_stale_version_is_told_and_nothing_is_written(world):
    asset = an_asset(world.county, state="staged")
    move(asset, "unstage", by=world.keeper)
    with pytest.raises(StaleAsset):
        move(asset, "stage", by=world.keeper, version=1)
    assert Asset.objects.get(pk=asset.pk).state == "in_stock"
