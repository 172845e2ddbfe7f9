"""Many assets at once by program: found, changed, moved, taken back; stock-takes, own kit, and the estate as it was."""

from datetime import UTC, date, datetime

import pytest

from assets.register.models import Asset, KitAnswer, StockTake
from assets.register.registering import change_asset, register_assets
from servicedesk.people.models import Department, Site
from servicedesk.tickets.models import Ticket
from tests.api.calling import NOTHING, as_person, as_program, named, one_page, problem
from tests.factories import (
    LONG_AGO,
    a_council,
    a_council_alone,
    a_person,
    a_requester,
    a_site,
    an_asset,
    an_engineer,
)
from tests.register.pages import manager

pytestmark = pytest.mark.django_db
# What a program might hope to set beside what is asked.
HOPES = {"id": 7, "council": 7, "state": "disposed", "version": 9, "by": 1, "counted_by": 1, "asset_tag": "X"}


def chosen(*assets: Asset, version: int = 1) -> list[dict]:
    return [{"id": asset.pk, "version": version} for asset in assets]


def test_names_are_sorted_out():
    county = a_council("OCC")
    asset, *twins = an_asset(county, "A"), an_asset(county, "T", serial_number="S"), an_asset(county, "S")
    an_asset(a_council_alone("SND", "South Northants"), "HIDDEN")
    caller = as_program(an_engineer(county))

    found = caller.ask("POST", "assets/find/", {"names": ["a", "HIDDEN", "S", "Z"]}).json()

    assert [(each["name"], [row["id"] for row in each["assets"]]) for each in found["found"]] == [
        ("a", [asset.pk])
    ]
    assert found["found"][0]["assets"][0] == caller.get(f"assets/{asset.pk}/").json()
    assert [row["id"] for row in found["several"][0]["assets"]] == [twin.pk for twin in twins]
    assert found["not_found"] == ["HIDDEN", "Z"]
    assert as_person(a_requester(county)).ask("POST", "assets/find/", {"names": ["a"]}).status_code == 403


def test_many_are_checked_changed_and_taken_back():
    county = a_council("OCC")
    hall = a_site(county, "County Hall")
    good, stale, theirs = (
        an_asset(county, "G", room="1"),
        an_asset(county, "S"),
        an_asset(a_council("CDC"), "T"),
    )
    change_asset(stale, by=None, version=1, notes="XMA")
    caller = as_program(manager("OCC"))
    sent = {"assets": chosen(good, stale, theirs), "site": hall.pk, "room": "", "reason": "Move", **HOPES}
    told = {
        "done": [good.pk],
        "same": [],
        "refused": [
            {"id": stale.pk, "reason": "Somebody has changed it since you chose it. Choose it again"},
            {
                "id": theirs.pk,
                "reason": "You need the right to change the assets of Cherwell District Council",
            },
        ],
        "missing": 0,
    }

    checked = caller.ask("POST", "assets/change-together/", {**sent, "check": True}).json()
    assert checked == {"change": None, **told}
    assert Asset.objects.filter(site=hall).count() == 0
    done = caller.ask("POST", "assets/change-together/", sent).json()
    deed = caller.get(f"changes/{done['change']}/").json()

    assert done == {"change": deed["id"], **told}
    asset = Asset.objects.get(pk=good.pk)
    assert (asset.site, asset.room, asset.state, asset.asset_tag, asset.version) == (
        hall,
        "",
        "in_use",
        "G",
        2,
    )
    assert (deed["reason"], deed["may_undo"], deed["undone"], deed["stays"]) == ("Move", True, False, [])
    assert [(line["asset"], line["name"], line["move"]) for line in deed["assets"]] == [(good.pk, "G", "")]
    assert {line["field"] for line in deed["assets"][0]["changes"]} == {"site", "room"}
    undone = caller.ask("POST", f"changes/{done['change']}/undo/").json()
    assert undone["undone"] is True
    assert list(Asset.objects.values_list("site", "room").filter(pk=good.pk)) == [(None, "1")]
    other = as_program(manager("CDC"))
    assert other.get(f"changes/{done['change']}/").json() == NOTHING
    assert other.ask("POST", f"changes/{done['change']}/undo/").json() == NOTHING


