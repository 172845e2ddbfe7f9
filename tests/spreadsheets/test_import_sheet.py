"""The commands by which spreadsheets come in and go out."""

import json
import zipfile
from io import BytesIO

import pytest
from django.core.files import File
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import load_workbook

from assets.register.models import Asset
from servicedesk.spreadsheets.management.commands import import_sheet
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.stored_rows import rows_of
from servicedesk.tickets.models import Ticket
from tests.factories import a_council, a_person, a_site, an_asset
from tests.spreadsheets.incoming import a_csv, a_workbook

pytestmark = pytest.mark.django_db


def kept(tmp_path, file):
    path = tmp_path / file.name
    path.write_bytes(file.read())
    return path


def told(capsys, path, *options: str, kind: str = "assets") -> tuple[int, dict]:
    a_council()
    with pytest.raises(SystemExit) as ended:
        call_command("import_sheet", kind, str(path), "--council", "OCC", "--json", *options)
    return ended.value.code, json.loads(capsys.readouterr().out)


def test_good_file_is_checked_and_nothing_is_written(tmp_path, capsys):
    path = kept(
        tmp_path,
        a_workbook(("Asset tag", "Category", "State"), ("1", "Laptop", "In use"), (None, None, None)),
    )

    code, outcome = told(capsys, path)

    assert code == 0
    assert outcome == {
        "file": "register.xlsx",
        "kind": "assets",
        "council": "OCC",
        "refused": None,
        "sheets": [
            {
                "name": "Register",
                "header_row": 1,
                "data_rows": 1,
                "skipped": {"blank": 0, "subtotal_or_total": 0, "repeated_header": 0},
            }
        ],
        "counts": {"create": 1, "update": 0, "unchanged": 0, "ambiguous": 0, "error": 0},
        "problems": [],
        "applied": False,
        "change_set": None,
    }
    assert Asset.objects.count() == 0


def test_apply_writes_the_good_rows_and_hands_back_the_others(tmp_path, capsys):
    path = kept(
        tmp_path,
        a_csv(("Asset tag", "Category", "State"), ("1", "Laptop", "In use"), ("1", "Laptop", "In use")),
    )

    code, outcome = told(capsys, path, "--apply", "--rejects", str(tmp_path / "rejects.xlsx"))

    assert (code, outcome["applied"], outcome["counts"]["create"], outcome["counts"]["error"]) == (
        2,
        True,
        1,
        1,
    )
    assert outcome["change_set"] is not None
    assert outcome["problems"] == [
        {
            "sheet": "",
            "row": 3,
            "column": "A",
            "code": "duplicate_in_file",
            "severity": "error",
            "value": "1 (row 2)",
            "message": "“1 (row 2)” stands in this file more than once",
            "remedy": "Leave it in one row only, or correct it",
        }
    ]
    assert (Asset.objects.count(), (tmp_path / "rejects.xlsx").exists()) == (1, True)


def test_file_that_cannot_be_read_is_refused(tmp_path, capsys):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"")

    code, outcome = told(capsys, path, "--apply")

    assert (code, outcome["refused"]) == (
        1,
        "The file is empty. Choose a file that has headings and rows in it.",
    )


def test_only_sheet_with_headings_is_hidden(tmp_path, capsys):
    file = a_workbook(("About this book",), more={"Kit": [("Asset tag", "Category"), ("1", "Laptop")]})
    path = kept(tmp_path, hidden(file, "Kit"))

    code, outcome = told(capsys, path)
    chosen, _ = told(capsys, path, "--sheet", "Kit")

    assert (code, outcome["refused"]) == (
        1,
        "Every sheet that has headings is hidden. Choose the sheet that you mean.",
    )
    assert chosen == 0


def hidden(file, name):
    book = load_workbook(file)
    book[name].sheet_state = "hidden"
    target = BytesIO()
    book.save(target)
    return File(BytesIO(target.getvalue()), file.name)


def test_mapping_file_says_what_columns_and_words_mean(tmp_path, capsys):
    site = a_site(name="Bodicote House")
    path = kept(tmp_path, a_csv(("Ref", "Where", "Category"), ("1", "Bodicote Hse", "Laptop")))
    mapping = tmp_path / "mapping.json"
    said = {
        "header_row": 1,
        "columns": {"A": "asset_tag", "B": "site"},
        "values": {"site": {"Bodicote Hse": "Bodicote House"}},
    }
    mapping.write_text(json.dumps(said))

    code, _ = told(capsys, path, "--mapping", str(mapping), "--apply")

    assert (code, Asset.objects.get().site) == (0, site)


def test_mapping_that_does_not_fit_refuses_the_file(tmp_path, capsys):
    path = kept(tmp_path, a_csv(("Asset tag",), ("1",)))
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"columns": {"A": "password"}}')

    code, outcome = told(capsys, path, "--mapping", str(mapping))

    assert (code, outcome["refused"][:37]) == (1, "There is no field called password. Th")


