"""The pages on which a spreadsheet comes in."""

import re
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from assets.register.models import Asset
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import cancel, run
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Import
from tests.factories import a_council, a_person, a_requester, an_asset
from tests.spreadsheets.incoming import a_csv, a_workbook, bring

pytestmark = pytest.mark.django_db

ROWS = (("Asset tag", "Category", "State"), ("1", "Laptop", "In use"), ("2", "Laptop", "Nowhere"))


@pytest.fixture
def manager(client):
    person = a_person(a_council(), "asset_manager")
    client.force_login(person)
    return person


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def upload(client, file, council=None, **more):
    given = {"kind": "assets", "council": (council or a_council()).pk, "file": file, **more}
    return client.post("/imports/", given)


def address(started: Import, step: str = "") -> str:
    return f"/imports/{started.pk}/{step}"


def test_upload_leads_to_the_sheet(client, manager):
    response = upload(client, a_workbook(*ROWS))

    started = Import.objects.get()
    assert (response.status_code, response.url, started.started_by) == (302, address(started), manager)
    assert client.get(response.url).url == address(started, "sheet/")
    assert "2 rows of 3 columns below the headings in row 1" in text_of(
        client.get(address(started, "sheet/"))
    )


def test_columns_lead_to_the_rows_and_they_to_the_register(client, manager):
    upload(client, a_csv(*ROWS))
    started = Import.objects.get()
    given = {"column_A": "asset_tag", "column_B": "category", "column_C": "state", "version": started.version}

    asked = client.post(address(started, "mapping/"), given, follow=True)
    started.refresh_from_db()
    checked = client.post(address(started, "values/"), {"version": started.version}, follow=True)
    started.refresh_from_db()
    applying = client.post(address(started, "apply/"), {"version": started.version}, follow=True)
    run(Job.objects.get().pk)
    done = client.get(address(started))

    assert "State (1)" in text_of(asked)
    assert "Create (2)" in text_of(checked)
    assert "“Nowhere” is not a status that we know" in text_of(checked)
    assert "2 rows to import" in text_of(applying)
    assert "2 assets imported: 2 created, 0 updated." in text_of(done)
    assert Asset.objects.count() == 2


def test_old_and_new_value_stand_side_by_side(client, manager):
    an_asset(tag="1", room="Old <b>room</b>", purchase_cost_ex_vat="5.00")
    started = bring(
        a_csv(("Asset tag", "Room", "Cost"), ("1", "<i>New</i>", "£1,234.50")), a_council(), manager
    )

    page = text_of(client.get(address(started)))

    assert "Old &lt;b&gt;room&lt;/b&gt;</del> → <ins>&lt;i&gt;New&lt;/i&gt;</ins>" in page
    assert "£5.00</del> → <ins>£1,234.50</ins>" in page


def test_rows_are_filtered_by_what_becomes_of_them(client, manager):
    started = bring(a_csv(("Asset tag", "Category"), ("1", "Laptop"), ("", "Laptop")), a_council(), manager)

    first, created, nothing = (
        text_of(client.get(address(started) + query)) for query in ("", "?action=create", "?action=spaceship")
    )

    assert "The row has nothing to know it by" in first
    assert "The row has nothing to know it by" not in created
    assert "There are no such rows" in nothing


def test_rows_come_fifty_to_a_page(client, manager):
    rows = [(f"T{number:03}", "Laptop") for number in range(120)]
    started = bring(a_csv(("Asset tag", "Category"), *rows), a_council(), manager)

    page, seen = client.get(address(started)), []
    while True:
        seen += re.findall(r"Asset tag: (T\d+)<", text_of(page))
        following = re.search(r'href="(\?[^"]*cursor[^"]*)"[^>]*rel="next"', text_of(page))
        if not following:
            break
        page = client.get(address(started) + following[1].replace("&amp;", "&"))

    assert seen == [tag for tag, _ in rows]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({}, "Select the spreadsheet"),
        ({"kind": "tickets"}, "Select what the rows are from the list"),
        ({"council": "99"}, "Select the council from the list"),
    ],
)
def test_upload_says_what_is_missing(client, manager, data, sentence):
    file = {} if not data else {"file": a_csv(*ROWS)}
    response = client.post("/imports/", {"kind": "assets", "council": a_council().pk, **file, **data})

    assert (response.status_code, Import.objects.count()) == (422, 0)
    assert "There is a problem" in text_of(response)


def test_file_that_cannot_be_read_says_so(client, manager):
    page = client.get(upload(client, a_csv(("x", "y"), ("1", "2"))).url)

    assert "We found no row of headings." in text_of(page)


def test_one_field_in_two_columns_is_refused(client, manager):
    upload(client, a_csv(*ROWS))
    started = Import.objects.get()
    given = {"column_A": "asset_tag", "column_B": "asset_tag", "column_C": "", "version": started.version}

    response = client.post(address(started, "mapping/"), given)

    assert response.status_code == 422
    assert "Asset tag is already column A" in text_of(response)


