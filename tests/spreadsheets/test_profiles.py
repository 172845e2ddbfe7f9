"""What was said of a file is known again next month: for its council, its headings and where it comes from."""

import json

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.management import call_command

from servicedesk.history.models import Change
from servicedesk.spreadsheets import importing, profiles
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Import, MappingProfile, WrongStep
from servicedesk.spreadsheets.reading import Refused
from tests.factories import a_council, a_person, a_site, an_engineer
from tests.spreadsheets.incoming import a_csv, a_workbook, rows_of

pytestmark = pytest.mark.django_db

MAY = (("Asset tag", "Bin", "Bought", "Where"), ("1", "A7", "01/02/2024", "Bodicote Hse"))
JUNE = (
    ("Bought", "Where", "Asset tag", "Bin"),
    ("03/04/2024", "bodicote HSE", "2", "B9"),
)  # in another order
SAID = {
    "columns": {"B": "room", "C": "purchase_date", "D": "site"},
    "dates": {"C": "mdy"},
    "values": {"site": {"Bodicote Hse": "Bodicote House"}},
    "policies": {"room": "fill", "site": "never", "purchase_date": "overwrite"},
    "keys": ["serial_number", "asset_tag"],
}


def begin(rows: tuple, name: str = "Intune 2026-05.csv", council=None, by=None, said=None) -> Import:
    return importing.start(a_csv(*rows), name, kinds()["assets"], council or a_council(), by=by, said=said)


def remembered(name: str = "Intune", by=None, **options) -> MappingProfile:
    started = begin(MAY, by=by, **options)
    chosen = importing.choose(started, SAID, by=by, create=["sites"], version=started.version, save_as=name)
    return chosen.profile


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("Intune 2026-05.csv", "Intune"),
        ("intune_export_14Nov2026 (2).xlsx", "intune export"),
        ("Register November.xlsx", "Register"),
        ("2026.csv", ""),
        ("Asset Register FINAL v3.xlsx.csv", "Asset Register v"),
    ],
)
def test_source_is_the_name_of_a_file_without_its_dates(name, source):
    assert profiles.source_of(name) == source


def test_what_nobody_said_of_two_columns_with_one_heading_is_asked_again_next_time():
    rows = (("Asset tag", "Serial", "Serial"), ("1", "S1", "S2"))
    started = begin(rows)
    open_ = importing.choose(started, {}, by=None, version=1, save_as="Open")
    with pytest.raises(Refused, match=r"Two columns are called serial \(B, C\)"):
        importing.check(begin(rows), by=None)

    said = {"columns": {"B": None, "C": "serial_number"}}
    importing.choose(open_, said, by=None, version=open_.version, remember=True)

    assert [row.values["serial_number"] for row in rows_of(importing.check(begin(rows), by=None))] == ["S2"]


def test_next_months_file_maps_itself_in_whatever_order_its_columns_stand():
    kim = a_person(a_council(), "asset_manager", name="Kim")
    a_site(name="Bodicote House")
    saved = remembered(by=kim)

    june = begin(JUNE, "Intune 2026-06.csv")

    assert (june.profile, june.step, june.state) == (saved, "values", "mapped")
    assert june.mapping == {
        "sheet": june.sheets[0]["name"],
        "header_row": 1,
        "columns": {"A": "purchase_date", "B": "site", "C": "asset_tag", "D": "room"},
        "dates": {"A": "mdy"},
        "values": {"site": {"Bodicote Hse": "Bodicote House"}},
        "creates": {},
        "policies": {"room": "fill", "site": "never"},
        "keys": ["serial_number", "asset_tag"],
    }
    assert june.create == ["sites"]
    assert [(each["field"], each["written"]) for each in june.unknown] == [("site", "bodicote HSE")]
    (row,) = rows_of(importing.check(june, by=None))
    assert (row.values["purchase_date"], row.values["site"][1]) == ("2024-03-04", "Bodicote House")
    change = Change.objects.get(kind="spreadsheets.mappingprofile")
    assert (change.label, change.change_set.by_id, change.council_id) == ("Intune", kim.pk, kim.council_id)


def test_letters_are_read_as_they_were_the_last_time():
    def in_old_letters(tag: bytes, name: str) -> Import:
        file = ContentFile(b"Asset tag,Notes\n%s,\x8eluk\n" % tag, name)
        return importing.start(file, name, kinds()["assets"], a_council(), by=None)

    may = in_old_letters(b"1", "Old May.csv")
    importing.choose(may, {"encoding": "cp1252"}, by=None, version=may.version, save_as="Old")

    june = in_old_letters(b"2", "Old June.csv")
    other = importing.choose(begin(MAY), {"profile": "Old"}, by=None, version=1)

    assert (june.profile.name, june.mapping["encoding"]) == ("Old", "cp1252")
    assert [row.values["notes"] for row in rows_of(importing.check(june, by=None))] == ["Žluk"]
    assert "encoding" not in other.mapping  # its letters leave nothing to guess


def test_no_other_council_kind_or_headings_know_it():
    remembered()
    log = (("number", "incident_state", "opened_at"), ("I1", "New", "1/1/2016 09:00"))

    elsewhere = begin(MAY, council=a_council("CDC"))
    other_headings = begin((("Asset tag", "Bin"), ("1", "A7")))
    other_kind = importing.start(a_csv(*log), "Intune.csv", kinds()["tickets"], a_council(), by=None)

    assert [each.profile for each in (elsewhere, other_headings, other_kind)] == [None, None, None]


