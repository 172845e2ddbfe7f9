"""The pages of an import from its file to the check: sheet, columns, values; each left and come back to at will."""

import json
import math
import re
from io import BytesIO

import pytest
from django.core.files import File
from openpyxl import Workbook

from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.columns import as_cell, keep_cell
from servicedesk.spreadsheets.models import Import, MappingProfile
from servicedesk.spreadsheets.steps import reason_for_order
from tests.factories import a_council, a_person, a_site, an_asset
from tests.spreadsheets.incoming import a_csv, a_workbook, rows_of
from tests.spreadsheets.test_pages import address, text_of, upload

pytestmark = pytest.mark.django_db

ROWS = (
    ("Register of kit",),
    ("Tag", "Bought", "Cost", "Place", "Kind"),
    ("T1", "14/09/2022", "£1,200.50", "Bodicote Hse", "Laptop"),
    ("T2", "01/02/2023", "inc", "New Depot", "Laptop"),
    ("", "", "", "", ""),
    ("Total", "", "1200.50", "", ""),
)
COLUMNS = {
    "column_A": "asset_tag",
    "column_B": "purchase_date",
    "order_B": "dmy",
    "column_C": "purchase_cost_ex_vat",
    "column_D": "site",
    "column_E": "category",
    "policy_D": "fill",
    "policy_E": "never",
    "key_0": "serial_number",
    "key_1": "asset_tag",
    "save_as": "Kit",
}


@pytest.fixture
def manager(client):
    person = a_person(a_council(), "asset_manager", name="Kim")
    client.force_login(person)
    return person


def begun(client, *rows: tuple) -> Import:
    upload(client, a_workbook(*(rows or ROWS)))
    return Import.objects.latest("id")


def fresh(started: Import) -> Import:
    return Import.objects.get(pk=started.pk)


def test_from_file_to_check_a_page_each(client, manager):
    a_site(name="Bodicote House")
    started = begun(client)

    sheet = text_of(client.get(address(started, "sheet/")))
    assert "2 rows of 5 columns below the headings in row 2. Left out: 1 blank row, 1 row of totals." in sheet
    assert re.search(r'value="2" checked> <label[^>]*><span[^>]*>Headings in row </span>2</label>', sheet)
    assert "Register of kit" in sheet

    said = {"sheet": "Register", "header_row": 2, "version": started.version}
    columns = text_of(client.post(address(started, "sheet/"), said, follow=True))
    started = fresh(started)
    assert started.step == "columns"
    assert client.get(address(started)).url == address(started, "mapping/")
    assert "Filled in 2 of 2 rows (100%)" in columns
    assert "1 of 2 dates can only be day first, none only month first" in columns
    assert "£1,200.50" in columns
    assert "14/09/2022 → 14 Sep 2022" in columns
    assert "“inc” is not an amount" in columns or "inc <span" in columns

    values = text_of(
        client.post(address(started, "mapping/"), {**COLUMNS, "version": started.version}, follow=True)
    )
    started = fresh(started)
    assert (started.step, started.profile.name) == ("values", "Kit")
    assert started.mapping["policies"] == {"site": "fill", "category": "never"}
    assert started.mapping["keys"] == ["serial_number", "asset_tag"]
    assert "Site (2)" in values
    assert "Use Bodicote House" in values
    assert "In row 4" in values

    decided = {"choice_0": "=Bodicote House", "choice_1": "create", "version": started.version}
    client.post(address(started, "values/"), decided)
    started = fresh(started)
    assert (started.state, started.step) == ("checked", "check")
    assert started.mapping["values"] == {"site": {"Bodicote Hse": "Bodicote House"}}
    assert started.mapping["creates"] == {"site": ["New Depot"]}
    assert MappingProfile.objects.get().mapping["creates"] == {"site": ["New Depot"]}
    assert [row.values["site"][1] for row in rows_of(started)] == [
        "Bodicote House",
        "New Depot",
    ]

    back = text_of(client.get(address(started, "values/")))
    assert re.search(r'value="=Bodicote House" checked', back)
    assert f'href="{address(started, "mapping/")}">Columns</a>' in back
    assert '<li class="app-steps__item" aria-current="step">Values</li>' in back


