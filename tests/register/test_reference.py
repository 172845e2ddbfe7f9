"""Reference data: what each shape gives, and what it may replace."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from assets.register.keeping import change_model, with_source
from assets.register.models import AssetModel, Known, OperatingSystemRelease
from assets.register.reference.loading import load
from assets.register.reference.shapes import Options
from tests.factories import a_council, a_model, a_person

pytestmark = pytest.mark.django_db
SHAPES = Path(__file__).parent / "reference"
AUGUST, NOVEMBER = date(2026, 8, 14), date(2026, 11, 2)


def loaded(path: Path, checked: date | None = AUGUST, **options):
    outcome = load(path, Options(checked, **options), apply=True)
    assert outcome.refused == []
    return outcome


def told(outcome, *actions: str) -> list[tuple[str, str, str]]:
    return [
        (line.action.value, line.name, line.why)
        for line in outcome.lines
        if not actions or line.action.value in actions
    ]


def a_file(folder: Path, content: str | bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def ends(cycle: str) -> dict[str, object]:
    release = OperatingSystemRelease.objects.get(cycle=cycle)
    return {
        "name": release.name,
        "edition": release.edition,
        "released": release.released_on,
        "active": tuple(release.end("end_of_active_support")),
        "security": tuple(release.end("end_of_security_support")),
        "extended": tuple(release.end("end_of_extended_support")),
        "source": (release.source, release.checked_on),
    }


UNKNOWN, NOT_ANNOUNCED, ENDED = (None, "unknown"), (None, "not_announced"), (None, "ended")


def test_ends_of_support_are_read_from_every_shape_of_endoflife_date():
    for name in ("rows.csv", "answer.json", "ubuntu.json", "product.md"):
        loaded(SHAPES / name)

    august = ("endoflife.date", AUGUST)
    assert ends("10-22h2") == {
        "name": "Microsoft Windows 10 22H2",
        "edition": "",
        "released": date(2022, 10, 18),
        "active": (date(2025, 10, 14), "date"),
        "security": (date(2025, 10, 14), "date"),
        "extended": (date(2028, 10, 10), "date"),
        "source": august,
    }
    assert (ends("11-24h2-e")["edition"], ends("11-24h2-e")["extended"]) == ("e", UNKNOWN)
    assert (ends("17")["active"], ends("17")["security"]) == (UNKNOWN, NOT_ANNOUNCED)
    assert (ends("5.0")["active"], ends("5.0")["security"]) == (ENDED, ENDED)
    assert ends("12.1") == {
        "name": "PAN-OS 12.1",
        "edition": "",
        "released": date(2026, 1, 15),
        "active": NOT_ANNOUNCED,
        "security": (date(2029, 8, 28), "date"),
        "extended": UNKNOWN,
        "source": august,
    }
    assert (ends("26.04")["name"], ends("26.04")["extended"]) == (
        "ubuntu 26.04 'Resolute' (LTS)",
        (date(2036, 4, 25), "date"),
    )
    assert (ends("25.10")["name"], ends("25.10")["security"]) == ("ubuntu 25.10", ENDED)
    assert (ends("17.18")["security"], ends("17.18")["extended"]) == (
        (date(2029, 8, 8), "date"),
        NOT_ANNOUNCED,
    )
    assert OperatingSystemRelease.objects.count() == 8


def test_devices_of_endoflife_date_give_their_dates_to_our_models():
    laptop, tablet = (
        a_model("Surface Laptop 5", "Microsoft"),
        a_model("Surface Go 9", "Microsoft Corporation"),
    )
    pixel = a_model("Google Pixel 9", "Google", "mobile_phone")
    rows, answer = loaded(SHAPES / "rows.csv"), loaded(SHAPES / "answer.json", None)

    for model in (laptop, tablet, pixel):
        model.refresh_from_db()
    assert laptop.said("end_of_support") == (date(2028, 10, 25), Known.DATE, "endoflife.date", AUGUST)
    assert laptop.said("end_of_sale") == (date(2024, 6, 30), Known.DATE, "endoflife.date", AUGUST)
    assert laptop.said("end_of_software_releases").known == Known.UNKNOWN
    assert tablet.said("end_of_support") == (None, Known.NOT_ANNOUNCED, "endoflife.date", AUGUST)
    assert pixel.said("end_of_sale").value == date(2026, 8, 1)
    assert pixel.said("end_of_support").known == Known.NOT_ANNOUNCED
    assert ("change", "Microsoft Surface Laptop 5", "maker Microsoft and the words 5 laptop surface") in told(
        rows
    )
    assert rows.notes == ["rows.csv: office is neither an operating system nor a device, and left out."]
    assert [one.checked for one in answer.files] == [AUGUST]
    assert answer.notes == [
        "answer.json: openings is neither an operating system nor a device, and left out."
    ]


def test_footprints_give_energy_and_the_carbon_of_making_and_leave_out_what_cannot_be():
    book, desk = a_model("HP EliteBook 999 G9", "HP Inc."), a_model("OptiPlex 99", "Dell", "desktop")
    pad = a_model("ThinkPad Z9")
    outcome = loaded(SHAPES / "footprints.csv")

    for model in (book, desk, pad):
        model.refresh_from_db()
    assert book.said("annual_kwh") == (Decimal("18.8"), Known.DATE, "Boavizta", AUGUST)
    assert book.said("embodied_kgco2e") == (Decimal("228.00"), Known.DATE, "Boavizta", AUGUST)
    assert book.useful_life_months is None
    assert (desk.annual_kwh, desk.embodied_kgco2e) == (Decimal("50.0"), None)
    assert (pad.annual_kwh, pad.embodied_kgco2e, pad.sources) == (None, None, {})
    assert outcome.notes == [
        "footprints.csv, line 6: yearly_tec 0 cannot be, and is left out.",
        "footprints.csv, line 6: gwp_manufacturing_ratio 7.76 of gwp_total 200 cannot be, and is left out.",
    ]
    assert told(outcome, "ambiguous") == [
        ("ambiguous", "HP EliteBook 999 G9 Touch", "near to HP EliteBook 999 G9, but not the same")
    ]
    [line] = [line for line in outcome.lines if line.name == "Dell OptiPlex 99"]
    assert [(value.name, value.new, value.why) for value in line.values] == [
        ("annual_kwh", "50.0", ""),
        ("embodied_kgco2e", "200.00 or 210.00", "the file says several things of it"),
    ]


def test_device_type_fits_by_its_part_number_and_gives_watts_and_is_added_only_as_of_a_category():
    assert told(load(SHAPES / "switch.yaml", Options(AUGUST))) == [
        ("unmatched", "Cisco Catalyst 9999-48P", "none of our models")
    ]
    outcome = loaded(SHAPES / "switch.yaml", category="switch")
    model = AssetModel.objects.get()
    assert told(outcome) == [("create", "Cisco Catalyst 9999-48P", "none of our models, category switch")]
    assert (str(model.manufacturer), model.name, model.part_number, model.category, model.watts) == (
        "Cisco",
        "Catalyst 9999-48P",
        "0C9999-48P",
        "switch",
        Decimal("85.3"),
    )
    assert model.sources == {"watts": {"source": "NetBox device-type library", "checked": "2026-08-14"}}
    assert loaded(SHAPES / "switch.yaml", category="switch").counts == {"leave": 1}

    AssetModel.objects.update(name="Stack in the hall", watts=None, sources={})
    outcome = loaded(SHAPES / "switch.yaml")
    assert told(outcome) == [
        ("change", "Cisco Stack in the hall", "maker Cisco and part or model number 0C9999-48P")
    ]


@pytest.mark.parametrize(
    ("ports", "watts", "notes"),
    [
        ("[{maximum_draw: 12.5}]", Decimal("12.5"), 0),
        ("[{allocated_draw: 40}, {allocated_draw: 45}]", Decimal("85.0"), 0),
        ("[{maximum_draw: 715}, {maximum_draw: 715}]", None, 1),
        ("[{name: PS}]", None, 0),
        ("[{maximum_draw: 0}]", None, 1),
        ("[]", None, 0),
    ],
)
def test_power_is_taken_only_where_it_is_said_without_doubt(tmp_path, ports, watts, notes):
    model = a_model("AP 9", "Cisco", "access_point")
    path = a_file(tmp_path, f"manufacturer: Cisco\nmodel: AP 9\npower-ports: {ports}\n")
    outcome = loaded(path)

    model.refresh_from_db()
    assert (model.watts, len(outcome.notes)) == (watts, notes)


FOOTPRINTS = "manufacturer,name,gwp_total,yearly_tec,gwp_manufacturing_ratio\n"


def energy(path: Path, *names: str, **options) -> list[tuple[Decimal | None, str]]:
    """What each model uses after a load, and why that was not taken from the file."""
    outcome = loaded(path, **options)
    why = {
        line.name: value.why for line in outcome.lines for value in line.values if value.name == "annual_kwh"
    }
    now = dict(AssetModel.objects.values_list("name", "annual_kwh"))
    return [(now[name], why[f"HP {name}"]) for name in names]


def test_what_people_entered_or_emptied_stays_and_so_does_another_source_unless_told_otherwise(tmp_path):
    person = a_person(a_council("OCC"), "asset_manager")
    names = ("by hand 1", "emptied 2", "elsewhere 3", "unsourced 4", "corrected 5")
    by_hand, emptied, elsewhere, unsourced, corrected = (a_model(name, "HP") for name in names)
    AssetModel.objects.filter(pk=unsourced.pk).update(annual_kwh=30)
    change_model(by_hand, by=person, version=1, annual_kwh=Decimal(30))
    change_model(emptied, by=person, version=1, annual_kwh=Decimal(30))
    change_model(emptied, by=person, version=2, annual_kwh=None)
    sources = with_source(elsewhere, "annual_kwh", "the maker’s sheet", AUGUST)
    change_model(elsewhere, by=None, version=1, annual_kwh=Decimal(30), sources=sources)
    sources = with_source(corrected, "annual_kwh", "Boavizta", date(2026, 1, 1))
    change_model(corrected, by=person, version=1, annual_kwh=Decimal(30), sources=sources)
    path = a_file(tmp_path, FOOTPRINTS + "".join(f"HP,{name},,20,\n" for name in names))

    assert energy(path, *names) == [
        (Decimal(30), "entered by a person"),
        (None, "entered by a person"),
        (Decimal(30), "from another source"),
        (Decimal(30), "there already, without a source"),
        (Decimal(30), "entered by a person"),
    ]
    assert energy(path, *names, overwrite=True) == [(Decimal(20), "")] * 5
    assert energy(path, *names, overwrite=True) == [(Decimal(20), "the same already")] * 5
    by_hand.refresh_from_db()
    assert by_hand.said("annual_kwh") == (Decimal("20.0"), Known.DATE, "Boavizta", AUGUST)


def test_what_was_checked_later_replaces_what_the_same_source_said_before_and_never_the_other_way(tmp_path):
    a_model("A 1", "HP")
    first, second = (a_file(tmp_path, f"{FOOTPRINTS}HP,A 1,,{kwh},\n", f"{kwh}") for kwh in (20, 25))

    assert energy(first, "A 1") == [(Decimal(20), "")]
    assert energy(second, "A 1", checked=NOVEMBER) == [(Decimal(25), "")]
    assert energy(first, "A 1") == [(Decimal(25), "older than what we have")]
    loaded(SHAPES / "rows.csv")
    rows = (SHAPES / "rows.csv").read_text()
    later = rows.replace("2025-10-14,2025-10-14,2028-10-10", ",2025-11-14,").replace(
        "17,17,2026-06-16,,False", "17,17,,,2031-01-01"
    )
    outcome = loaded(a_file(tmp_path, later), NOVEMBER)

    assert (ends("10-22h2")["active"], ends("10-22h2")["security"], ends("10-22h2")["extended"]) == (
        (date(2025, 10, 14), "date"),
        (date(2025, 11, 14), "date"),
        (date(2028, 10, 10), "date"),
    )
    assert (ends("17")["security"], ends("17")["released"]) == ((date(2031, 1, 1), "date"), date(2026, 6, 16))
    [line] = [line for line in outcome.lines if line.name == "Android OS 17"]
    assert [(value.name, value.old, value.new) for value in line.values] == [
        ("end_of_security_support", "not announced", "2031-01-01"),
        ("checked_on", "2026-08-14", "2026-11-02"),
    ]
    loaded(SHAPES / "rows.csv")
    assert ends("17")["security"] == (date(2031, 1, 1), "date")