def test_two_sources_with_the_same_headings_keep_what_was_said_of_each():
    ours = remembered()
    dell = begin(MAY, "Dell May.csv")
    assert dell.profile == ours  # until something else is said of it
    theirs = importing.choose(
        importing.choose(dell, {}, by=None, version=dell.version, save_as=""),
        {"columns": {"B": "cost_centre"}},
        by=None,
        version=2,
        save_as="Dell",
    ).profile

    assert {profile.name for profile in MappingProfile.objects.all()} == {"Intune", "Dell"}
    assert begin(MAY, "Dell June.csv").profile == theirs
    assert begin(MAY, "Intune June.csv").profile == ours
    assert begin(MAY, "dell June.csv").mapping["columns"]["B"] == "cost_centre"


def test_what_is_decided_later_is_remembered_too_and_saved_in_place():
    saved = remembered()
    june = begin(JUNE, "Intune 2026-06.csv")

    importing.choose(june, {"creates": {"site": ["Depot"]}}, by=None, version=june.version, remember=True)

    saved.refresh_from_db()
    assert MappingProfile.objects.get() == saved
    assert (saved.version, saved.mapping["creates"], saved.mapping["dates"]) == (
        2,
        {"site": ["Depot"]},
        {"A": "mdy"},
    )
    assert begin(MAY).mapping["dates"] == {"C": "mdy"}


def test_name_that_another_has_is_refused_and_nothing_is_kept():
    remembered()
    other = begin((("Asset tag", "Bin"), ("1", "A7")), "other.csv")

    with pytest.raises(ValidationError, match="another mapping of this name"):
        importing.choose(other, {"columns": {"B": "room"}}, by=None, version=1, save_as="Intune")

    other.refresh_from_db()
    assert (other.version, other.mapping["columns"]["B"], MappingProfile.objects.count()) == (1, None, 1)
    assert profiles.a_name(begin((("Asset tag",), ("1",)), "Intune.csv")) == "Intune 2"


def test_renamed_at_its_version_and_deleted_with_its_history():
    kim = a_person(a_council(), "asset_manager")
    saved, june = remembered(), begin(JUNE)

    renamed = profiles.rename(saved, " Intune   monthly ", by=kim, version=1)
    with pytest.raises(WrongStep):
        profiles.rename(saved, "Other", by=kim, version=1)
    with pytest.raises(PermissionDenied):
        profiles.rename(saved, "Other", by=an_engineer(), version=2)
    assert (renamed.name, renamed.version) == ("Intune monthly", 2)
    with pytest.raises(PermissionDenied):
        profiles.remove(saved, by=a_person(a_council("CDC"), "asset_manager"))
    profiles.remove(renamed, by=kim)

    june.refresh_from_db()
    assert (june.profile, june.mapping["columns"]["D"], MappingProfile.objects.count()) == (None, "room", 0)
    told = [
        change.fields["name"][:2]
        for change in Change.objects.filter(kind="spreadsheets.mappingprofile").order_by("id")
    ]
    assert told == [[None, "Intune"], ["Intune", "Intune monthly"], ["Intune monthly", None]]


def test_sheet_of_a_workbook_that_is_known_is_the_one_that_is_meant():
    remembered()
    many = [("Serial number", "Category"), *((f"S{number}", "Laptop") for number in range(5))]
    book = a_workbook(*many, more={"May": list(MAY)}, name="Intune 2026-07.xlsx")

    started = importing.start(book, book.name, kinds()["assets"], a_council(), by=None)

    assert (started.mapping["sheet"], started.mapping["columns"]["B"]) == ("May", "room")


def test_command_takes_the_same_shape_and_names_a_saved_mapping(tmp_path, capsys):
    a_site(name="Bodicote House")
    remembered()
    sheet, mapping = tmp_path / "x.csv", tmp_path / "mapping.json"
    sheet.write_text("Asset tag,Bin,Bought,Where,More\n1,A7,01/02/2024,Bodicote Hse,x\n")

    def run(said: dict, *options: str) -> tuple[int, dict]:
        mapping.write_text(json.dumps(said))
        with pytest.raises(SystemExit) as ended:
            call_command(
                "import_sheet",
                "assets",
                str(sheet),
                "--council",
                "OCC",
                "--mapping",
                str(mapping),
                "--json",
                *options,
            )
        return ended.value.code, json.loads(capsys.readouterr().out)

    alone = run({})
    named = run({"profile": "intune", "policies": {"notes": "fill"}, "columns": {"E": "notes"}}, "--apply")
    by_option = run({}, "--profile", "Intune")
    unknown = run({"profile": "Nix"})

    assert (alone[0], named[0], named[1]["applied"], by_option[1]["counts"]["unchanged"]) == (0, 0, True, 1)
    assert Import.objects.order_by("id")[2].mapping["policies"] == {
        "room": "fill",
        "site": "never",
        "notes": "fill",
    }
    assert unknown[1]["refused"] == "There is no saved mapping called Nix for assets of OCC."
