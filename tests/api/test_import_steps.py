"""What becomes of an import through the API beyond its check: choices, narrowed rows, the file, taking it back."""

import pytest

from assets.register.models import Asset
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import run
from servicedesk.spreadsheets.models import Import
from tests.api.calling import NOTHING, as_person, as_program, problem
from tests.api.test_imports import send
from tests.factories import a_council, a_person, an_asset

pytestmark = pytest.mark.django_db

SHEET = (
    "Asset Tag,Serial Number,Room\n"
    ",S1,1.01\n"  # two of ours have this serial number
    "T2,S2,1.02\n"
    "T3,S3,1.03\n"
)
STEPS = (
    ("POST", "undo/", {}),
    ("PUT", "choices/", {"rows": {}}),
    ("GET", "file/", None),
    ("GET", "rows/?field=room", None),
)


@pytest.fixture
def kim():
    return a_person(a_council("OCC"), "asset_manager", name="Kim")


@pytest.fixture
def twins():
    made = [an_asset(a_council("OCC"), tag, serial_number="S1", room="0") for tag in ("T1", "T1b")]
    an_asset(a_council("OCC"), "T2", serial_number="S2", room="1.02")
    return made


def apply(caller, body: dict) -> dict:
    path = f"imports/{body['id']}/"
    caller.ask("POST", f"{path}apply/", {"version": body["version"], "confirmed": True})
    run(Job.objects.latest("pk").pk)
    return caller.get(path).json()


def test_row_that_may_be_two_of_ours_is_decided_and_imported(kim, twins):
    caller = as_program(kim)
    body = send(caller, SHEET).json()
    path = f"imports/{body['id']}/"
    (row,) = caller.get(f"{path}rows/?action=ambiguous").json()["results"]
    assert (row["number"], row["target"], row["candidates"]) == (2, None, [twin.pk for twin in twins])

    odd = caller.ask("PUT", f"{path}choices/", {"version": body["version"], "rows": {"two": {"target": 1}}})
    assert (odd.status_code, odd.json()["errors"]) == (
        400,
        {"rows": ["Rows are named by their numbers in the file."]},
    )
    said = {"version": body["version"], "rows": {"2": {"target": twins[1].pk}}}
    decided = caller.ask("PUT", f"{path}choices/", said)
    stale = caller.ask("PUT", f"{path}choices/", said)

    assert (decided.status_code, decided.json()["counts"]["update"]) == (200, 1)
    assert stale.status_code == 409
    assert apply(caller, decided.json())["state"] == "applied"
    assert dict(Asset.objects.values_list("asset_tag", "room")) == {
        "T1": "0",
        "T1b": "1.01",
        "T2": "1.02",
        "T3": "1.03",
    }


def test_rows_are_narrowed_by_their_problem_and_by_what_they_change(kim, twins):
    caller = as_person(kim)
    text = SHEET.replace("1.02", "2.02") + "T2,,9\n"
    path = f"imports/{send(caller, text).json()['id']}/rows/"

    def numbers(query: str) -> list[int]:
        return [row["number"] for row in caller.get(f"{path}?{query}").json()["results"]]

    assert numbers("") == [2, 3, 4, 5]
    assert numbers("problem=duplicate_in_file") == [5]
    assert numbers("problem=matches_several") == [2]
    assert numbers("field=room") == [3]
    assert numbers("field=room&action=error") == []
    assert numbers("problem=nix") == []


def test_file_comes_back_as_it_was_sent(kim):
    caller = as_program(kim)
    answer = caller.get(f"imports/{send(caller, SHEET).json()['id']}/file/")
    assert answer.getvalue() == SHEET.encode()
    assert answer["Content-Disposition"].startswith('attachment; filename="register.csv"')


