"""A register of 5,000 rows from the file to the estate, what we do not know in it decided, and taken back again."""

import pytest
from playwright.sync_api import expect

from assets.register.models import Asset
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import run
from servicedesk.people.models import Site
from tests.factories import a_council, a_person, a_site
from tests.journeys.keyboard import Hands
from tests.spreadsheets.incoming import a_csv

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ROWS = 5_000
SITES = ("County Hall", "County Hal", "New Depot")


def register() -> bytes:
    rows = ((f"OCC-{row}", f"SN{row:06}", "Laptop", "In stock", SITES[row % 3]) for row in range(ROWS))
    return a_csv(("Asset tag", "Serial number", "Category", "Status", "Site"), *rows).read()


def work(desk: Hands, words: str) -> None:
    """The page waits, and shows by itself that the work is done."""
    bar = desk.page.locator("[role=status]")
    expect(bar).to_be_visible()
    assert desk.faults() == []
    run(Job.objects.latest("pk").pk)
    desk.sees(words)


def test_five_thousand_rows_come_in_and_are_taken_back(browser, live_server):
    a_site(a_council("OCC"), "County Hall")
    desk = Hands(browser, live_server.url, a_person(a_council("OCC"), "asset_manager", name="Kim"), 1280)
    desk.go("/imports/")
    desk.choose("Assets")
    desk.page.get_by_label("Spreadsheet").set_input_files(
        {"name": "register.csv", "mimeType": "text/csv", "buffer": register()}
    )
    desk.press("Upload")
    desk.sees("5,000 rows of 5 columns below the headings in row 1.")
    desk.press("Go on to the columns")
    desk.sees("Filled in 5,000 of 5,000 rows (100%)")
    desk.press("Save and go on")
    desk.choose("Use County Hall")
    desk.choose("Create “New Depot”")
    assert desk.faults() == []
    desk.press("Check the rows")
    desk.sees("Create (5,000)")
    desk.press("Import 5,000 rows")
    work(desk, "5,000 assets imported: 5,000 created, 0 updated.")

    assert sites() == {"County Hall": 3334, "New Depot": 1666}
    desk.press("Undo this import")
    desk.press("Yes, undo this import")
    work(desk, "This import was undone")

    assert (Asset.objects.count(), list(Site.objects.values_list("name", flat=True))) == (0, ["County Hall"])


def sites() -> dict[str, int]:
    return {site.name: Asset.objects.filter(site=site).count() for site in Site.objects.all()}


def test_words_and_names_without_a_space_fit_a_phone_at_every_step(browser, live_server):
    endless = "x" * 90
    desk = Hands(browser, live_server.url, a_person(a_council("OCC"), "asset_manager", name="Kim"), 375)
    sheet = a_csv(
        (f"Asset tag {endless}", "Category", "Site", endless), (endless[:60], "Laptop", endless, endless)
    )
    desk.go("/imports/")
    desk.choose("Assets")
    desk.page.get_by_label("Spreadsheet").set_input_files(
        {"name": f"{endless}.csv", "mimeType": "text/csv", "buffer": sheet.read()}
    )
    desk.press("Upload")
    desk.sees("Go on to the columns")
    assert desk.faults() == []
    desk.press("Go on to the columns")
    desk.sees("Filled in 1 of 1 rows (100%)")
    assert desk.faults() == []
    desk.page.locator("select[name=column_A]").select_option("asset_tag")
    desk.press("Save and go on")
    desk.sees("What we do not know")
    assert desk.faults() == []
    desk.press("Check the rows")
    desk.sees("Create (1)")
    assert desk.faults() == []
    desk.go("/imports/")
    assert desk.faults() == []