def test_who_has_left_and_places_out_of_use_are_not_given_to_many():
    county = a_council("OCC")
    asset, gone = an_asset(county), a_requester(county, is_active=False)
    site = Site.objects.create(council=county, name="Old depot", archived_at=LONG_AGO)
    department = Department.objects.create(council=county, name="Old works", archived_at=LONG_AGO)
    sent = {"assets": chosen(asset), "holder": gone.pk, "site": site.pk, "department": department.pk}

    answer = as_program(manager("OCC")).ask("POST", "assets/change-together/", sent)

    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"holder", "site", "department"})


def test_many_are_moved():
    county = a_council("OCC")
    jo = a_requester(county, email="jo@occ.example")
    stock, gone = (
        [an_asset(county, tag, state="in_stock") for tag in ("S1", "S2")],
        an_asset(county, "GONE", state="sold"),
    )
    caller = as_program(an_engineer(county))
    sent = {"assets": chosen(*stock, gone), "move": "issue", "given": {"person": "jo@occ.example"}}

    checked = caller.ask("POST", "assets/move-together/", {**sent, "check": True}).json()
    done = caller.ask("POST", "assets/move-together/", sent).json()
    wrong = caller.ask("POST", "assets/move-together/", {**sent, "given": {"income": "5"}})
    right = caller.ask(
        "POST", "assets/move-together/", {**sent, "move": "cancel_order", "given": {"reason": "x"}}
    )

    refused = [{"id": gone.pk, "reason": "GONE is sold, so “Issue” is not possible."}]
    keys = [asset.pk for asset in stock]
    assert checked == {"change": None, "done": keys, "same": [], "refused": refused, "missing": 0}
    assert (done["done"], done["refused"], done["change"] is None) == (keys, refused, False)
    assert Asset.objects.filter(holder=jo, state="in_use").count() == 2
    assert wrong.json()["errors"] == {"income": ["This move does not take that."]}
    assert right.status_code == 403


def test_a_stock_take_from_its_beginning_to_its_end():
    county = a_council("OCC")
    site, kim = a_site(county, "Library"), manager("OCC")
    here, there = an_asset(county, "HERE", site=site), an_asset(county, "THERE", site=a_site(county, "Depot"))
    missing = an_asset(county, "MISSING", site=site)
    hidden = an_asset(a_council_alone("SND", "South Northants"), "HIDDEN")
    caller, path = as_program(kim), "stock-takes/"
    begun = caller.ask("POST", path, {"site": site.pk, **HOPES})
    key = begun.json()["id"]
    assert (begun.status_code, begun.json()["site"], begun.json()["missing"]) == (201, named(site), 2)
    path = f"stock-takes/{key}/"

    scans = [
        caller.ask("POST", f"{path}counts/", {"name": name, **HOPES, "asset": None}) for name in ("HERE",)
    ]
    assert scans[0].status_code == 400  # asset is a number or is not there
    told = [
        caller.ask("POST", f"{path}counts/", {"name": name}).json()
        for name in ("HERE", "THERE", "HIDDEN", "HERE")
    ]
    assert [(each["good"], each["line"]["outcome"]) for each in told] == [
        (True, "found"),
        (False, "elsewhere"),
        (False, "unknown"),
        (False, "found"),
    ]
    assert told[2]["said"] == "HIDDEN is not in this council's register"
    assert told[3]["line"]["counted_by"] == named(kim)
    no = caller.ask("POST", f"{path}counts/", {"name": "x", "asset": hidden.pk})
    assert (no.status_code, no.json()["errors"]) == (400, {"asset": ["There is no such asset here."]})
    line = told[1]["line"]["id"]
    assert caller.ask("POST", f"{path}move-here/", {"lines": [line, told[2]["line"]["id"]]}).json() == {
        "moved": [there.pk]
    }
    ended = caller.ask("POST", f"{path}finish/").json()
    kept = ("state", "found", "elsewhere", "unknown", "missing", "version")
    assert {name: ended[name] for name in kept} == {
        "state": "finished",
        "found": 1,
        "elsewhere": 1,
        "unknown": 1,
        "missing": 1,
        "version": 2,
    }
    late = caller.ask("POST", f"{path}counts/", {"name": "MISSING"})
    assert late.json() == problem(409, "Conflict", "This stock-take is finished.")
    lines = caller.get(f"{path}lines/").json()["results"]
    assert {each["name"]: each["outcome"] for each in lines}["MISSING"] == "missing"
    assert caller.get(path).json() == ended
    assert caller.get("stock-takes/").json() == one_page(ended)
    assert (
        Asset.objects.get(pk=here.pk).last_audit_at
        == StockTake.objects.get().lines.get(asset=here).counted_at.date()
    )
    assert Asset.objects.get(pk=missing.pk).last_audit_at is None
    assert as_program(a_requester(county)).get(path).json() == NOTHING
    assert as_program(manager("CDC")).ask("POST", f"{path}cancel/").status_code == 403