def test_import_is_taken_back_and_says_what_it_left(kim, twins):
    caller = as_program(kim)
    done = apply(caller, send(caller, SHEET.replace("1.02", "2.02")).json())
    path = f"imports/{done['id']}/"

    asked = caller.ask("POST", f"{path}undo/", {"version": done["version"]})
    assert (asked.status_code, asked.json()["state"]) == (202, "undoing")
    again = caller.ask("POST", f"{path}undo/", {"version": done["version"]})
    assert (again.status_code, again.json()["job"]["id"]) == (202, asked.json()["job"]["id"])
    run(asked.json()["job"]["id"])

    undone = caller.get(path).json()
    assert (undone["state"], undone["undone"]) == (
        "undone",
        {"restored": 1, "removed": 1, "besides": 0, "left": [], "not_listed": 0},
    )
    assert dict(Asset.objects.values_list("asset_tag", "room")) == {"T1": "0", "T1b": "0", "T2": "1.02"}
    nothing = caller.ask("POST", f"{path}undo/", {"version": undone["version"]})
    assert (nothing.status_code, nothing.json()["state"]) == (202, "undone")


def test_there_is_nothing_to_take_back_before_anything_is_written(kim):
    caller = as_person(kim)
    body = send(caller, SHEET).json()
    answer = caller.ask("POST", f"imports/{body['id']}/undo/", {"version": body["version"]})
    sentence = "There is nothing to undo: this import has written nothing."
    assert (answer.status_code, answer.json()) == (409, problem(409, "Conflict", sentence))


def test_letters_are_read_again_as_the_program_says(kim):
    caller = as_program(kim)
    body = send(caller, b"Asset Tag,Room\nT1,\x8eluk\n").json()
    path = f"imports/{body['id']}/"
    assert body["sheets"][0]["encoding"] == "mac_roman"

    mapped = caller.ask("PUT", f"{path}mapping/", {"version": body["version"], "encoding": "cp1252"}).json()

    assert (mapped["sheets"][0]["encoding"], mapped["mapping"]["encoding"]) == ("cp1252", "cp1252")
    assert caller.get(f"{path}rows/").json()["results"][0]["values"]["room"] == "Žluk"
    odd = caller.ask("PUT", f"{path}mapping/", {"version": mapped["version"], "encoding": "ebcdic"})
    assert (odd.status_code, list(odd.json()["errors"])) == (400, ["encoding"])


def test_steps_of_an_import_of_the_other_council_are_as_unknown_as_none(kim):
    other = as_person(a_person(a_council("CDC"), "asset_manager"))
    theirs = send(other, SHEET, council="CDC").json()
    for key in (theirs["id"], 10**9):
        for method, path, body in STEPS:
            sent = {**body, "version": theirs["version"]} if body is not None else None
            answer = as_person(kim).ask(method, f"imports/{key}/{path}", sent)
            assert (answer.status_code, answer.json()) == (404, NOTHING)
    assert Import.objects.get().version == theirs["version"]


def test_what_is_under_way_is_stopped_by_whoever_asked_for_it(kim, twins):
    caller, colleague = as_program(kim), as_person(a_person(a_council("OCC"), "asset_manager"))
    body = send(caller, SHEET).json()
    path = f"imports/{body['id']}/"
    idle = caller.ask("POST", f"{path}cancel/")
    assert (idle.status_code, idle.json()["detail"]) == (409, "Nothing of this import is under way.")
    caller.ask("POST", f"{path}apply/", {"version": body["version"], "confirmed": True})

    assert colleague.ask("POST", f"{path}cancel/").json() == NOTHING
    stopped = caller.ask("POST", f"{path}cancel/")

    assert (stopped.status_code, stopped.json()["job"]["state"]) == (200, "cancelled")
    run(Job.objects.latest("pk").pk)
    assert not Asset.objects.filter(asset_tag="T3").exists()


def test_what_the_file_does_not_have_is_named(kim, twins):
    an_asset(a_council("CDC"), "theirs")

    body = send(as_program(kim), SHEET).json()

    assert (body["counts"]["missing"], body["missing"]) == (2, ["T1", "T1b"])
