"""A spreadsheet through the API: sent, looked at, corrected, applied; rejects back; rows taken out again."""

from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from openpyxl import load_workbook

from assets.register.models import Asset
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import run
from servicedesk.people.grants import end
from servicedesk.spreadsheets.models import Import
from tests.api.calling import NOTHING, PROBLEM, as_person, as_program, invalid, problem
from tests.factories import a_council, a_person, a_site, an_engineer
from tests.spreadsheets.make_files import rows_xml, workbook

pytestmark = pytest.mark.django_db

SHEET = (
    "Asset Tag,Serial Number,Category,Status,Site,Purchase Price\n"
    "T1,S1,Laptop,In stock,County Hall,812.50\n"
    "T2,S2,Laptop,In stock,County Hall,ten\n"
    "T3,S3,Monitor,In stock,County Hall,99\n"
)


@pytest.fixture
def kim():
    return a_person(a_council("OCC"), "asset_manager", name="Kim")


def send(caller, text: str | bytes = SHEET, name: str = "register.csv", **fields):
    """Upload a file; a field that is None is left out."""
    content = text.encode() if isinstance(text, str) else text
    sent = {"file": SimpleUploadedFile(name, content), "kind": "assets", "council": "OCC", **fields}
    given = {key: value for key, value in sent.items() if value is not None}
    return caller.generic("POST", "imports/", encode_multipart(BOUNDARY, given), MULTIPART_CONTENT)


def test_import_from_file_to_register(kim):
    a_site(a_council("OCC"), "County Hall")
    program = as_program(kim)

    sent = send(program)

    body = sent.json()
    path = f"imports/{body['id']}/"
    assert sent.status_code == 201, body
    assert {
        name: body[name]
        for name in ("kind", "council", "file", "state", "counts", "refused", "applied", "job")
    } == {
        "kind": "assets",
        "council": "OCC",
        "file": "register.csv",
        "state": "checked",
        "counts": {"create": 2, "update": 0, "unchanged": 0, "ambiguous": 0, "error": 1},
        "refused": None,
        "applied": False,
        "job": None,
    }
    assert body["started_by"] == {"id": kim.pk, "name": "Kim"}
    assert program.get(path).json() == body

    asked = program.ask("POST", f"{path}apply/", {"version": body["version"]})
    assert (asked.status_code, asked.json()["state"], asked.json()["job"]["state"]) == (
        202,
        "applying",
        "queued",
    )
    again = program.ask("POST", f"{path}apply/", {"version": body["version"]})
    assert (again.status_code, again.json()["job"]["id"]) == (202, asked.json()["job"]["id"])

    run(Job.objects.get().pk)

    done = program.get(path).json()
    assert (done["state"], done["applied"], done["job"]["state"]) == ("applied", True, "done")
    assert done["change_set"] == Import.objects.get().change_set_id
    assert list(Asset.objects.order_by("asset_tag").values_list("asset_tag", "purchase_cost_ex_vat")) == [
        ("T1", Decimal("812.50")),
        ("T3", Decimal("99.00")),
    ]


def test_rows_say_what_they_would_do(kim):
    site = a_site(a_council("OCC"), "County Hall")
    caller = as_person(kim)
    path = f"imports/{send(caller).json()['id']}/rows/"

    first = caller.get(path).json()["results"][0]
    wrong = caller.get(f"{path}?action=error").json()

    assert (first["number"], first["action"], first["target"], first["problems"]) == (2, "create", None, [])
    assert first["values"]["site"] == {"id": site.pk, "name": "County Hall"}
    assert [row["number"] for row in wrong["results"]] == [3]
    found = wrong["results"][0]["problems"][0]
    assert {name: found[name] for name in ("row", "column", "severity", "value")} == {
        "row": 3,
        "column": "F",
        "severity": "error",
        "value": "ten",
    }
    assert found["message"]
    assert found["remedy"]
    assert caller.get(f"{path}?action=nix").status_code == 400


def test_mapping_is_corrected_and_the_rows_are_checked_again(kim):
    a_site(a_council("OCC"), "County Hall")
    caller = as_person(kim)
    body = send(caller).json()
    path = f"imports/{body['id']}/mapping/"
    said = {"version": body["version"], "columns": {"F": None}, "create": []}

    mapped = caller.ask("PUT", path, said)
    stale = caller.ask("PUT", path, said)

    assert mapped.json()["counts"] == {"create": 3, "update": 0, "unchanged": 0, "ambiguous": 0, "error": 0}
    assert mapped.json()["mapping"]["columns"]["F"] is None
    sentence = "Somebody has moved this import on while you were looking at it."
    assert (stale.status_code, stale.json()) == (409, problem(409, "Conflict", sentence))


