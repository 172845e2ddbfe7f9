"""Counting a site: what is expected, what is met, who counted it, and what the register says of it afterwards."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assets.register import stock_taking
from assets.register.addresses import address_of
from assets.register.models import Asset, StockTake
from assets.register.registering import change_asset
from assets.register.stock_take_report import lines_of, said
from assets.register.stock_taking import Ended, Outcome
from servicedesk.history.models import Change
from servicedesk.search.searching import matching
from tests.factories import (
    a_council,
    a_council_alone,
    a_model,
    a_person,
    a_requester,
    a_site,
    an_asset,
    an_engineer,
)
from tests.register.pages import manager, text_of

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 30, 9, 15, tzinfo=UTC)


def names(stock_take: StockTake) -> dict[str, list[str]]:
    return {name.value: [str(line) for line in lines_of(stock_take, name)] for name in Outcome}


@pytest.fixture
def library():
    """A library of the county with four things of which one is out for repair, and things that are elsewhere."""
    county, district = a_council("OCC"), a_council("CDC")
    site, depot = a_site(county, "Library"), a_site(county, "Depot")
    model = a_model("T14")
    more = {"site": site, "model": model, "manufacturer": model.manufacturer}
    return {
        "site": site,
        "depot": depot,
        "kim": manager("OCC"),
        "A": an_asset(county, "A", serial_number="PF1", room="1", **more),
        "B": an_asset(county, "B", room="1", **more),
        "C": an_asset(county, "C", room="2", **more),
        "REPAIR": an_asset(county, "REPAIR", state="in_repair", **more),
        "GONE": an_asset(county, "GONE", state="disposed", **more),
        "DEPOT": an_asset(county, "DEPOT", site=depot, room="Bay 4", model=model),
        "THEIRS": an_asset(district, "THEIRS", model=model, manufacturer=model.manufacturer),
    }


def test_what_is_expected_is_what_the_register_said_as_it_began(library):
    whole = stock_taking.begin(by=library["kim"], site=library["site"], now=MORNING)
    room = stock_taking.begin(by=library["kim"], site=library["site"], room="1", now=MORNING)
    change_asset(library["B"], by=None, version=1, site=library["depot"])
    an_asset(a_council("OCC"), "NEW", site=library["site"])

    assert names(whole) == {"found": [], "elsewhere": [], "unknown": [], "missing": ["A", "B", "C"]}
    assert names(room)["missing"] == ["A", "B"]
    stock_taking.count(whole, "NEW", by=library["kim"])
    assert names(whole)["elsewhere"] == ["NEW"]


def test_each_thing_is_found_met_elsewhere_unknown_or_missing(library):
    kim = library["kim"]
    there = stock_taking.begin(by=kim, site=library["site"], now=MORNING)
    scanned = ["pf1", address_of(library["B"].pk), "DEPOT", "REPAIR", "THEIRS", "X-1", " x-1 ", "PF1"]
    told = [said(kim, there, stock_taking.count(there, name, by=kim, now=MORNING)) for name in scanned]

    assert names(there) == {
        "found": ["A", "B"],
        "elsewhere": ["DEPOT", "REPAIR"],
        "unknown": ["THEIRS", "X-1"],
        "missing": ["C"],
    }
    assert [each.text for each in told] == [
        "A: found",
        "B: found",
        "DEPOT was not expected here. The register has it at: Depot, Bay 4, in use",
        "REPAIR was not expected here. The register has it at: Library, in repair",
        "THEIRS is not in this council's register. In the register of Cherwell District Council: Laptop, Lenovo T14",
        "X-1 is not in this council's register",
        "X-1 was counted before, by you at 9:15am",
        "A was counted before, by you at 9:15am",
    ]
    assert [each.good for each in told] == [True, True] + [False] * 6


def test_two_people_count_at_once_and_the_second_is_told_of_the_first(library):
    kim, lee = library["kim"], manager("OCC")
    there = stock_taking.begin(by=kim, site=library["site"], now=MORNING)
    stock_taking.count(there, "A", by=kim, now=MORNING)
    again = stock_taking.count(there, "A", by=lee, now=MORNING + timedelta(minutes=5))
    stock_taking.count(there, "B", by=lee, now=MORNING)

    assert said(lee, there, again).text == f"A was counted before, by {kim} at 9:15am"
    assert said(kim, there, again).text == "A was counted before, by you at 9:15am"
    assert [(str(line), line.counted_by) for line in lines_of(there, Outcome.FOUND)] == [
        ("A", kim),
        ("B", lee),
    ]
    with pytest.raises(ValidationError, match="is being counted already"):
        stock_taking.begin(by=lee, site=library["site"])


def test_one_name_of_several_things_is_the_one_that_was_expected_or_is_asked_for(library):
    kim, county = library["kim"], a_council("OCC")
    an_asset(county, "PF1", site=library["depot"])
    twins = [an_asset(county, "T1", serial_number="TWIN"), an_asset(county, "TWIN")]
    there = stock_taking.begin(by=kim, site=library["site"])

    assert stock_taking.count(there, "PF1", by=kim).line.asset == library["A"]
    several = stock_taking.count(there, "TWIN", by=kim)
    assert (list(several.several), several.line) == (twins, None)
    chosen = stock_taking.count(there, "TWIN", by=kim, asset=twins[1])
    assert chosen.line.asset == twins[1]
    assert names(there)["unknown"] == []


def test_finishing_says_when_each_thing_was_audited_and_ends_the_counting(library):
    kim = library["kim"]
    Asset.objects.filter(pk=library["B"].pk).update(last_audit_at=date(2026, 12, 24))
    there = stock_taking.begin(by=kim, site=library["site"], now=MORNING)
    for name in ("A", "B", "DEPOT", "THEIRS"):
        stock_taking.count(there, name, by=kim, now=MORNING)
    ended = stock_taking.finish(there, by=kim, now=MORNING + timedelta(days=1))

    audited = dict(Asset.objects.exclude(last_audit_at=None).values_list("asset_tag", "last_audit_at"))
    assert audited == {"A": date(2026, 11, 30), "DEPOT": date(2026, 11, 30), "B": date(2026, 12, 24)}
    assert Asset.objects.get(asset_tag="A").version == 2
    change = Change.objects.filter(kind="register.asset", object_id=library["A"].pk).latest("id")
    assert change.fields == {"last_audit_at": [None, "2026-11-30", "", "2026-11-30"]}
    assert (change.version, change.change_set.reason) == (2, "Stock-take of Library")
    assert (ended.state, ended.ended_by) == ("finished", kim)
    with pytest.raises(Ended, match="This stock-take is finished"):
        stock_taking.count(there, "C", by=kim)
    with pytest.raises(Ended):
        stock_taking.cancel(there, by=kim)
    assert names(there)["missing"] == ["C"]


def test_what_was_met_here_is_moved_here_and_nothing_else(library):
    kim = library["kim"]
    there = stock_taking.begin(by=kim, site=library["site"])
    for name in ("A", "DEPOT", "X-1"):
        stock_taking.count(there, name, by=kim)
    lines = list(there.lines.values_list("pk", flat=True))

    moved = stock_taking.move_here(there, lines, by=kim)

    assert moved == [library["DEPOT"]]
    depot = Asset.objects.get(pk=library["DEPOT"].pk)
    assert (depot.site, depot.room, depot.version) == (library["site"], "", 2)
    change = Change.objects.filter(kind="register.asset", object_id=depot.pk).latest("id")
    assert change.fields == {
        "site": [library["depot"].pk, library["site"].pk, "Depot", "Library"],
        "room": ["Bay 4", "", "Bay 4", ""],
    }
    assert list(matching(Asset.objects.all(), "library depot")) == [depot]
    assert stock_taking.move_here(there, lines, by=kim) == []


def test_who_keeps_the_register_begins_and_ends_and_who_handles_assets_counts(library):
    kim = library["kim"]
    there = stock_taking.begin(by=kim, site=library["site"])
    engineer, auditor = an_engineer(a_council("OCC")), a_person(a_council("OCC"), "auditor")
    for other in (engineer, manager("CDC"), auditor):
        for deed in (
            lambda by=other: stock_taking.begin(by=by, site=library["depot"]),
            lambda by=other: stock_taking.move_here(there, [], by=by),
            lambda by=other: stock_taking.finish(there, by=by),
            lambda by=other: stock_taking.cancel(there, by=by),
            *([lambda by=other: stock_taking.count(there, "A", by=by)] if other != engineer else []),
        ):
            with pytest.raises(PermissionDenied):
                deed()
    stock_taking.count(there, "A", by=engineer)
    assert (names(there)["found"], names(there)["missing"]) == (["A"], ["B", "C"])


# The pages


def test_a_site_is_counted_from_its_first_page_to_its_report(client, library):
    client.force_login(library["kim"])
    begun = client.post("/assets/stock-takes/", {"site": library["site"].pk, "room": ""})
    there = StockTake.objects.get()
    address = f"/assets/stock-takes/{there.pk}/"
    assert begun["Location"] == address

    def scan(name: str) -> str:
        return " ".join(text_of(client.post(f"{address}count/", {"name": name}, follow=True)).split())

    assert "A: found" in scan("A")
    assert "The register has it at: Depot, Bay 4, in use" in scan("DEPOT")
    assert "&lt;b&gt; is not in this council&#39;s register" in scan("<b>")
    empty = client.post(f"{address}count/", {"name": ""})
    assert (empty.status_code, "Enter the tag or serial number" in text_of(empty)) == (422, True)
    fragment = text_of(client.post(f"{address}count/", {"name": "B"}, HTTP_HX_REQUEST="true"))
    assert ("B: found" in fragment, "<html" in fragment) == (True, False)

    line = there.lines.get(asset=library["DEPOT"])
    moved = client.post(f"{address}move-here/", {"line": line.pk}, follow=True)
    assert "DEPOT is at Library now" in text_of(moved)
    nothing = client.post(f"{address}move-here/", {"line": 999999})
    assert nothing.status_code == 422

    report = text_of(client.post(f"{address}finish/", follow=True))
    assert "The stock-take is finished. This is its report" in report
    assert ">C</a>" in report and "Not found (1)" in report and "Count</button>" not in report
    late = client.post(f"{address}count/", {"name": "C"})
    assert (late.status_code, "This stock-take is finished" in text_of(late)) == (409, True)
    listed = " ".join(text_of(client.get("/assets/stock-takes/")).split())
    assert ">Library</a>" in listed and "Finished" in listed


def test_another_councils_tag_is_told_by_what_the_reader_may_see_alone(client, library):
    """At a site that two councils share: whoever reads both registers is told whose it is, the auditor is not."""
    kim = library["kim"]
    alone = an_asset(a_council_alone("SND", "South Northants"), "SECRET", serial_number="SECRET-S")
    there = stock_taking.begin(by=kim, site=library["site"])
    for name in ("THEIRS", "SECRET", address_of(alone.pk), address_of(library["THEIRS"].pk)):
        stock_taking.count(there, name, by=kim)
    address = f"/assets/stock-takes/{there.pk}/"
    pages = {}
    for role in ("asset_manager", "auditor"):
        client.force_login(a_person(a_council("OCC"), role))
        pages[role] = text_of(client.get(address))

    whose = "In the register of Cherwell District Council: Laptop, Lenovo T14"
    assert pages["asset_manager"].count(whose) == 2  # by its tag, and by its label
    assert "Cherwell" not in pages["auditor"] and "THEIRS" in pages["auditor"]
    assert not any("South Northants" in page for page in pages.values())
    assert not there.lines.filter(asset__in=[alone, library["THEIRS"]]).exists()
    client.force_login(kim)
    chosen = client.post(f"{address}count/", {"name": "THEIRS", "asset": library["THEIRS"].pk})
    assert chosen.status_code == 404


def test_the_door_of_a_stock_take(client, library):
    theirs = stock_taking.begin(by=manager("CDC"), site=a_site(a_council("CDC"), "Bodicote"))
    for person in (a_requester(a_council("OCC")), a_person(a_council("OCC"), "auditor")):
        client.force_login(person)
        for tail in ("", "count/", "move-here/", "finish/", "cancel/"):
            send = client.post if tail else client.get
            hidden, missing = (
                send(f"/assets/stock-takes/{key}/{tail}") for key in (theirs.pk, theirs.pk + 999)
            )
            assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
            assert hidden.status_code == 404
    assert "Bodicote" not in text_of(client.get("/assets/stock-takes/"))
    client.force_login(library["kim"])
    assert client.post(f"/assets/stock-takes/{theirs.pk}/count/", {"name": "A"}).status_code == 403
    begun = client.post("/assets/stock-takes/", {"site": theirs.site_id, "room": "1"})
    assert (begun.status_code, StockTake.objects.count()) == (422, 1)
