"""What a file is said to be, by program: the whole mapping, saved under a name, found again, renamed, deleted."""

import pytest

from servicedesk.history.models import Change
from servicedesk.spreadsheets.models import Import, MappingProfile
from tests.api.calling import NOTHING, as_person, as_program, problem
from tests.api.test_imports import send
from tests.factories import a_council, a_person, a_site, an_engineer

pytestmark = pytest.mark.django_db

SHEET = "Asset Tag,Bin,Where,Bought\nT1,A7,Bodicote Hse,01/02/2024\nT2,B9,New Depot,14/02/2024\n"
SAID = {
    "columns": {"B": "room", "C": "site"},
    "values": {"site": {"Bodicote Hse": "Bodicote House"}},
    "creates": {"site": ["New Depot"]},
    "policies": {"room": "fill"},
    "keys": ["serial_number", "asset_tag"],
    "dates": {"D": "dmy"},
}


@pytest.fixture
def kim():
    return a_person(a_council("OCC"), "asset_manager", name="Kim")


def mapped(caller, **more) -> dict:
    body = send(caller, SHEET, "Kit 2026-05.csv").json()
    answer = caller.ask("PUT", f"imports/{body['id']}/mapping/", {"version": body["version"], **SAID, **more})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_mapping_carries_all_that_the_pages_do_and_is_found_next_time(kim):
    house = a_site(name="Bodicote House")
    program = as_program(kim)

    first = mapped(program, save_as="Kit")
    second = send(program, SHEET, "Kit 2026-06.csv").json()
    saved = program.get("mappings/").json()["results"]

    assert {part: first["mapping"][part] for part in SAID if part != "columns"} == {
        part: said for part, said in SAID.items() if part != "columns"
    }
    assert first["unknown"] == [
        {"field": "site", "written": "Bodicote Hse", "count": 1, "rows": [2], "creatable": True},
        {"field": "site", "written": "New Depot", "count": 1, "rows": [3], "creatable": True},
    ]
    rows = program.get(f"imports/{first['id']}/rows/").json()["results"]
    assert [row["values"]["site"] for row in rows] == [
        {"id": house.pk, "name": "Bodicote House"},
        {"id": None, "name": "New Depot"},
    ]
    profile = MappingProfile.objects.get()
    assert first["profile"] == second["profile"] == {"id": profile.pk, "name": "Kit"}
    assert second["mapping"] == first["mapping"]
    assert (second["state"], second["counts"]["create"]) == ("checked", 2)
    assert [
        {name: each[name] for name in ("id", "name", "kind", "council", "source", "saved_by", "version")}
        for each in saved
    ] == [
        {
            "id": profile.pk,
            "name": "Kit",
            "kind": "assets",
            "council": "OCC",
            "source": "Kit",
            "saved_by": {"id": kim.pk, "name": "Kim"},
            "version": 1,
        }
    ]


def test_saved_mapping_can_be_named_for_a_file_with_other_headings(kim):
    a_site(name="Bodicote House")
    caller = as_person(kim)
    mapped(caller, save_as="Kit")
    other = send(caller, "Where,Asset Tag,Colour\nBodicote Hse,T1,red\n", "other.csv").json()
    path = f"imports/{other['id']}/mapping/"

    answer = caller.ask("PUT", path, {"version": other["version"], "profile": "kit"}).json()
    unknown = caller.ask("PUT", path, {"version": answer["version"], "profile": "Nix"})

    assert (other["profile"], answer["profile"]["name"]) == (None, "Kit")
    assert answer["mapping"]["columns"] == {"A": "site", "B": "asset_tag", "C": None}
    sentence = "There is no saved mapping called Nix for assets of OCC."
    assert (unknown.status_code, unknown.json()) == (400, problem(400, "Bad Request", sentence))


def test_what_all_rows_say_is_given_once_whatever_the_sheet_says_and_is_not_kept_for_the_next(kim):
    house = a_site(name="Bodicote House")
    caller = as_person(kim)
    body = send(caller, "Asset Tag,Site\nT1,Elsewhere\nT2,\n", "Kit 2026-05.csv").json()
    path = f"imports/{body['id']}"
    said = {"version": body["version"], "given": {"site": "Bodicote House", "room": "7"}, "save_as": "Kit"}

    given = caller.ask("PUT", f"{path}/mapping/", said).json()
    rows = [row["values"] for row in caller.get(f"{path}/rows/").json()["results"]]
    changed = caller.ask(
        "PUT", f"{path}/mapping/", {"version": given["version"], "given": {"site": ""}}
    ).json()

    assert given["mapping"]["given"] == {"site": "Bodicote House", "room": "7"}
    place = {"site": {"id": house.pk, "name": "Bodicote House"}, "room": "7"}
    assert [{name: row[name] for name in place} for row in rows] == [place, place]
    assert changed["mapping"]["given"] == {"room": "7"}
    assert "given" not in MappingProfile.objects.get().mapping


@pytest.mark.parametrize(
    "said",
    [
        {"policies": {"room": "perhaps"}},
        {"policies": {"nonsense": "fill"}},
        {"policies": []},
        {"keys": ["room"]},
        {"keys": ["asset_tag", "asset_tag"]},
        {"keys": "asset_tag"},
        {"creates": {"nonsense": ["x"]}},
        {"creates": {"site": "x"}},
        {"given": {"nonsense": "x"}},
        {"given": {"site": ["x"]}},
        {"profile": ""},
        {"save_as": "x" * 101},
        {"save_as": "a\0b"},
    ],
)
def test_odd_mapping_is_refused_and_changes_nothing(kim, said):
    caller = as_person(kim)
    body = send(caller, SHEET).json()

    answer = caller.ask("PUT", f"imports/{body['id']}/mapping/", {"version": body["version"], **said})

    assert answer.status_code == 400, answer.content
    assert Import.objects.get().version == body["version"]
    assert not MappingProfile.objects.exists()


def test_saved_mapping_is_renamed_at_its_version_and_deleted(kim):
    caller = as_person(kim)
    mapped(caller, save_as="Kit")
    path = f"mappings/{MappingProfile.objects.get().pk}/"
    given = {"version": 1, "name": "Kit of May", "council": "CDC", "mapping": {}, "saved_by": 1}

    renamed = caller.ask("PATCH", path, given)
    stale = caller.ask("PATCH", path, {"version": 1, "name": "Other"})
    gone = caller.ask("DELETE", path)

    assert (renamed.status_code, renamed.json()["name"], renamed.json()["council"]) == (
        200,
        "Kit of May",
        "OCC",
    )
    assert renamed.json()["mapping"]["policies"] == {"room": "fill"}
    sentence = "Somebody has changed this mapping while you were looking at it."
    assert (stale.status_code, stale.json()) == (409, problem(409, "Conflict", sentence))
    assert (gone.status_code, caller.get(path).json()) == (204, NOTHING)
    assert Change.objects.filter(kind="spreadsheets.mappingprofile").count() == 3


def test_saved_mapping_of_the_other_council_is_as_unknown_as_none(kim):
    mapped(as_person(kim), save_as="Kit")
    pk = MappingProfile.objects.get().pk
    for person in (a_person(a_council("CDC"), "asset_manager"), an_engineer()):
        caller = as_person(person)
        assert caller.get("mappings/").json()["results"] == []
        for key in (pk, 10**9):
            for method, body in (("GET", None), ("PATCH", {"version": 1, "name": "x"}), ("DELETE", None)):
                answer = caller.ask(method, f"mappings/{key}/", body)
                assert (answer.status_code, answer.json()) == (404, NOTHING)
    assert MappingProfile.objects.get().name == "Kit"
