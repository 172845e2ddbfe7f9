"""The estate on a day gone by: what changed since is taken back, and what the register did not know is not made up."""

import csv
from datetime import UTC, date, datetime
from io import BytesIO, StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html
from openpyxl import load_workbook

from assets.register.as_at import estate
from assets.register.models import Asset
from assets.register.registering import change_asset, register_assets
from assets.register.together import change_all
from assets.register.workflow import move
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.history.undoing import undo
from servicedesk.people.models import Site
from servicedesk.spreadsheets.models import Export
from tests.factories import (
    a_council,
    a_council_alone,
    a_model,
    a_person,
    a_requester,
    a_site,
    an_engineer,
)
from tests.register.life import consigned
from tests.register.pages import manager, text_of

pytestmark = pytest.mark.django_db
WINTER = datetime(2026, 1, 5, 9, tzinfo=UTC)
MARCH = date(2026, 3, 31)
LAST_MINUTE = datetime(2026, 3, 31, 22, 59, tzinfo=UTC)  # one minute before midnight, in summer time
MIDNIGHT = datetime(2026, 3, 31, 23, 0, tzinfo=UTC)
MAY, JUNE = datetime(2026, 5, 1, 9, tzinfo=UTC), datetime(2026, 6, 1, 9, tzinfo=UTC)


def registered(council, tag: str, at: datetime = WINTER, **fields) -> Asset:
    asset = Asset(council=council, asset_tag=tag, **{"category": "laptop", "state": "in_use", **fields})
    return register_assets([asset], by=None, now=at)[0]


def told(day: date, *names: str, councils=None) -> list[tuple]:
    return [tuple(value.words for value in row.values) for row in estate(day, names, councils)]


def words(response) -> str:
    return " ".join(html.fromstring(text_of(response)).xpath("//main")[0].text_content().split())


@pytest.fixture
def past():
    """An estate that has changed since 31 March: moved, renamed, handed on, disposed of, registered."""
    county = a_council("OCC")
    old, new = a_site(county, "Speedwell House"), a_site(county, "County Hall")
    jo, sam = a_person(county, name="Jo"), a_person(county, name="Sam")
    model = a_model("T14")
    a = registered(county, "A", site=old, holder=jo, room="1", model=model, manufacturer=model.manufacturer)
    b = registered(county, "B", state="in_stock", category="monitor")
    registered(county, "LATE", at=MAY)
    change_asset(a, by=None, version=1, site=new, holder=sam, room="2", now=MAY)
    change_asset(a, by=None, version=2, room="3", asset_tag="A2", now=JUNE)
    change_asset(b, by=None, version=1, warranty_end=date(2027, 1, 1), now=LAST_MINUTE)
    b = Asset.objects.get(pk=b.pk)
    move(b, "dispose", by=None, given=consigned(b), now=MIDNIGHT)
    Site.objects.filter(pk=old.pk).update(name="Speedwell House (closed)")
    return county


def test_what_changed_since_is_taken_back_and_reads_as_it_was_called(past):
    names = ("asset_tag", "site", "holder", "room", "state", "model", "warranty_end")

    assert told(MARCH, *names) == [
        ("A", "Speedwell House", "Jo", "1", "In use", "T14", ""),
        ("B", "", "", "", "In stock", "", "2027-01-01"),
    ]
    assert told(date(2026, 5, 15), "asset_tag", "room", "state") == [
        ("A", "2", "In use"),
        ("B", "", "Disposed of"),
        ("LATE", "", "In use"),
    ]
    assert told(timezone.localdate(), "asset_tag", "room") == [("A2", "3"), ("B", ""), ("LATE", "")]
    assert told(date(2026, 1, 4), "asset_tag") == []


def test_the_day_ends_at_midnight_by_the_clocks_on_the_wall(past):
    on, after = told(MARCH, "asset_tag", "state")[1], told(date(2026, 4, 1), "asset_tag", "state")[1]

    assert (on, after) == (("B", "In stock"), ("B", "Disposed of"))