def test_file_in_which_two_columns_have_one_heading_is_refused_until_one_is_chosen(tmp_path, capsys):
    path = kept(tmp_path, a_csv(("Asset tag", "Category", "Serial", "serial "), ("1", "Laptop", "S1", "S2")))
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"columns": {"C": "serial_number"}}')

    code, outcome = told(capsys, path)
    chosen, said = told(capsys, path, "--mapping", str(mapping), "--apply")

    assert (code, outcome["applied"]) == (1, False)
    assert outcome["refused"].startswith("Two columns are called serial (C, D).")
    assert (chosen, said["counts"]["create"], Asset.objects.get().serial_number) == (0, 1, "S1")


@pytest.mark.parametrize(
    "said",
    [
        [],
        {"columns": ["A"]},
        {"columns": {"A": 1}},
        {"colums": {}},
        {"header_row": "1"},
        {"sheet": 1},
        {"values": {"site": "x"}},
        {"values": []},
        {"dates": "dmy"},
    ],
)
def test_mapping_of_a_wrong_shape_is_refused(tmp_path, said):
    a_council()
    path = kept(tmp_path, a_csv(("Asset tag",), ("1",)))
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps(said))

    with pytest.raises(CommandError, match="does not look like"):
        call_command("import_sheet", "assets", str(path), "--council", "OCC", "--mapping", str(mapping))


def test_unknown_look_ups_are_created_where_allowed(tmp_path, capsys):
    path = kept(tmp_path, a_csv(("Asset tag", "Category", "Site"), ("1", "Laptop", "New House")))

    told(capsys, path, "--create", "sites,asset-models", "--apply")

    assert Asset.objects.get().site.name == "New House"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("spaceships", "x.csv", "--council", "OCC"), "There is no kind spaceships"),
        (("assets", "x.csv", "--council", "NO"), "There is no council NO"),
        (("assets", "nowhere.csv", "--council", "OCC"), "nowhere.csv cannot be read"),
        (("assets", "x.csv", "--council", "OCC", "--create", "money"), "money cannot be created with assets"),
    ],
)
def test_what_was_asked_is_not_to_be_had(arguments, sentence):
    a_council()
    with pytest.raises(CommandError, match=sentence):
        call_command("import_sheet", *arguments)


def test_zip_that_holds_one_csv_is_opened(tmp_path, capsys):
    path = tmp_path / "log.csv.zip"
    headings = ("number", "incident_state", "caller_id", "opened_at")
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("log.csv", a_csv(headings, ("INC1", "New", "Caller 1", "29/2/2016 01:16")).read())

    code, outcome = told(capsys, path, "--apply", kind="tickets")

    assert (code, outcome["counts"]["create"], Ticket.objects.get().source_ref) == (0, 1, "INC1")


def test_zip_of_several_files_is_refused(tmp_path, capsys):
    path = tmp_path / "log.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a.csv", "x")
        package.writestr("b.csv", "x")

    code, outcome = told(capsys, path, kind="tickets")

    assert (code, outcome["refused"][:39]) == (1, "This is a compressed folder, not a work")


def test_without_json_it_is_said_in_sentences(tmp_path, capsys):
    a_council()
    path = kept(tmp_path, a_csv(("Asset tag", "Category"), ("1", "Spaceship")))

    with pytest.raises(SystemExit):
        call_command("import_sheet", "assets", str(path), "--council", "OCC")

    said = capsys.readouterr().out
    assert "row 2, column B: warning: “Spaceship” is not a category that we know." in said
    assert said.endswith("Checked, nothing written: 1 create, 0 update, 0 unchanged, 0 ambiguous, 0 error\n")


def test_choices_about_rows_and_all_or_none_can_be_said(tmp_path, capsys):
    twins = [an_asset(a_council(), tag, serial_number="S1", room="old") for tag in ("1", "2")]
    path = kept(tmp_path, a_csv(("Serial number", "Room"), ("S1", "new")))
    choices = tmp_path / "choices.json"
    choices.write_text(json.dumps({"rows": {"2": {"target": twins[1].pk}}}))

    code, outcome = told(capsys, path, "--apply", "--whole")
    assert (code, outcome["refused"]) == (1, "1 rows cannot be imported as they are. Nothing was imported.")
    code, outcome = told(capsys, path, "--apply", "--whole", "--choices", str(choices))

    assert (code, outcome["counts"]["update"], outcome["applied"]) == (0, 1, True)
    assert list(Asset.objects.order_by("pk").values_list("room", flat=True)) == ["old", "new"]


@pytest.mark.parametrize("said", ["[]", "{", '{"rows": {"2": 1}}', '{"stale": "mine"}', '{"odd": 1}'])
def test_odd_choices_are_refused(tmp_path, said):
    choices = tmp_path / "choices.json"
    choices.write_text(said)
    path = kept(tmp_path, a_csv(("Tag",), ("1",)))
    a_council()

    with pytest.raises(CommandError, match="The choices"):
        call_command("import_sheet", "assets", str(path), "--council", "OCC", "--choices", str(choices))