def test_next_file_says_by_what_it_is_mapped_and_goes_to_what_is_new(client, manager):
    started = begun(client)
    importing.choose(started, {}, by=manager, version=started.version, save_as="Kit")
    again = begun(client)

    page = text_of(client.get(address(again), follow=True))

    assert client.get(address(again)).url == address(again, "values/")
    assert "This file is mapped by itself, as" in page
    assert f'href="/imports/mappings/{again.profile.pk}/">Kit</a>' in page


def test_rows_are_pasted_in_place_of_a_file(client, manager):
    pasted = "Asset tag\tCategory\tNotes\nT1\tLaptop\tÉté — fine\n\tLaptop\tno tag\n"
    given = {"kind": "assets", "council": a_council().pk}

    both = client.post("/imports/", {**given, "pasted": pasted, "file": a_csv(("x",), ("y",))})
    response = client.post("/imports/", {**given, "pasted": pasted})

    started = Import.objects.get()
    assert (both.status_code, "Choose a file or paste rows, not both" in text_of(both)) == (422, True)
    assert (response.url, started.file.name, started.state) == (address(started), "Pasted rows.tsv", "mapped")
    assert started.table["columns"][2]["samples"] == ["Été — fine", "no tag"]
    assert started.table["columns"][0]["filled"] == 1


def test_look_shows_what_the_values_become_and_keeps_nothing(client, manager):
    started = begun(client)
    given = {**COLUMNS, "column_C": "po_number", "order_B": "mdy", "look": "1", "version": started.version}

    page = text_of(client.post(address(started, "mapping/"), given))

    assert "01/02/2023 → 2 Jan 2023" in page
    assert "“14/09/2022” is not a date in the calendar" in page
    assert "£1,200.50" in page
    assert "£1,200.50 →" not in page
    assert (fresh(started).version, MappingProfile.objects.count()) == (1, 0)


def test_button_pressed_twice_is_one_step(client, manager):
    started = begun(client)
    given = {**COLUMNS, "version": started.version}

    first, second = (client.post(address(started, "mapping/"), given) for _ in range(2))

    assert (first.status_code, second.status_code, first.url) == (302, 302, second.url)
    assert (fresh(started).version, MappingProfile.objects.get().version) == (2, 1)


def test_two_windows_lose_nothing_that_was_chosen(client, manager):
    started = begun(client)
    importing.choose(started, {"columns": {"D": "room"}}, by=manager, version=started.version)

    late = client.post(address(started, "mapping/"), {**COLUMNS, "version": 1})
    page = text_of(late)
    again = client.post(address(started, "mapping/"), {**COLUMNS, "version": 2})

    assert late.status_code == 409
    assert "Somebody has moved this import on while you were looking at it." in page
    assert '<option value="site" selected>' in page
    assert "Column D is Room there" in page
    assert 'name="version" value="2"' in page
    assert (again.status_code, fresh(started).mapping["columns"]["D"]) == (302, "site")


def test_part_of_a_name_offers_what_fits(client, manager):
    a_site(name="Banbury Library"), a_site(name="Bicester Library")
    started = begun(client)
    client.post(address(started, "mapping/"), {**COLUMNS, "version": started.version})
    version = fresh(started).version

    def say(typed: str):
        return client.post(
            address(started, "values/"), {"choice_0": "other", "other_0": typed, "version": version}
        )

    several, none, whole = say("library"), say("zzz"), say("banbury LIBRARY")

    assert "Select what you mean by “library”" in text_of(several)
    assert "Use Banbury Library" in text_of(several)
    assert "We know no site like “zzz”" in text_of(none)
    assert whole.status_code == 302
    assert fresh(started).mapping["values"]["site"] == {"Bodicote Hse": "Banbury Library"}