def test_mapping_without_a_key_is_refused_with_a_sentence(client, manager):
    upload(client, a_csv(*ROWS))
    started = Import.objects.get()
    given = {"column_A": "", "column_B": "category", "column_C": "", "version": started.version}

    response = client.post(address(started, "mapping/"), given)

    assert response.status_code == 422
    assert "No column says which asset a row is about" in text_of(response)


def test_another_sheet_can_be_chosen(client, manager):
    upload(client, a_workbook(*ROWS, more={"Old": [("Serial No", "Disposal date"), ("S1", "1/2/2024")]}))
    started = Import.objects.get()

    given = {"sheet": "Old", "header_row": 1, "version": started.version}
    page = text_of(client.post(address(started, "sheet/"), given, follow=True))

    assert "A: Serial No" in page
    assert "Dates in column B" in page
    assert "All 1 could be read either way" in page


def test_step_with_an_older_version_is_refused(client, manager):
    started = bring(a_csv(*ROWS), a_council(), manager)

    response = client.post(address(started, "apply/"), {"version": 1})

    assert (response.status_code, Job.objects.count()) == (409, 0)


def test_step_out_of_turn_is_refused(client, manager):
    upload(client, a_csv(*ROWS))
    started = Import.objects.get()

    response = client.post(address(started, "apply/"), {"version": started.version})

    assert response.status_code == 409
    assert "Check the rows before you import them." in text_of(response)


def test_stopped_job_leaves_the_rows_to_be_checked_again(client, manager):
    started = bring(a_csv(*ROWS), a_council(), manager)
    applying = importing.apply(started, by=manager, version=started.version)
    cancel(applying.job)

    page = client.get(address(started))
    again = client.post(address(started, "check/"), follow=True)

    assert "Nothing was imported" in text_of(page)
    assert "Import 2 rows" in text_of(again)


def test_refused_rows_are_handed_back(client, manager):
    started = bring(a_csv(("Asset tag", "Room"), ("", "1")), a_council(), manager)

    response = client.get(address(started, "rejects/"))

    rows = list(load_workbook(BytesIO(response.content)).worksheets[0].iter_rows(values_only=True))
    assert response["Content-Disposition"].startswith('attachment; filename="To correct')
    assert rows[0] == ("Asset tag", "Room", "Result", "Problem")
    assert rows[1][:3] == (None, "1", "Refused")


def test_rows_that_were_not_checked_are_not_handed_back(client, manager):
    file = a_csv(("Asset tag", "Room"), ("1", "2"))
    started = importing.start(file, "x.csv", kinds()["assets"], a_council(), by=manager)

    response = client.get(address(started, "rejects/"))

    assert response.status_code == 409
    assert "This import has no checked rows. Check the rows first." in text_of(response)


STEPS = [
    ("get", ""),
    ("get", "rejects/"),
    ("post", "sheet/"),
    ("post", "mapping/"),
    ("get", "sheet/"),
    ("get", "mapping/"),
    ("get", "values/"),
    ("post", "values/"),
    ("post", "another-sheet/"),
    ("post", "check/"),
    ("post", "apply/"),
]


@pytest.mark.parametrize(("method", "step"), STEPS)
def test_import_of_the_other_council_is_not_there(client, manager, method, step):
    theirs = bring(a_csv(("Asset tag",), ("CANARY",)), a_council("CDC"))

    hidden = getattr(client, method)(address(theirs, step))
    missing = getattr(client, method)(f"/imports/999999/{step}")

    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert "CANARY" not in text_of(hidden)


def test_list_holds_the_imports_of_ones_own_councils(client, manager):
    bring(a_csv(("Asset tag",), ("1",), name="ours.csv"), a_council())
    bring(a_csv(("Asset tag",), ("1",), name="theirs.csv"), a_council("CDC"))
    log = a_csv(("number", "incident_state", "opened_at"), ("I1", "New", "1/1/2016 09:00"), name="log.csv")
    bring(log, a_council(), kind="tickets")

    page = text_of(client.get("/imports/"))

    assert "ours.csv" in page
    assert "theirs.csv" not in page
    assert "log.csv" not in page


def test_list_costs_the_same_for_one_and_three(client, manager):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/imports/").status_code == 200
        return len(asked)

    bring(a_csv(*ROWS), a_council(), manager)
    one = queries()
    bring(a_csv(*ROWS), a_council(), manager)
    bring(a_csv(*ROWS), a_council(), manager)

    assert queries() == one


def test_nobody_else_may_upload(client):
    client.force_login(a_requester())

    page, posted = client.get("/imports/"), upload(client, a_csv(*ROWS))

    assert "Upload" not in text_of(page)
    assert (posted.status_code, Import.objects.count()) == (422, 0)
