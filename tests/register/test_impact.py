"""What hangs off what: the uplinks, the relations, and what a failure reaches."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assets.register.impact import impact_of
from assets.register.models import CIRelation
from assets.register.registering import change_asset, fresh
from assets.register.relating import relate, ties_of, unrelate
from servicedesk.history.models import Change
from servicedesk.people.models import Site
from tests.factories import (
    a_council,
    a_council_alone,
    a_grant,
    a_person,
    a_service,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db
BODICOTE = {"name": "Bodicote House", "postcode": "OX15 4AA", "uprn": "10011887766"}


@pytest.fixture
def county():
    return a_council("OCC")


@pytest.fixture
def district():
    return a_council("CDC")


@pytest.fixture
def bodicote(county, district):
    """A switch of the district in a building where people of both councils work."""
    site = Site.objects.create(council=district, **BODICOTE)
    other = Site.objects.create(council=county, **BODICOTE)
    for _ in range(46):
        a_person(district, site=site)
    for _ in range(3):
        a_person(county, site=other)
    switch = an_asset(district, "sw-bod-01", category="switch", site=site)
    for number in (1, 2):
        an_asset(district, f"ap-bod-0{number}", category="access_point", site=site, uplink=switch)
    an_asset(district, "mfd-bod-01", category="printer", site=site, uplink=switch)
    relate(a_service("Benefits"), "runs_on", switch, by=None)
    return switch


def test_switch_that_fails_reaches_what_hangs_off_it_and_proposes_an_impact(bodicote, county):
    found = impact_of(an_engineer(county), [bodicote])

    assert [str(asset) for asset in found.assets] == ["ap-bod-01", "ap-bod-02", "mfd-bod-01"]
    assert found.by_category == ["2 access points", "1 printer"]
    assert [str(service) for service in found.services] == ["Benefits"]
    assert [str(site) for site in found.sites] == ["Bodicote House"]
    assert found.people == [("Cherwell District Council", 46), ("Oxfordshire County Council", 3)]
    assert found.councils == ["Cherwell District Council", "Oxfordshire County Council"]
    assert (found.proposed, found.why) == (2, "It carries Benefits")

    relate(a_service("Website", public_facing=True), "depends_on", bodicote, by=None)
    found = impact_of(an_engineer(county), [bodicote])
    assert (found.proposed, found.why) == (1, "The public uses Website")


def test_small_numbers_of_another_council_are_kept_back(bodicote, district):
    found = impact_of(an_engineer(district), [bodicote])

    assert found.people == [("Cherwell District Council", 46), ("Oxfordshire County Council", None)]
    assert found.headcount == [
        "46 people of Cherwell District Council",
        "fewer than 5 people of Oxfordshire County Council",
    ]


def test_walk_counts_nothing_that_the_reader_may_not_see(bodicote, county):
    stranger = an_engineer(a_council_alone("WODC"))
    keeper_alone = a_person(county, "auditor")  # reads the county's register alone
    hidden = an_asset(county, "srv-1", category="server", site=Site.objects.get(council=county))
    relate(hidden, "connects_to", bodicote, by=None)

    assert impact_of(a_person(county), [bodicote]) is None
    assert impact_of(stranger, [bodicote]).assets == []
    assert impact_of(keeper_alone, [hidden]).assets == []
    assert [str(one) for one in impact_of(an_engineer(county), [bodicote]).assets][-1] == "srv-1"
    # The auditor of the district reads no register of the county.
    auditor = a_person(a_council("CDC"), "auditor")
    assert "srv-1" not in [str(one) for one in impact_of(auditor, [bodicote]).assets]
    assert [tie.asset for tie in ties_of(keeper_alone, hidden)] == []


def test_walk_stops_at_circles_and_leaves_out_what_is_gone(county):
    first, second = an_asset(county, "A", category="server"), an_asset(county, "B", category="server")
    third = an_asset(county, "C", category="server", state="disposed")
    relate(first, "depends_on", second, by=None)
    relate(second, "depends_on", first, by=None)
    relate(third, "depends_on", first, by=None)
    found = impact_of(an_engineer(county), [first])

    assert ([str(one) for one in found.assets], found.cut_off) == (["B"], False)


def test_used_by_goes_the_other_way_round_and_backups_are_no_outage(county):
    storage, server = an_asset(county, "S", category="storage"), an_asset(county, "V", category="server")
    vault = an_asset(county, "T", category="storage")
    relate(storage, "used_by", server, by=None)
    relate(server, "backed_up_by", vault, by=None)
    engineer = an_engineer(county)

    assert [str(one) for one in impact_of(engineer, [storage]).assets] == ["V"]
    assert impact_of(engineer, [vault]).assets == []


def test_what_serves_one_person_proposes_the_least(county):
    laptop = an_asset(county, holder=a_person(county))

    assert impact_of(an_engineer(county), [laptop]).proposed == 3


def uplinked(asset, target, by=None):
    asset = fresh(asset)
    return change_asset(asset, by=by, version=asset.version, uplink=target)


def test_uplinks_never_go_round_in_a_circle(county):
    core, floor, point = (an_asset(county, tag, category="switch") for tag in ("CORE", "FLOOR", "AP"))
    uplinked(floor, core)
    uplinked(point, floor)

    with pytest.raises(ValidationError) as caught:
        uplinked(core, fresh(point))
    assert caught.value.message_dict == {
        "uplink": ["AP itself hangs off CORE: the uplink would go round in a circle"]
    }
    with pytest.raises(ValidationError):
        uplinked(core, fresh(core))


def test_uplink_is_of_the_same_council_and_to_another_only_at_a_place_that_both_share(county, district):
    here, there = (Site.objects.create(council=each, **BODICOTE) for each in (county, district))
    ours = an_asset(county, "OURS", category="switch", site=here)
    theirs = an_asset(district, "THEIRS", category="switch", site=there)
    far = an_asset(district, "FAR", category="switch")
    keeper = a_person(county, "asset_manager")

    with pytest.raises(ValidationError) as caught:
        uplinked(ours, theirs)
    assert caught.value.message_dict == {"uplink": [f"Choose one that belongs to {county}"]}
    with pytest.raises(ValidationError):
        relate(ours, "uplinks_to", far, by=keeper)
    with pytest.raises(ValidationError):
        relate(ours, "uplinks_to", an_asset(county, "NEAR", category="switch"), by=keeper)
    relate(ours, "uplinks_to", theirs, by=keeper)
    with pytest.raises(ValidationError) as caught:
        relate(theirs, "uplinks_to", ours, by=None)
    assert list(caught.value.message_dict) == ["other"]
    # The histories name no equipment of the other council.
    told = Change.objects.filter(kind="register.asset", fields__has_key="relation")
    assert sorted(change.fields["relation"][3] for change in told) == [
        "is the uplink of equipment of another council",
        "uplinks to equipment of another council",
    ]


def test_relation_is_said_once_reads_from_both_ends_and_is_taken_back(county):
    keeper, engineer = a_person(county, "asset_manager"), an_engineer(county)
    one, other = an_asset(county, "ONE", category="firewall"), an_asset(county, "OTHER", category="firewall")

    relation = relate(one, "paired_with", other, by=keeper)
    assert relate(other, "paired_with", one, by=keeper) == relation
    assert [(tie.how, str(tie.asset)) for tie in ties_of(keeper, other)] == [("is paired with", "ONE")]
    assert [tie.relation for tie in ties_of(engineer, one)] == [None]
    for deed in (
        lambda: relate(one, "depends_on", other, by=engineer),
        lambda: unrelate(relation, by=engineer),
    ):
        with pytest.raises(PermissionDenied):
            deed()
    unrelate(relation, by=keeper)
    assert not CIRelation.objects.exists()
    kept = Change.objects.filter(kind="register.asset", object_id=other.pk, fields__has_key="relation")
    assert [change.fields["relation"][2:] for change in kept.order_by("id")] == [
        ["", "is paired with ONE"],
        ["is paired with ONE", ""],
    ]


def test_ties_tell_uplinks_stacks_and_services(county):
    core = an_asset(county, "CORE", category="switch", stack_name="stk-1", stack_member=1)
    twin = an_asset(county, "TWIN", category="switch", stack_name="stk-1", stack_member=2)
    point = an_asset(county, "AP", category="access_point", uplink=core)
    keeper = a_person(county, "asset_manager")
    a_grant(keeper, "engineer")
    relate(a_service("Payroll"), "runs_on", core, by=keeper)

    assert [(tie.how, str(tie.asset or tie.service)) for tie in ties_of(keeper, core)] == [
        ("is the uplink of", "AP"),
        ("is in one stack with", "TWIN"),
        ("runs", "Payroll"),
    ]
    assert [(tie.how, str(tie.asset)) for tie in ties_of(keeper, point)] == [("hangs off", "CORE")]
    assert [str(tie.asset) for tie in ties_of(keeper, twin)] == ["CORE"]