def test_columns_without_a_key_or_with_one_twice_are_refused(client, manager):
    started = begun(client)

    def say(**given):
        return text_of(client.post(address(started, "mapping/"), {**COLUMNS, "version": 1, **given}))

    assert "No column says which asset a row is about. Choose a column for one of: Hostname." in say(
        key_0="hostname", key_1=""
    )
    assert "Serial number is named twice" in say(key_1="serial_number")
    assert fresh(started).version == 1


def test_each_sheet_is_imported_from_the_same_file_with_a_mapping_of_its_own(client, manager):
    old = [("Serial No", "Kind"), ("S1", "Laptop")]
    upload(client, a_workbook(*ROWS, more={"Old": old, "About": [("Words",)]}))
    first = Import.objects.get()

    page = text_of(client.get(address(first, "sheet/")))
    response = client.post(address(first, "another-sheet/"), {"sheet": "Old"})
    second = Import.objects.latest("id")
    after = text_of(client.get(address(first, "sheet/")))
    refused = client.post(address(first, "another-sheet/"), {"sheet": "About"})

    assert "The file has 3 sheets." in page
    assert "Import Old as well" in page
    assert "We found no row of headings on this sheet." in page
    assert (response.url, second.file_id, second.mapping["sheet"]) == (address(second), first.file_id, "Old")
    assert second.mapping["columns"] == {"A": "serial_number", "B": "category"}
    assert fresh(first).mapping["sheet"] == "Register"
    assert f'href="{address(second)}">an import of its own</a>' in after
    assert (refused.status_code, Import.objects.count()) == (422, 2)


def test_hidden_sheets_and_what_a_sheet_cannot_say_are_told(client, manager):
    book = Workbook()
    shown, hidden = book.active, book.create_sheet("Secret")
    for row in (("Asset tag", "Room"), ("1", "a"), ("2", "b"), ("3", "c")):
        shown.append(row)
        hidden.append(row)
    hidden.sheet_state = "hidden"
    shown.row_dimensions[3].hidden = True
    content = BytesIO()
    book.save(content)
    content.name = "x.xlsx"
    content.seek(0)
    upload(client, content)
    started = Import.objects.get()

    page = text_of(client.get(address(started, "sheet/")))
    said = {"sheet": "Secret", "header_row": 1, "version": 1}
    chosen = client.post(address(started, "sheet/"), said)

    assert "This row is hidden in the file (row 3)." in page
    assert "The sheet Secret is hidden" in page
    assert (chosen.status_code, fresh(started).mapping["sheet"]) == (302, "Secret")


def test_row_of_headings_can_be_moved_beyond_what_is_shown(client, manager):
    rows = [
        ("Asset tag", "Room"),
        *((str(n), "a") for n in range(20)),
        ("Serial number", "Site"),
        ("S1", "b"),
    ]
    started = begun(client, *rows)

    nothing = client.post(address(started, "sheet/"), {"sheet": "Register", "version": 1})
    blank = client.post(address(started, "sheet/"), {"sheet": "Register", "other_row": 900, "version": 1})
    moved = client.post(address(started, "sheet/"), {"sheet": "Register", "other_row": 22, "version": 1})

    assert (nothing.status_code, "Select the row of the headings" in text_of(nothing)) == (422, True)
    assert (blank.status_code, moved.status_code) == (422, 302)
    assert fresh(started).mapping["columns"] == {"A": "serial_number", "B": "site"}


