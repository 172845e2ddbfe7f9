"""What the values of a column say of it, weighed against what the importing council has."""

import pytest

from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Import
from tests.factories import a_council, a_model, a_person, a_site, an_asset
from tests.spreadsheets.incoming import a_csv

pytestmark = pytest.mark.django_db


def columns(*rows: tuple, council=None) -> dict[str, tuple]:
    """By letter: the field that a column is taken for, why, and whether we ask."""
    started = importing.start(a_csv(*rows), "x.csv", kinds()["assets"], council or a_council(), by=None)
    return {
        column["letter"]: (column["field"], column["because"] or column["why"], bool(column["question"]))
        for column in started.table["columns"]
    }


def test_heading_that_can_mean_two_things_is_settled_by_tags_of_ours():
    an_asset(tag="T1"), an_asset(tag="T2")
    rows = (("Asset ID", "Room"), ("T1", "1"), ("T2", "2"), ("T3", "3"))

    ours = columns(*rows)
    theirs = columns(*rows, council=a_council("CDC"))

    assert ours["A"] == ("asset_tag", "2 of 3 different values are asset tags that OCC has", False)
    assert theirs["A"] == ("asset_tag", "ambiguous", True)


def test_column_with_an_unknown_heading_is_named_by_what_the_council_has_and_asked_about():
    site, other = a_site(name="Bodicote House"), a_site(name="Banbury Library")
    a_site(a_council("CDC"), "Thorpe Place"), a_site(a_council("CDC"), "Castle Quay")
    a_model("ThinkPad T14"), a_model("ThinkPad X1")
    a_person(name="Jo Okoro"), a_person(name="Ann Lee")
    rows = (
        ("Asset tag", "Where it is", "Thing", "Who has it", "Elsewhere", "Numbers"),
        ("1", site.name, "ThinkPad T14", "Jo Okoro", "Thorpe Place", "PF3ABC12"),
        ("2", other.name, "Lenovo ThinkPad X1", "Ann Lee", "Castle Quay", "PF3ABC13"),
    )

    found = columns(*rows)

    assert found["B"] == ("site", "2 of 2 different values are sites that OCC has", True)
    assert found["C"] == ("model", "2 of 2 different values are models that OCC has", True)
    assert found["D"] == ("holder", "2 of 2 different values are holders that OCC has", True)
    assert found["E"] == (None, "unknown", False)  # sites of the other council say nothing here
    assert found["F"] == ("serial_number", "All of the values look like serial numbers", True)


def test_of_two_columns_for_one_field_the_one_has_it_whose_values_fit():
    an_asset(tag="T1"), an_asset(tag="T2")
    a_site(name="Bodicote House"), a_site(name="Banbury Library")
    rows = (
        ("Label No", "Barcode", "Location", "Location", "Purchase date", "Invoice date"),
        ("900", "T1", "1.04", "Bodicote House", "", "14/09/2022"),
        ("901", "T2", "Loading bay", "Banbury Library", "", "15/09/2022"),
    )

    found = columns(*rows)

    assert [found[letter][0] for letter in "ABCDEF"] == [
        None,
        "asset_tag",
        "room",
        "site",
        None,
        "purchase_date",
    ]
    assert found["A"][2]
    assert found["F"][1] == "Its values fit better than those of column E"


def test_equal_columns_stay_as_they_were():
    rows = (("Purchase date", "Invoice date"), ("14/09/2022", "15/09/2022"), ("16/09/2022", "17/09/2022"))

    assert columns(*rows)["A"][0] == "purchase_date"


def test_samples_fill_and_dates_are_told_for_each_column():
    rows = [("Asset tag", "Purchase date", "Room")]
    rows += [(f"T{number}", f"{number % 28 + 1:02}/03/2024", "") for number in range(300)]
    started = importing.start(a_csv(*rows), "x.csv", kinds()["assets"], a_council(), by=None)

    tag, bought, room = Import.objects.get(pk=started.pk).table["columns"]

    assert (tag["filled"], tag["samples"], room["filled"], room["samples"]) == (
        300,
        ["T0", "T1", "T2"],
        0,
        [],
    )
    # of all rows, not of the first few: the days 1 to 12 could be months
    assert bought["written"] == {"dmy": 168, "mdy": 0, "either": 132}
    assert bought["order"] == "dmy"
