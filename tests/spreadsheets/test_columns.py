"""What the sheet and its columns are taken for, and how a person corrects it."""

import pytest

from assets.register.models import Asset
from servicedesk.history.models import Change
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.importing import WrongStep
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.outcome import outcome
from servicedesk.spreadsheets.reading import Refused
from servicedesk.spreadsheets.rejects import write_rejects
from tests.factories import a_council, a_site, an_asset
from tests.spreadsheets.incoming import a_csv, a_workbook, bring, codes, rows_of

pytestmark = pytest.mark.django_db


def test_sheet_without_a_known_heading_is_refused_with_what_was_expected():
    started = importing.start(a_csv(("x", "y"), ("1", "2")), "x.csv", kinds()["assets"], a_council(), by=None)

    assert started.state == "refused"
    assert started.refused.startswith(
        "We found no row of headings. Put headings such as Asset tag, Serial number"
    )


def test_columns_can_be_corrected():
    started = importing.start(
        a_csv(("Asset tag", "Bin", "Category"), ("1", "A7", "Laptop")),
        "x.csv",
        kinds()["assets"],
        a_council(),
        by=None,
    )

    chosen = importing.choose(started, {"columns": {"B": "room"}}, by=None, version=started.version)
    write(importing.check(chosen, by=None), by=None)

    assert Asset.objects.get().room == "A7"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"columns": {"B": "is_superuser"}}, "There is no field called is_superuser"),
        ({"columns": {"Z": "room"}}, "The sheet has no column Z."),
        ({"columns": {"B": "room", "A": "room"}}, "Two columns cannot both be room."),
        ({"sheet": "Nowhere"}, "There is no sheet called Nowhere."),
        ({"dates": {"B": "ymd"}}, "The order of a date column is dmy or mdy"),
        ({"columns": {"A": None}}, "No column says which asset a row is about."),
    ],
)
def test_mapping_that_does_not_fit_is_refused(said, sentence):
    file = a_csv(("Asset tag", "Bin"), ("1", "2"))
    started = importing.start(file, "x.csv", kinds()["assets"], a_council(), by=None)

    with pytest.raises(Refused, match=sentence):
        importing.check(importing.choose(started, said, by=None, version=started.version), by=None)


def test_all_headings_that_several_columns_have_are_named_at_once():
    headings = ("asset_tag", "serial", "Serial ", "Colour", "Colour", "asset_tag", "Location", "Location")
    file = a_csv(headings, ("T1", "S1", "S2", "red", "blue", "T2", "Library", "1.04"))

    with pytest.raises(Refused) as refused:
        bring(file, a_council())

    assert str(refused.value) == (
        "Two columns are called asset tag (A, F). Two columns are called serial (B, C)."
        " Say what each of them is, or that it is not to be imported."
    )


def test_headings_of_internal_fields_are_not_read():
    headings = (
        "asset_tag",
        "id",
        "council_id",
        "evidence_missing",
        "legal_hold_reason",
        "holder__password",
        "registered_at",
    )
    other = an_asset(a_council("CDC"), tag="other")
    started = bring(
        a_csv(headings, ("T1", other.pk, other.council_id, "Yes", "x", "x", "2001-01-01")), a_council()
    )

    write(started, by=None)

    asset = Asset.objects.get(asset_tag="T1")
    assert [column for column in started.mapping["columns"].values() if column] == ["asset_tag"]
    assert (asset.council, asset.evidence_missing, asset.legal_hold_reason) == (a_council(), False, "")
    assert asset.registered_at.year > 2001


def test_words_can_be_said_to_mean_others():
    site = a_site(name="Bodicote House")
    said = {"values": {"site": {"Bodicote Hse": "Bodicote House"}}}

    write(bring(a_csv(("Asset tag", "Site"), ("1", "BODICOTE  hse")), a_council(), said=said), by=None)

    assert Asset.objects.get().site == site


def test_whole_column_can_have_the_month_first():
    rows = (("Asset tag", "Purchase date"), ("1", "09/14/2022"))

    refused = bring(a_csv(*rows), a_council())
    read = bring(a_csv(*rows), a_council(), said={"dates": {"B": "mdy"}})

    assert "month_first_date" in codes(refused)[2]
    assert rows_of(read)[0].values["purchase_date"] == "2022-09-14"


def test_another_row_of_headings_can_be_chosen():
    file = a_workbook(("Asset tag", "Site"), ("Tag", "Category"), ("1", "Laptop"))
    started = importing.start(file, "x.xlsx", kinds()["assets"], a_council(), by=None)

    chosen = importing.choose(started, {"header_row": 2}, by=None, version=started.version)

    assert chosen.mapping["columns"] == {"A": "asset_tag", "B": "category"}


def test_sheet_with_most_rows_is_proposed_and_the_others_are_told():
    small = [("Serial No", "Certificate No"), ("S9", "C1")]
    file = a_workbook(("Asset tag",), ("1",), ("2",), more={"Read me": [("About",)], "Disposed": small})

    checked = bring(file, a_council())

    told = [(sheet["name"], sheet["header_row"], sheet["data_rows"]) for sheet in outcome(checked)["sheets"]]
    assert checked.mapping["sheet"] == "Register"
    assert told == [("Register", 1, 2), ("Read me", None, 0), ("Disposed", 1, 1)]


def test_choice_of_another_row_of_headings_is_recorded_and_forgets_the_old_check(tmp_path):
    file = a_workbook(("Asset tag", "Room"), ("Tag", "Category"), ("1", "=1+1"), ("", "x"))
    checked = bring(file, a_council())

    chosen = importing.choose(checked, {"header_row": 2}, by=None, version=checked.version)

    change = Change.objects.filter(kind="spreadsheets.import").order_by("-id")[0]
    assert change.fields["state"][:2] == ["checked", "mapped"]
    assert (chosen.counts, chosen.notes, chosen.packed.count()) == ({}, [], 0)
    with pytest.raises(WrongStep, match="no checked rows"):
        write_rejects(chosen, tmp_path / "rejects.xlsx")