def test_what_was_done_and_undone_since_leaves_it_as_it_was(past):
    asset = Asset.objects.get(asset_tag="LATE")
    kim = manager("OCC")
    deed = change_all({asset.pk: 1}, {"room": "9"}, by=kim).deed
    undo(deed, by=kim)
    yesterday = date(2026, 6, 2)

    assert told(yesterday, "asset_tag", "room")[-1] == ("LATE", "")


def test_it_costs_the_same_however_much_there_was(past):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            list(estate(MARCH, ("asset_tag", "site", "holder")))
        return len(asked)

    few = queries()
    for number in range(30):
        asset = registered(past, f"M{number}")
        change_asset(asset, by=None, version=1, room="1", now=MAY)
    assert queries() == few


def test_an_asset_that_has_gone_to_another_council_stands_with_whose_it_was(past):
    district = a_council("CDC")
    asset = Asset.objects.select_related("council").get(asset_tag="LATE")
    before = snapshot([asset])
    with change_set(by=None, now=JUNE) as deed:
        asset.council, asset.version = district, 2
        asset.save()
        record(deed, [asset], before)
    then = date(2026, 5, 15)

    assert told(then, "asset_tag", councils=[past.pk])[-1] == ("LATE",)
    assert told(then, "asset_tag", councils=[district.pk]) == []
    assert told(JUNE.date(), "asset_tag", councils=[district.pk]) == [("LATE",)]
    assert "LATE" not in [tag for (tag,) in told(JUNE.date(), "asset_tag", councils=[past.pk])]


# The page


def test_page_counts_by_state_and_category_and_lists(client, past):
    client.force_login(manager("OCC"))

    page = client.get("/assets/as-at/", {"day": "31/3/2026"})

    assert "The estate on 31 March 2026" in words(page)
    assert "By state Assets In stock 1 In use 1" in words(page)
    assert "By category Assets Laptop 1 Monitor 1" in words(page)
    assert "2 assets" in words(page) and "Speedwell House, 1" in words(page)
    assert "What was registered later is not in it" in words(page)
    narrowed = client.get("/assets/as-at/", {"day": "2026-03-31", "state": "in_stock"})
    assert (
        "1 asset" in words(narrowed) and ">B</a>" in text_of(narrowed) and ">A</a>" not in text_of(narrowed)
    )
    site = Site.objects.get(name="Speedwell House (closed)")
    assert ">A</a>" in text_of(client.get("/assets/as-at/", {"day": "2026-03-31", "site": site.pk}))
    assert "nothing of this kind" in words(client.get("/assets/as-at/", {"site": site.pk}))


def test_page_goes_on_after_fifty(client):
    county = a_council("OCC")
    new = [Asset(council=county, asset_tag=f"T{n:03}", category="laptop", state="in_use") for n in range(120)]
    register_assets(new, by=None, now=WINTER)
    client.force_login(an_engineer(county))
    listed = []
    for number in ("", "2", "3", "99"):
        page = client.get("/assets/as-at/", {"day": "31/3/2026", "page": number})
        listed.append(html.fromstring(text_of(page)).xpath("//main//tbody//th/a/text()"))

    assert [len(each) for each in listed] == [50, 50, 20, 20]
    assert [tag for each in listed[:3] for tag in each] == [f"T{n:03}" for n in range(120)]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"day": "31/2/2026"}, "Day must be a real date"),
        ({"day": "1/1/2999"}, "Day must be today or in the past"),
        ({"day": "1/1/0001"}, "Day must be 1 January 1970 or later"),
        ({"state": "flying"}, "Select the state from the list"),
        ({"council": "SND"}, "Select the council from the list"),
        ({"page": "x"}, "Page must be a whole number"),
    ],
)
def test_page_says_what_is_wrong(client, asked, sentence):
    a_council_alone("SND", "South Northants")
    client.force_login(an_engineer(a_council("OCC")))

    page = client.get("/assets/as-at/", asked)

    assert (page.status_code, sentence in words(page)) == (422, True)