@pytest.mark.parametrize(
    "said",
    [
        {"columns": {"Z": "asset_tag"}},
        {"columns": {"A": "nonsense"}},
        {"columns": {"A": "site", "B": "site"}},
        {"columns": {"A": None, "B": None}},
        {"columns": {"A": 1}},
        {"columns": {"": "asset_tag"}},
        {"columns": []},
        {"sheet": "No such sheet"},
        {"header_row": 10**6},
        {"header_row": 10**30},
        {"header_row": 0},
        {"dates": {"A": "ymd"}},
        {"dates": {"ZZ": "dmy"}},
        {"values": {"site": "x"}},
        {"values": {"nonsense": {"a": "b"}}},
        {"create": ["everything"]},
        {"create": "sites"},
        {"version": 10**30},
        {"version": None},
    ],
)
def test_odd_mappings_are_refused_or_change_nothing(kim, said):
    caller = as_person(kim)
    body = send(caller).json()

    answer = caller.ask("PUT", f"imports/{body['id']}/mapping/", {"version": body["version"], **said})

    assert answer.status_code in (200, 400, 409), answer.content
    assert answer.status_code == 200 or answer["Content-Type"] == PROBLEM
    assert not Asset.objects.exists()


def test_a_file_that_cannot_be_read_is_kept_and_says_why(kim):
    body = send(as_person(kim), b"\x00\x01\x02", "x.xlsx")
    assert body.status_code == 201
    assert body.json()["state"] == "refused"
    assert body.json()["refused"]


def test_a_file_whose_columns_say_too_little_says_so(kim):
    caller = as_person(kim)
    body = send(caller, "Site,Status\nCounty Hall,In stock\n").json()
    assert (body["state"], body["counts"]) == ("mapped", {})
    assert body["refused"].startswith("No column says which asset a row is about.")
    assert caller.ask("POST", f"imports/{body['id']}/apply/", {"version": body["version"]}).status_code == 409
    assert caller.get(f"imports/{body['id']}/rejects/").json() == problem(
        409, "Conflict", "This import has no checked rows. Check the rows first."
    )


def test_of_two_columns_with_one_heading_somebody_says_which_is_meant(kim):
    caller = as_person(kim)
    body = send(caller, "asset_tag,serial,Serial ,category\nT1,S1,S2,Laptop\n").json()
    path, asked = f"imports/{body['id']}/mapping/", {"version": body["version"]}
    sentence = (
        "Two columns are called serial (B, C). Say what each of them is, or that it is not to be imported."
    )
    assert (body["state"], body["refused"]) == ("mapped", sentence)
    assert body["mapping"]["columns"] == {"A": "asset_tag", "B": "serial_number", "D": "category"}
    assert caller.ask("POST", f"imports/{body['id']}/apply/", asked).status_code == 409

    nothing = caller.ask("PUT", path, asked)
    version = caller.get(f"imports/{body['id']}/").json()["version"]
    left_out = caller.ask("PUT", path, {"version": version, "columns": {"C": None}})
    version = left_out.json()["version"]
    other = caller.ask("PUT", path, {"version": version, "columns": {"C": "serial_number"}})

    assert (nothing.status_code, nothing.json()["detail"]) == (400, sentence)
    assert (left_out.json()["state"], left_out.json()["mapping"]["columns"]["C"]) == ("checked", None)
    assert other.json()["mapping"]["columns"] == {
        "A": "asset_tag",
        "B": None,
        "C": "serial_number",
        "D": "category",
    }
    (row,) = caller.get(f"imports/{body['id']}/rows/").json()["results"]
    assert row["values"]["serial_number"] == "S2"


def test_a_row_is_told_with_its_line_where_line_breaks_in_cells_have_moved_it(kim, client):
    caller = as_person(kim)
    text = 'Asset tag,Category,Notes\nT1,Laptop,"one\ntwo, ""three"""\nT2,Laptop,\nT2,Laptop,\n'
    path = f"imports/{send(caller, text).json()['id']}/"

    rows = caller.get(f"{path}rows/").json()["results"]
    rest = list(load_workbook(BytesIO(caller.get(f"{path}rejects/").content)).active.values)
    client.force_login(kim)
    page = client.get(f"/{path}?action=error").content.decode()

    assert [(row["number"], row["line"], row["action"]) for row in rows] == [
        (2, None, "create"),
        (3, 4, "create"),
        (4, 5, "error"),
    ]
    assert rest[1][-1].startswith(
        "Row 4, line 5 of the file.\n“T2 (row 3)” stands in this file more than once."
    )
    assert "4, line 5 of the file" in page