def test_holders_are_asked_and_answer():
    county = a_council("OCC")
    site = a_site(county, "County Hall")
    jo = a_requester(county, site=site)
    have, lack = an_asset(county, "HAVE", holder=jo), an_asset(county, "LACK", holder=jo)
    keeper, holder = as_program(manager("OCC")), as_program(jo)

    asked = keeper.ask("POST", "kit-checks/", {"site": site.pk, **HOPES}).json()
    both = keeper.ask("POST", "kit-checks/", {})
    said = holder.ask(
        "POST", f"assets/{have.pk}/own-kit/", {"have": True, "answer": "have_not", **HOPES}
    ).json()
    lacking = holder.ask("POST", f"assets/{lack.pk}/own-kit/", {"have": False, "note": "Never had it"}).json()

    assert both.json()["errors"] == {"non_field_errors": ["Choose either a site or a department."]}
    assert (said["answer"], lacking["answer"], lacking["note"]) == ("have", "have_not", "Never had it")
    assert Ticket.objects.get().title == "I do not have LACK"
    path = f"kit-checks/{asked['id']}/"
    rows = keeper.get(f"{path}answers/").json()["results"]
    assert {row["id"]: row for row in rows} == {said["id"]: said, lacking["id"]: lacking}
    assert keeper.get("kit-checks/").json() == one_page(asked)
    assert keeper.ask("POST", f"{path}end/").json()["ended_at"] is not None
    others = as_program(a_requester(county))
    assert others.ask("POST", f"assets/{have.pk}/own-kit/", {"have": True}).json() == NOTHING
    assert as_program(a_person(a_council("CDC"), "auditor")).get(path).json() == NOTHING
    assert as_program(an_engineer(county)).ask("POST", f"{path}end/").status_code == 403
    assert KitAnswer.objects.count() == 2


def test_the_estate_on_a_day():
    county = a_council("OCC")
    winter, may = (datetime(2026, month, 5, 9, tzinfo=UTC) for month in (1, 5))
    for tag, at in (("A", winter), ("LATE", may)):
        row = Asset(council=county, asset_tag=tag, category="laptop", state="in_use", room="1")
        register_assets([row], by=None, now=at)
    change_asset(Asset.objects.get(asset_tag="A"), by=None, version=1, room="2", now=may)
    caller = as_program(a_person(county, "auditor"))

    told = caller.get("assets/as-at/?day=2026-03-31").json()

    assert (told["day"], told["count"], told["page"], told["pages"]) == (str(date(2026, 3, 31)), 1, 1, 1)
    assert told["by_state"] == [{"code": "in_use", "name": "In use", "number": 1}]
    assert told["by_category"] == [{"code": "laptop", "name": "Laptop", "number": 1}]
    assert [(row["asset_tag"], row["room"], row["state"], row["council"]) for row in told["results"]] == [
        ("A", "1", "In use", "OCC")
    ]
    wrong = caller.get("assets/as-at/?day=2999-01-01").json()
    assert wrong["errors"] == {"day": ["Day must be today or in the past"]}
    assert as_program(a_requester(county)).get("assets/as-at/").status_code == 403
