"""What a check says of every row, what a person decides about it, and when it asks once more."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files import File

from assets.register.models import Asset
from assets.register.registering import change_asset
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import run
from servicedesk.people.models import Site
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Import, WrongStep
from servicedesk.spreadsheets.moving_on import Unconfirmed
from servicedesk.spreadsheets.stored_rows import page_of
from servicedesk.spreadsheets.taking_back import take_back
from tests.factories import a_council, a_person, a_site, an_asset
from tests.spreadsheets.incoming import a_csv, actions, bring, codes, rows_of
from tests.spreadsheets.make_files import cell_xml, rows_xml, workbook

pytestmark = pytest.mark.django_db


def checked(*rows: tuple, **said) -> Import:
    return bring(a_csv(*rows), a_council(), said=said)


def changes(started: Import) -> dict[int, dict[str, list]]:
    """{row: {field: [what it was, what it will be]}}"""
    return {
        row.number: {name: change[:2] for name, change in row.changes.items()}
        for row in rows_of(started)
        if row.changes
    }


def test_a_moment_changes_where_the_sheet_says_another_one_and_money_where_it_is_another_amount():
    seen = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
    for tag in "123":
        an_asset(tag=tag, last_seen_at=seen, purchase_cost_ex_vat="742.50")

    started = checked(
        ("Asset tag", "Last seen", "Cost"),
        ("1", "2026-10-01 10:30", "742.5"),
        ("2", "2026-10-02 10:30", "742.50"),
        ("3", "2026-10-01 10:30", "742.51"),
    )

    assert changes(started) == {
        3: {"last_seen_at": ["2026-10-01T09:30:00+00:00", "2026-10-02T09:30:00+00:00"]},
        4: {"purchase_cost_ex_vat": ["742.50", "742.51"]},
    }


def test_a_column_changes_ours_fills_what_is_blank_or_changes_nothing():
    an_asset(tag="1", room="old", notes="", hostname="PC1")
    an_asset(tag="2", room="", notes="", hostname="PC2")
    policies = {"room": "fill", "hostname": "never"}

    read = checked(
        ("Tag", "Room", "Notes", "Hostname"),
        ("1", "new", "n", "X"),
        ("2", "new", "", "Y"),
        ("3", "new", "", "Z"),
        policies=policies,
    )

    assert changes(read) == {2: {"notes": ["", "n"]}, 3: {"room": ["", "new"]}}
    assert rows_of(read, "create")[0].values["hostname"] == "Z"


def test_a_blank_cell_never_erases_and_clear_does():
    site = a_site(name="Depot")
    for tag in ("1", "2"):
        an_asset(tag=tag, room="old", site=site, purchase_cost_ex_vat="5.00")

    read = checked(("Tag", "Room", "Site", "Cost"), ("1", "", "", ""), ("2", "(clear)", "(Clear)", "(CLEAR)"))

    assert actions(read) == {2: "unchanged", 3: "update"}
    assert changes(read) == {
        3: {"room": ["old", ""], "site": [site.pk, None], "purchase_cost_ex_vat": ["5.00", None]}
    }
    write(read, by=None)
    assert Asset.objects.filter(asset_tag="2").values_list("room", "site", "purchase_cost_ex_vat").get() == (
        "",
        None,
        None,
    )


def test_what_may_not_be_empty_is_not_cleared():
    an_asset(tag="1", state="in_use")

    read = checked(("Tag", "State"), ("1", "(clear)"))

    assert (actions(read), codes(read)) == ({2: "error"}, {2: ["cannot_be_cleared"]})


def test_keys_are_asked_in_the_order_that_somebody_wants():
    one, two = an_asset(tag="1", serial_number="AA1"), an_asset(tag="2", serial_number="BB2")
    rows = (("Tag", "Serial"), ("1", "BB2"))

    usual, by_serial = checked(*rows), checked(*rows, keys=["serial_number"])

    assert (actions(usual), codes(usual)) == ({2: "disagree"}, {2: ["keys_disagree"]})
    assert rows_of(usual)[0].target_id == one.pk
    assert rows_of(by_serial)[0].target_id == two.pk


def test_of_several_that_a_row_may_be_a_person_chooses_one():
    one, two = (an_asset(tag=tag, serial_number="SN1") for tag in ("1", "2"))
    elsewhere = an_asset(a_council("CDC"), tag="3", serial_number="SN1")
    read = checked(("Serial", "Room"), ("SN1", "9"))
    assert (actions(read), rows_of(read)[0].candidates) == ({2: "ambiguous"}, sorted([one.pk, two.pk]))

    odd = importing.decide(read, {"rows": {"2": {"target": elsewhere.pk}}}, by=None, version=read.version)
    assert actions(odd) == {2: "ambiguous"}
    chosen = importing.decide(odd, {"rows": {"2": {"target": two.pk}}}, by=None, version=odd.version)

    assert (actions(chosen), rows_of(chosen)[0].target_id) == ({2: "update"}, two.pk)


def sheet_of_an_asset_that_two_changed() -> Import:
    """A sheet made at version 1 in which room and notes were edited; since then somebody has changed room and host."""
    asset = an_asset(tag="1", room="before", notes="before", hostname="before")
    change_asset(asset, by=None, version=1, room="theirs", hostname="theirs")
    return checked(("Tag", "Room", "Notes", "Hostname", "Version"), ("1", "yours", "yours", "before", "1"))


def test_where_two_have_changed_a_field_it_waits_for_a_choice_and_nothing_else_is_overwritten():
    read = sheet_of_an_asset_that_two_changed()

    row = rows_of(read)[0]

    assert (row.action, codes(read)) == ("stale", {2: ["stale_version"]})
    assert row.told == {"room": ["yours", "theirs", "before"]}
    assert "hostname" not in row.changes


@pytest.mark.parametrize(("whose", "room"), [("yours", "yours"), ("theirs", "theirs"), ("before", "before")])
@pytest.mark.parametrize("of_all", [True, False])
def test_yours_theirs_or_before_is_chosen_for_a_row_or_for_all(whose, room, of_all):
    read = sheet_of_an_asset_that_two_changed()
    choices = {"stale": whose} if of_all else {"rows": {"2": {"stale": whose}}}

    write(importing.decide(read, choices, by=None, version=read.version), by=None)

    assert Asset.objects.values_list("room", "notes", "hostname").get() == (room, "yours", "theirs")


def test_what_the_file_does_not_have_is_listed_and_stays():
    an_asset(tag="1")
    missing = an_asset(tag="2")
    an_asset(a_council("CDC"), tag="3")

    read = checked(("Tag", "Room"), ("1", "9"))
    write(read, by=None)

    assert (read.counts["missing"], read.missing) == (1, [missing.pk])
    assert Asset.objects.count() == 3


def many(count: int, of: int) -> list[tuple]:
    for number in range(of):
        an_asset(tag=str(number), room="old")
    return [("Tag", "Room"), *((str(number), "new") for number in range(count))]


def test_a_second_press_is_asked_for_where_a_fifth_of_the_estate_changes():
    read = checked(*many(11, of=50))
    assert read.warnings == ["11 of the 50 assets of Oxfordshire County Council would change."]

    with pytest.raises(Unconfirmed, match="11 of the 50 assets"):
        importing.apply(read, by=None, version=read.version, confirmed=False)
    assert importing.apply(read, by=None, version=read.version, confirmed=True).state == "applying"


def test_a_second_press_is_asked_for_where_half_of_the_rows_change_or_one_passes_over_a_rule():
    half = checked(*many(11, of=80))
    gone = checked(("Tag", "Category", "State"), ("x", "Laptop", "Disposed"))

    assert half.warnings == ["11 of the 11 rows of the file would change what we have."]
    assert ["pass over a rule" in warning for warning in gone.warnings] == [True]


def test_a_small_estate_asks_for_the_second_press_too_and_a_single_row_does_not():
    assert checked(*many(2, of=4)).warnings == [
        "2 of the 4 assets of Oxfordshire County Council would change."
    ]
    assert checked(("Tag", "Room"), ("1", "new")).warnings == []


def test_all_or_nothing_imports_nothing_while_a_row_is_refused():
    read = checked(("Tag", "Category"), ("1", "Laptop"), ("", "Laptop"))

    with pytest.raises(WrongStep, match="1 rows cannot be imported"):
        importing.apply(read, by=None, version=read.version, whole=True)

    assert Import.objects.get().state == "checked"


def test_many_rows_are_checked_by_a_job_that_can_be_stopped(monkeypatch):
    monkeypatch.setattr(importing, "MOST_AT_ONCE", 1)
    file = a_csv(("Tag", "Category"), ("1", "Laptop"), ("2", "Laptop"))
    started = importing.start(file, file.name, kinds()["assets"], a_council(), by=None)

    waiting = importing.begin_check(started, by=None)
    assert waiting.state == "checking"
    with pytest.raises(WrongStep):
        importing.begin_check(waiting, by=None)
    run(waiting.job.pk)

    done = Import.objects.get()
    assert (done.state, done.counts["create"]) == ("checked", 2)
    assert Job.objects.get().state == "done"


def test_a_check_that_was_stopped_can_be_begun_again(monkeypatch):
    monkeypatch.setattr(importing, "MOST_AT_ONCE", 1)
    file = a_csv(("Tag", "Category"), ("1", "Laptop"), ("2", "Laptop"))
    waiting = importing.begin_check(
        importing.start(file, file.name, kinds()["assets"], a_council(), by=None), by=None
    )
    Job.objects.update(state="cancelled")

    again = importing.begin_check(Import.objects.select_related("job").get(), by=None)

    assert (waiting.given_up, again.state, again.job.pk != waiting.job.pk) == (False, "checking", True)


def test_a_zero_and_a_sixty_with_a_dates_format_are_errors_as_such_days_never_were():
    cells = "".join(
        f'<row r="{row}">{cell_xml(f"A{row}", f"T{row}")}<c r="B{row}" s="1"><v>{number}</v></c></row>'
        for row, number in enumerate(["0", "60", "60.5", "61", "NaN", "45000"], 2)
    )
    headings = rows_xml([["Asset tag", "Purchase date"]])
    dates = '<cellXfs><xf/><xf numFmtId="14"/></cellXfs>'
    file = File(BytesIO(workbook(data=headings + cells, styles=dates)), "register.xlsx")

    started = bring(file, a_council())

    assert codes(started) == {
        2: ["zero_as_date"],
        3: ["excel_leap_day"],
        4: ["excel_leap_day"],
        5: ["date_too_old"],
        6: ["zero_as_date"],
    }
    assert [row.number for row in rows_of(started, "error")] == [2, 3, 4, 6]
    assert [row.values.get("purchase_date") for row in rows_of(started, "create")] == [
        "1900-03-01",
        "2023-03-15",
    ]


def test_ragged_rows_are_refused_and_what_a_formula_failed_to_give_is_said():
    headings = ("Asset tag", "Category", "Serial number", "Notes", "Room", "Purchase cost")
    started = bring(
        a_csv(
            headings,
            ("T1", "Laptop"),
            ("T2", "Laptop", "S2", "Fine", "1", "5", "EXTRA", "EXTRA2"),
            (),
            ("T3", "Laptop", "S3", "#DIV/0!", "1", "5"),
            ("T4", "Laptop", "S4", "Fine", "1", "5", "EXTRA"),
        ),
        a_council(),
    )

    told = {row.number: [each["message"] for each in row.problems] for row in rows_of(started)}
    assert actions(started) == {2: "error", 3: "error", 5: "create", 6: "create"}
    assert told == {
        2: ["The row has too few cells: 4 of 6 cells missing"],
        3: ["The row has more cells than there are headings: “EXTRA, EXTRA2” stand beyond them"],
        5: ["The cell holds Excel's error #DIV/0!. We leave it empty"],
        6: ["The row has a value without a heading: “EXTRA”"],
    }


def test_rows_are_found_by_what_is_wrong_and_by_what_changes_a_page_at_a_time():
    for number in range(5):
        an_asset(tag=str(number), room="old")
    read = checked(
        ("Tag", "Room", "Site", "Notes"),
        *((str(number), "new" if number % 2 else "old", "Nowhere", "x") for number in range(5)),
    )

    by_room = page_of(read, ["update"], "changes:room")
    first = page_of(read, ["update"], "look_up_unknown", size=2)
    second = page_of(read, ["update"], "look_up_unknown", first.next, size=2)
    back = page_of(read, ["update"], "look_up_unknown", second.previous, size=2)

    assert [row.number for row in by_room.rows] == [3, 5]
    assert [[row.number for row in page.rows] for page in (first, second, back)] == [[2, 3], [4, 5], [2, 3]]
    assert (first.previous, back.previous) == ("", "")


def test_what_rows_name_is_created_once_and_only_with_what_is_written():
    read = bring(
        a_csv(
            ("Tag", "Category", "Site"), ("1", "Laptop", "Depot"), ("2", "Laptop", "Depot"), ("", "", "Attic")
        ),
        a_council(),
        create=["sites"],
    )

    write(read, by=None)

    assert [site.name for site in Site.objects.all()] == ["Depot"]
    assert set(Asset.objects.values_list("site__name", flat=True)) == {"Depot"}


def test_a_person_of_the_other_council_decides_nothing():
    read = checked(("Tag",), ("1",))
    stranger = a_person(a_council("CDC"), "asset_manager")

    for deed in (importing.undo, importing.apply):
        with pytest.raises(PermissionDenied, match="may not import"):
            deed(read, by=stranger, version=read.version)


def test_row_of_another_council_takes_no_tag_from_a_row_of_ours():
    an_asset(a_council("OCC"), "17", room="old")

    read = bring(
        a_csv(
            ("Asset tag", "Council", "Room"),
            ("17", "CDC", "theirs"),
            ("17", "OCC", "new"),
            ("18", "CDC", "theirs"),
        ),
        a_council("OCC"),
    )

    assert actions(read) == {2: "error", 3: "update", 4: "error"}
    assert codes(read) == {2: ["look_up_unknown"], 4: ["look_up_unknown"]}
    assert read.missing == []


def test_tags_that_differ_in_case_alone_are_one_unless_we_have_both():
    new = checked(("Asset tag", "Category"), ("zt-1", "Laptop"), ("ZT-1", "Laptop"))
    assert (actions(new), codes(new)) == ({2: "create", 3: "error"}, {3: ["duplicate_in_file"]})

    for tag in ("zt-1", "ZT-1"):
        an_asset(a_council(), tag, room="old")

    assert actions(checked(("Asset tag", "Room"), ("zt-1", "old"), ("ZT-1", "new"))) == {
        2: "unchanged",
        3: "update",
    }


def test_what_was_changed_and_changed_back_since_asks_for_no_choice():
    asset = an_asset(a_council(), "1", room="old")
    sheet = (("Asset tag", "Room", "Version"), ("1", "new", str(asset.version)))
    first = write(checked(*sheet), by=None)
    take_back(first, by=None)

    again = checked(*sheet)

    assert (actions(again), codes(again)) == ({2: "update"}, {})
    assert changes(again) == {2: {"room": ["old", "new"]}}