def test_saved_mappings_are_listed_renamed_and_deleted(client, manager):
    started = begun(client)
    saved = importing.choose(started, {}, by=manager, version=1, save_as="Kit").profile
    theirs = MappingProfile.objects.create(
        council=a_council("CDC"), kind="assets", name="Theirs", signature="x", saved_at=started.started_at
    )
    path = f"/imports/mappings/{saved.pk}/"

    listed, one = text_of(client.get("/imports/mappings/")), text_of(client.get(path))
    stale = client.post(path, {"name": "Other", "version": 9})
    renamed = client.post(path, {"name": "Kit of May", "version": 1}, follow=True)
    hidden = [
        client.get(f"/imports/mappings/{theirs.pk}/"),
        client.post(f"/imports/mappings/{theirs.pk}/delete/"),
    ]
    deleted = client.post(f"{path}delete/", follow=True)

    assert ("Kit" in listed, "Theirs" in listed) == (True, False)
    assert "Saved by Kim" in one
    assert stale.status_code == 422
    assert "The mapping is now called Kit of May." in text_of(renamed)
    assert [answer.status_code for answer in hidden] == [404, 404]
    assert "The mapping Kit of May is deleted." in text_of(deleted)
    assert [profile.name for profile in MappingProfile.objects.all()] == ["Theirs"]


def test_applied_import_cannot_be_mapped_any_more(client, manager):
    an_asset(tag="T1")
    started = begun(client)
    Import.objects.filter(pk=started.pk).update(state="applied", unknown=[])

    pages = [client.get(address(started, step)).url for step in ("mapping/", "values/")]
    sheet = text_of(client.get(address(started, "sheet/")))

    assert pages == [address(started)] * 2
    assert "Go on to the columns" not in sheet


def test_a_check_that_is_asked_for_before_its_sheet_is_chosen_leads_to_the_sheet(client, manager):
    book = Workbook()
    book.active.append(["Notes alone"])
    hidden = book.create_sheet("Old")
    for line in (["Tag", "Category"], ["T1", "Laptop"]):
        hidden.append(line)
    hidden.sheet_state = "hidden"
    target = BytesIO()
    book.save(target)
    upload(client, File(BytesIO(target.getvalue()), "hidden.xlsx"))
    started = Import.objects.get()

    answer = client.post(address(started, "check/"), follow=True)

    assert answer.redirect_chain[-1] == (address(started, "sheet/"), 302)
    assert "Every sheet that has headings is hidden" in text_of(answer)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ({}, ""),
        ({"dmy": 24, "mdy": 0, "either": 6}, "24 of 30 dates can only be day first, none only month first"),
        (
            {"dmy": 0, "mdy": 1, "either": 0},
            "1 of 1 date can only be month first, none only day first: they look American",
        ),
        (
            {"dmy": 2, "mdy": 1, "either": 1},
            "2 of 4 dates can only be day first, 1 only month first: some are written the other way",
        ),
        (
            {"dmy": 0, "mdy": 0, "either": 3},
            "All 3 could be read either way: we take the day first, as written here",
        ),
    ],
)
def test_order_of_dates_gives_its_reason(written, reason):
    assert reason_for_order(written) == reason


def test_samples_are_kept_as_the_file_has_them():
    for cell in ("x", 3.0, True, None, float("inf"), float("-inf")):
        assert as_cell(keep_cell(cell)) == (cell if cell is not None else "")
    assert math.isnan(as_cell(keep_cell(float("nan"))))
    assert json.dumps([keep_cell(float("nan")), keep_cell(float("inf"))], allow_nan=False)


def test_two_columns_with_one_heading_are_asked_about_before_the_rows_are_checked(client, manager):
    started = begun(client, ("Asset tag", "Serial", "serial "), ("1", "S1", "S2"))

    columns = text_of(client.get(address(started, "mapping/")))
    refused = client.post(address(started, "check/"), {"version": started.version}, follow=True)
    said = {"column_A": "asset_tag", "column_B": "", "column_C": "serial_number", "key_0": "asset_tag"}
    client.post(address(started, "mapping/"), {**said, "version": started.version})

    assert "There are two columns called serial. The one in B is used. Which one is right?" in columns
    assert "Two columns are called serial (B, C). Say what each of them is" in text_of(refused)
    assert fresh(started).state == "checked"
    assert [row.values["serial_number"] for row in rows_of(fresh(started))] == ["S2"]