def test_page_tells_each_reader_of_their_registers_alone(client, past):
    registered(a_council("CDC"), "THEIRS")
    registered(a_council_alone("SND", "South Northants"), "HIDDEN")
    pages = {}
    for role in ("engineer", "auditor", "budget_approver"):
        client.force_login(a_person(past, role))
        page = text_of(client.get("/assets/as-at/", {"day": "2026-03-31"}))
        pages[role] = [tag for tag in ("A", "THEIRS", "HIDDEN") if f">{tag}</a>" in page]
    client.force_login(a_requester(past))

    assert pages == {"engineer": ["A", "THEIRS"], "auditor": ["A"], "budget_approver": ["A"]}
    assert client.get("/assets/as-at/").status_code == 403


def test_what_an_undoing_has_removed_is_told_by_number(client, past):
    with change_set(by=None, now=WINTER) as deed:
        registered(past, "MISTAKE", state="in_stock")
    undo(deed, by=None)
    client.force_login(a_person(past, "auditor"))

    assert "1 that was in the register then has been removed since" in words(
        client.get("/assets/as-at/", {"day": "2026-03-31"})
    )
    assert "removed since" not in words(client.get("/assets/as-at/", {"day": "2026-01-01"}))


def test_page_gives_the_estate_as_a_spreadsheet_and_keeps_that_it_did(client, past):
    registered(a_council("CDC"), "THEIRS")
    client.force_login(manager("OCC"))
    asked = {"day": "31/3/2026", "council": "OCC", "state": "in_use"}

    page, sheet = client.get("/assets/as-at/", asked), client.post("/assets/as-at/export/", asked)

    form = html.fromstring(text_of(page)).xpath("//form[contains(@action, '/as-at/export/')]")[0]
    assert {name: value for name, value in form.fields.items() if name in asked} == asked
    rows = load_workbook(BytesIO(sheet.content))["Estate"].iter_rows(values_only=True)
    headings, *lines = [dict(enumerate(row)) for row in rows]
    assert list(headings.values())[:3] == ["Council", "Asset tag", "Serial number"]
    assert [(line[0], line[1], line[8], line[9]) for line in lines] == [("OCC", "A", "Jo", "Speedwell House")]
    kept = Export.objects.get()
    assert (kept.kind, kept.rows, kept.filters) == (
        "estate-on-a-day",
        1,
        {"as_at": "2026-03-31", "councils": ["OCC"], "state": "in_use"},
    )


def test_spreadsheet_is_for_who_may_see_registers_and_of_a_day_that_there_is(client, past):
    client.force_login(a_person(a_council("OCC"), "supplier_contact"))
    assert client.post("/assets/as-at/export/", {"day": "31/3/2026"}).status_code == 403
    client.force_login(manager("OCC"))
    assert client.post("/assets/as-at/export/", {"day": "tomorrow"}).status_code == 400


# The command


def test_command_writes_the_estate_of_the_day(tmp_path, past):
    registered(a_council("CDC"), "THEIRS")
    target = tmp_path / "march.csv"

    call_command(
        "export_sheet", "assets", target, "--council", "OCC", "--as-at", "2026-03-31", stdout=StringIO()
    )

    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = ("Asset tag", "Council", "State", "Site", "Holder", "Room", "Warranty end", "Version")
    assert [[row[name] for name in kept] for row in rows] == [
        ["A", "OCC", "In use", "Speedwell House", "Jo", "1", "", ""],
        ["B", "OCC", "In stock", "", "", "", "2027-01-01", ""],
    ]
    call_command("export_sheet", "assets", tmp_path / "all.xlsx", "--as-at", "2026-03-31", stdout=StringIO())


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["assets", "--as-at", "2999-01-01"], "not in the future"),
        (["assets", "--as-at", "March"], "as-at"),
        (["tickets", "--as-at", "2026-03-31"], "Tickets can only be taken out as they are now"),
        (["assets", "--as-at", "2026-03-31", "--council", "XXX"], "There is no council XXX"),
    ],
)
def test_command_says_what_is_wrong(tmp_path, asked, sentence):
    kind, *rest = asked
    with pytest.raises(CommandError, match=sentence):
        call_command("export_sheet", kind, tmp_path / "out.csv", *rest)