def test_a_number_beyond_all_numbers_is_an_error_of_its_row(kim, client):
    caller = as_person(kim)
    headings = ["Asset tag", "Category", "Purchase cost", "Purchase date", "Notes", "Serial number"]
    nan, beyond = float("nan"), float("inf")
    rows = [
        ["T1", "Laptop", nan, None, None, None],
        ["T2", "Laptop", None, beyond, None, None],
        ["T3", "Laptop", None, None, beyond, None],
        ["T4", "Laptop", None, None, None, -beyond],
    ]

    body = send(caller, workbook(data=rows_xml([headings, *rows])), "register.xlsx").json()

    assert (body["state"], body["counts"]["error"]) == ("checked", 4)
    found = [row["problems"] for row in caller.get(f"imports/{body['id']}/rows/").json()["results"]]
    assert [[(each["row"], each["column"], each["message"]) for each in own] for own in found] == [
        [(2, "C", "“nan” is no number, or one beyond all numbers")],
        [(3, "D", "“inf” is no number, or one beyond all numbers")],
        [(4, "E", "“inf” is no number, or one beyond all numbers")],
        [(5, "F", "“-inf” is no number, or one beyond all numbers")],
    ]
    assert caller.get(f"imports/{body['id']}/rejects/").status_code == 200
    client.force_login(kim)
    assert client.get(f"/imports/{body['id']}/mapping/").status_code == 200


def test_rejects_come_back_as_a_workbook(kim):
    a_site(a_council("OCC"), "County Hall")
    caller = as_person(kim)
    path = f"imports/{send(caller).json()['id']}/rejects/"

    answer = caller.get(path)

    assert answer["Content-Disposition"].startswith("attachment; filename=")
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert rows[0][:2] + rows[0][-2:] == ("Asset Tag", "Serial Number", "Result", "Problem")
    assert [row[0] for row in rows[1:]] == ["T2"]
    as_a_workbook = caller.get(path, HTTP_ACCEPT=answer["Content-Type"])
    assert as_a_workbook.status_code == 200


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"file": None}, {"file": ["No file was submitted."]}),
        ({"council": "XXX"}, {"council": ["Object with code=XXX does not exist."]}),
        ({"council": None}, {"council": ["This field is required."]}),
        ({"kind": "cats"}, {"kind": ["There is no kind cats. There are: {kinds}."]}),
        ({"text": ""}, {"file": ["The submitted file is empty."]}),
    ],
)
def test_what_is_missing_is_said_by_field(kim, fields, wrong):
    answer = send(as_person(kim), **fields).json()
    if "kind" in wrong:
        assert answer["errors"]["kind"][0].startswith("There is no kind cats. There are: ")
    else:
        assert answer == invalid(**wrong)


def test_text_beside_a_file_is_as_clean_as_any(kim):
    answer = send(as_person(kim), council="O\0CC")
    sentence = "Remove the character that cannot be shown (number 2 of the text) and try again"
    assert answer.json() == invalid(council=[sentence])


def test_a_file_that_is_too_large_gets_413(kim, settings):
    settings.IMPORT_MAX_BYTES = 100
    assert send(as_person(kim)).status_code == 413
    assert not Import.objects.exists()


def test_importing_needs_the_right_at_that_council(kim):
    a_council("CDC")
    sentence = "You may not import assets for this council."
    for caller, council in ((as_person(kim), "CDC"), (as_person(an_engineer()), "OCC")):
        answer = send(caller, council=council)
        assert (answer.status_code, answer.json()) == (403, problem(403, "Forbidden", sentence))
    assert send(as_person(kim), kind="tickets").status_code == 403


def test_an_import_of_the_other_council_is_as_unknown_as_none(kim):
    other = a_person(a_council("CDC"), "asset_manager")
    theirs = send(as_person(other), council="CDC").json()
    caller = as_person(kim)
    for key in (theirs["id"], 10**9):
        for method, path, body in (
            ("GET", "", None),
            ("GET", "rows/", None),
            ("GET", "rejects/", None),
            ("PUT", "mapping/", {"version": theirs["version"]}),
            ("POST", "apply/", {"version": theirs["version"]}),
        ):
            answer = caller.ask(method, f"imports/{key}/{path}", body)
            assert (answer.status_code, answer.json()) == (404, NOTHING)
    assert caller.get("imports/").json()["results"] == []


def test_whose_grant_has_ended_has_no_imports_at_the_next_request(kim):
    program = as_program(kim)
    path = f"imports/{send(program).json()['id']}/"
    assert program.get(path).status_code == 200
    end(kim.grants.get(), by=None)
    assert program.get(path).json() == NOTHING


def test_imports_are_listed_newest_first(kim):
    caller = as_person(kim)
    ids = [send(caller, name=f"{number}.csv").json()["id"] for number in (1, 2)]
    listed = caller.get("imports/").json()["results"]
    assert [row["id"] for row in listed] == ids[::-1]
    assert set(listed[0]) == {
        "id",
        "kind",
        "council",
        "file",
        "state",
        "counts",
        "started_by",
        "started_at",
        "applied_at",
        "version",
    }