def test_imports_are_listed_and_taken_back_and_what_they_held_back_is_written(tmp_path, capsys):
    path = kept(tmp_path, a_csv(("Tag", "Category"), ("1", "Laptop"), ("1", "Laptop")))
    told(capsys, path, "--apply")
    number = str(Import.objects.get().pk)

    call_command("imports", "--council", "OCC")
    listed = capsys.readouterr().out
    call_command("imports", "--rejects", number, str(tmp_path / "rest.xlsx"))
    call_command("imports", "--undo", number)

    assert listed.startswith(
        f"{number}: OCC; assets; register.csv; Imported; 1 create, 1 error; by the system, "
    )
    assert load_workbook(tmp_path / "rest.xlsx").active.max_row == 2
    assert capsys.readouterr().out == "1 row held back\nRestored: 0, removed: 1\n"
    assert Asset.objects.count() == 0
    for odd in (("--undo", number), ("--undo", "999")):
        with pytest.raises(CommandError, match=r"nothing to undo|There is no import"):
            call_command("imports", *odd)


def test_what_was_checked_is_imported_by_its_number(tmp_path, capsys):
    an_asset(a_council(), "1", room="old")
    an_asset(a_council(), "2", room="old")
    rows = (("Tag", "Category", "Room"), ("1", "", "new"), ("2", "", "new"), ("3", "Laptop", ""))
    told(capsys, kept(tmp_path, a_csv(*rows)))
    number = str(Import.objects.get().pk)
    other = a_person(a_council(), "engineer", name="Eng", email="eng@occ.example")

    with pytest.raises(
        CommandError, match=r"2 of the 2 assets .* would change\. Nothing was imported\. Look at it"
    ):
        call_command("imports", "--apply", number)
    with pytest.raises(CommandError, match="Eng may not import it"):
        call_command("imports", "--apply", number, "--confirmed", "--by", other.email)
    call_command("imports", "--apply", number, "--confirmed")

    assert capsys.readouterr().out == "Imported: 1 create, 2 update, 0 unchanged, 0 ambiguous, 0 error\n"
    assert list(Asset.objects.order_by("asset_tag").values_list("room", flat=True)) == ["new", "new", ""]
    with pytest.raises(CommandError, match="This import is imported. Only what was checked can be imported"):
        call_command("imports", "--apply", number)


def test_a_row_that_line_breaks_have_moved_is_told_with_its_line(tmp_path, capsys):
    a_council()
    path = kept(
        tmp_path, a_csv(("Asset tag", "Notes", "Category"), ("1", "two\nlines", "Dock"), ("2", "", "Ship"))
    )

    with pytest.raises(SystemExit):
        call_command("import_sheet", "assets", str(path), "--council", "OCC")

    assert "row 3 (line 4), column C: warning: “Ship” is not a category" in capsys.readouterr().out


def test_rows_that_cannot_be_written_are_refused_in_a_sentence_and_the_file_there_stays(tmp_path, capsys):
    told(capsys, kept(tmp_path, a_csv(("Tag", "Category"), ("1", "Laptop"))))
    there, number = tmp_path / "rest.xlsx", str(Import.objects.get().pk)
    there.write_text("kept")

    def refused(given: str) -> str:
        with pytest.raises(CommandError) as raised:
            call_command("imports", "--rejects", given, str(there))
        return str(raised.value)

    Import.objects.update(state="uploaded")
    assert refused("first") == "“first” is not the number of an import."
    assert refused(number) == "This import has no checked rows. Check the rows first."
    Import.objects.update(state="checked", withdrawn_at=timezone.now())
    assert refused(number) == f"There is no import {number}."
    call_command("imports")
    assert (there.read_text(), capsys.readouterr().out) == ("kept", "")


def test_what_has_to_be_looked_at_twice_is_imported_only_when_it_is_confirmed(tmp_path, capsys):
    for tag in ("1", "2", "3"):
        an_asset(a_council(), tag, room="old")
    path = kept(tmp_path, a_csv(("Asset tag", "Room"), ("1", "new"), ("2", "new")))

    code, outcome = told(capsys, path, "--apply")
    assert (code, outcome["applied"]) == (1, False)
    assert outcome["refused"].endswith(
        "would change. Nothing was imported. Look at it, and say --confirmed if that is what you want."
    )
    code, outcome = told(capsys, path, "--apply", "--confirmed")

    assert (code, outcome["applied"]) == (0, True)
    assert list(Asset.objects.order_by("pk").values_list("room", flat=True)) == ["new", "new", "old"]


def test_rows_are_read_again_only_for_what_is_listed_of_them(tmp_path, capsys, monkeypatch):
    read = []

    def counted(started):
        for row in rows_of(started):
            read.append(row.number)
            yield row

    monkeypatch.setattr(import_sheet, "rows_of", counted)
    a_council()
    good = [(str(number), "Laptop", "In use") for number in range(9)]
    for first, numbers in ((("0", "Laptop", "In use"), []), (("0", "Laptop", "gone"), [2, 3])):
        path = kept(tmp_path, a_csv(("Asset tag", "Category", "State"), first, *good[1:]))
        with pytest.raises(SystemExit):
            call_command("import_sheet", "assets", str(path), "--council", "OCC")
        assert read == numbers
    assert "row 2" in capsys.readouterr().out
