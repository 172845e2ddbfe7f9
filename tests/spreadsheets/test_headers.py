import pytest

from servicedesk.spreadsheets.headers import ASSETS, Synonyms, duplicates, match, normalise


def only(heading: str, *cells: object) -> tuple:
    """What a column of its own is taken for."""
    found = match([heading], [cells], ASSETS)[0]
    return found.field, found.why


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("Asset No. ", "asset_tag"),
        ("asset_tag", "asset_tag"),
        ("Serial\nNumber", "serial_number"),
        ("S/N", "serial_number"),
        ("Make & Model", "model"),
        ("Cost (£ ex VAT)", "purchase_cost"),
        ("Support / LDOS", "vendor_end_of_support"),
        ("Where / Site", "location_site"),
        ("Issued To", "assigned_user_name"),
        ("\ufeffBarcode", "asset_tag"),
    ],
)
def test_match_knows_headings_however_they_are_written(heading, name):
    assert only(heading, "x") == (name, "exact")


def test_match_knows_every_heading_of_the_list():
    for name, aliases in ASSETS.fields.items():
        for alias in aliases:
            assert ASSETS.by_alias[normalise(alias)] == name


@pytest.mark.parametrize(
    "heading", ["Sr No.", "#", "Age (years)", "Net book value", "Colour definition", "ID"]
)
def test_match_never_imports_row_numbers_sums_and_legends(heading):
    assert only(heading, "1") == (None, "never")


@pytest.mark.parametrize(
    ("heading", "cells", "name", "why"),
    [
        ("Name", ["EX-LT-1", None, "EX-LT-2"], "hostname", "values"),
        ("Name", ["Latitude 5440"], "model", "values"),
        ("User", ["Jo Okoro"], "assigned_user_name", "values"),
        ("User", ["Okoro,Jo"], "assigned_user_name", "values"),
        ("User", ["jokoro"], "assigned_user_login", "values"),
        ("User", ["jo@example.gov.uk"], "assigned_user_email", "values"),
        ("Warranty", ["36", "3 years"], "warranty_months", "values"),
        ("Warranty", ["36", "30/06/2024"], "warranty_end", "values"),
        ("Warranty", ["Yes", "No"], None, "values"),
        ("In use", ["Yes", "Y"], "status", "values"),
        ("Status", ["Active", "Purple"], "status", "ambiguous"),
        ("Vendor", ["Cisco", "HP"], "manufacturer", "values"),
        ("Vendor", ["Example Supplies"], "supplier", "ambiguous"),
        ("Owner", ["Housing"], None, "ambiguous"),
        ("EOS", ["31/10/2027"], "vendor_end_of_support", "ambiguous"),
        ("Asset ID", ["17"], "asset_tag", "ambiguous"),
        ("Warranty", [], "warranty_end", "ambiguous"),
        ("Mgmt IP", ["10.0.0.1", "10.0.0.2"], "ip_address", "values"),
        ("Wireless", ["00-1a-2b-3c-4d-5e"], "mac_address", "values"),
        ("Contact", ["jo@example.gov.uk"], "assigned_user_email", "values"),
        ("Watts", ["85"], None, "unknown"),
        ("", ["x"], None, "empty"),
        ("is_superuser", ["1"], None, "unknown"),
    ],
)
def test_match_decides_by_the_values_or_asks(heading, cells, name, why):
    found = match([heading], [cells], ASSETS)[0]
    assert (found.field, found.why) == (name, why)
    asked = (
        why == "ambiguous" or heading in ("Mgmt IP", "Wireless", "Contact") or (why == "values" and not name)
    )
    assert bool(found.question) == asked


def test_match_asks_whether_the_second_location_is_the_room():
    first, second = match(["Location", "Location"], [["Library"], ["1.04"]], ASSETS)
    assert (first.field, first.why, first.letter) == ("location_site", "exact", "A")
    assert (second.field, second.why, second.letter) == ("location_room", "ambiguous", "B")
    assert second.question == "There are two columns called Location. Is the second one location room?"


def test_match_asks_nothing_about_two_columns_that_are_never_imported():
    assert [(each.why, each.question) for each in match(["No", "No"], [[], []], ASSETS)] == [
        ("never", "")
    ] * 2


def test_match_uses_the_first_of_two_columns_with_one_heading():
    first, second = match(["Serial", "Serial "], [["S1"], ["S2"]], ASSETS)
    assert (first.field, second.field, second.why) == ("serial_number", None, "duplicate")
    assert (
        second.question == "There are two columns called Serial . The one in A is used. Which one is right?"
    )


def test_match_gives_a_field_to_one_column_only():
    first, second = match(["Purchase date", "Invoice date"], [[], []], ASSETS)
    assert (first.field, second.field, second.why) == ("purchase_date", None, "taken")
    assert second.question == "Columns A and B both look like purchase date. Which one is right?"


def test_match_lets_values_name_a_column_only_where_no_heading_does():
    addresses = ["jo@example.gov.uk"]
    assert [each.field for each in match(["Contact", "Email"], [addresses, addresses], ASSETS)] == [
        None,
        "assigned_user_email",
    ]


def test_match_serves_any_kind_that_brings_its_headings():
    tickets = Synonyms({"reference": ["number"], "opened": ["opened at"], "_ignore": ["sys id"]})
    found = match(["Number", "opened_at", "sys_id", "Other"], [[], [], [], []], tickets)
    assert [(each.field, each.why) for each in found] == [
        ("reference", "exact"),
        ("opened", "exact"),
        (None, "never"),
        (None, "unknown"),
    ]
    assert tickets.known == {"number", "reference", "opened", "opened at", "sys id"}


def test_duplicates_name_the_columns():
    assert duplicates(["Tag", "serial", "Serial ", "", ""]) == {"serial": ["B", "C"]}
