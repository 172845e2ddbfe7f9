"""The columns of an export: which there are for whom, what drops down in them, what stays grey."""

from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.core.files import File
from openpyxl import load_workbook

from servicedesk.jobs.running import run
from servicedesk.people.grants import end, give_role
from servicedesk.spreadsheets import taking_out
from servicedesk.spreadsheets.kinds import kinds
from tests.factories import a_council, a_model, a_person, a_requester, a_site, an_asset, an_engineer
from tests.spreadsheets.incoming import bring
from tests.spreadsheets.test_exporting import exported, lines

pytestmark = pytest.mark.django_db


def test_coded_values_and_names_drop_down_and_grey_columns_look_locked():
    manager = a_person(a_council("OCC"), "asset_manager")
    a_site(a_council("OCC"), "Bodicote, House")
    a_site(a_council("CDC"), "Not ours")
    a_model("ThinkPad T14", "Lenovo")
    an_asset(a_council("OCC"), tag="1")

    book = load_workbook(BytesIO(exported(manager)))

    sheet = book["Assets"]
    letters = {cell.value: cell.column_letter for cell in sheet[1]}
    rules = {
        str(rule.sqref).partition("2:")[0]: rule.formula1
        for rule in sheet.data_validations.dataValidation
        if rule.type == "list"
    }
    dropping = {heading: rules[letter] for heading, letter in letters.items() if letter in rules}
    assert set(dropping) == {
        *("Category", "Manufacturer", "Model", "State", "Condition", "Ownership", "Site"),
        *("Can take the next OS", "Encrypted", "Network role"),
    }
    assert dropping["Condition"] == '"A: as new,B: good,C: worn,D: damaged"'
    lists = {
        column[0].value: [cell.value for cell in column[1:] if cell.value] for column in book["Lists"].columns
    }
    assert lists["Choices for Site"] == ["Bodicote, House"]
    assert {
        heading for heading, letter in letters.items() if sheet[f"{letter}2"].fill.fgColor.rgb == "FFF3F2F1"
    } == {
        "Council",
        "Version",
    }
    assert book["Lists"].sheet_state == "visible"
    assert sheet.freeze_panes == "A2"
    assert [table.ref for table in sheet.tables.values()] == [f"A1:{letters['Version']}2"]


def test_all_is_grey_for_who_may_not_bring_it_back():
    engineer = an_engineer()
    an_asset(tag="1", hostname="one")

    book = load_workbook(BytesIO(exported(engineer)))

    sheet = book["Assets"]
    assert {cell.fill.fgColor.rgb for cell in sheet[1]} == {"FFF3F2F1"}
    assert {rule.type for rule in sheet.data_validations.dataValidation} == {None}
    assert "These rows are for reading. You cannot bring them back." in [
        row[0] for row in book["About"].iter_rows(values_only=True)
    ]


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_chosen_columns_come_with_what_rows_are_known_by_and_are_remembered(format):
    council = a_council()
    manager = a_person(council, "asset_manager")
    an_asset(council, tag="001", notes="x", room="1.1")
    an_asset(council, tag="002", notes="y", room="1.2")

    export = taking_out.start(kinds()["assets"], {}, format, by=manager, columns=["room", "notes"])

    with export.file.content.open("rb") as file:
        content = file.read()
    checked = bring(File(BytesIO(content), f"a.{format}"), council, manager)
    assert [column["heading"] for column in checked.table["columns"]] == [
        *("Asset tag", "Serial number", "Hostname", "Room", "Notes", "Version")
    ]
    assert checked.counts["unchanged"] == 2
    assert taking_out.last_choice(kinds()["assets"], manager) == export
    assert taking_out.last_choice(kinds()["assets"], an_engineer()) is None


@pytest.mark.parametrize("name", ["purchase_cost_ex_vat", "nix", "pk"])
def test_column_that_there_is_not_for_the_person_is_refused(name):
    with pytest.raises(ValidationError, match=f"There is no column {name}. There are: asset_tag, "):
        taking_out.start(kinds()["assets"], {}, "csv", by=an_engineer(), columns=["room", name])


def test_column_that_was_closed_to_the_person_meanwhile_is_left_out(monkeypatch):
    monkeypatch.setattr(taking_out, "MADE_AT_ONCE", 0)
    council = a_council()
    manager = a_person(council, "asset_manager")
    an_asset(council, tag="1", room="1.1", purchase_cost_ex_vat=Decimal("5.00"))
    columns = ["room", "purchase_cost_ex_vat"]
    export = taking_out.start(kinds()["assets"], {}, "csv", by=manager, columns=columns)
    end(manager.grants.get(), by=None)
    give_role(manager, "engineer", council, by=None)

    run(export.job_id)

    export.refresh_from_db()
    with export.file.content.open("rb") as file:
        assert (
            file.read().decode("utf-8-sig").splitlines()[0]
            == '"Asset tag","Serial number","Hostname","Room","Version"'
        )


def test_staff_take_out_what_they_hold_and_what_they_are_told_of_it():
    council = a_council("OCC")
    requester = a_requester(council)
    an_asset(council, tag="1", holder=requester, notes="secret", hostname="h", room="1.1")
    an_asset(council, tag="2")

    [line] = lines(exported(requester))

    assert line | {"Model": "", "Site": ""} == {
        "Asset tag": "1",
        "Serial number": None,
        "Council": "OCC",
        "Category": "Laptop",
        "Manufacturer": None,
        "Model": "",
        "Site": "",
        "Room": "1.1",
        "Holder": requester.display_name,
    }
