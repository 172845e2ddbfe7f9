"""Reference data: what each shape gives, what it may replace, and that a load is whole or not at all."""

import io
import json
import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from assets.register.keeping import change_model, with_source
from assets.register.models import AssetModel, Known, OperatingSystemRelease
from assets.register.reference import files
from assets.register.reference.loading import load
from assets.register.reference.shapes import Options
from servicedesk.history.editing import Stale
from servicedesk.history.models import ChangeSet
from servicedesk.service_levels.keeping import close_days
from servicedesk.service_levels.models import Calendar, CalendarException
from servicedesk.service_levels.promises import hours_of
from servicedesk.tickets.models import Clock
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.workflow import move
from tests.factories import a_council, a_model, a_person, a_requester, a_service

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


def everything() -> list[object]:
    return [
        *AssetModel.objects.order_by("pk").values(),
        *OperatingSystemRelease.objects.order_by("pk").values(),
        *Calendar.objects.order_by("pk").values(),
        *CalendarException.objects.order_by("pk").values(),
        ChangeSet.objects.count(),
    ]


def test_folder_is_loaded_as_one_deed_a_dry_run_writes_nothing_and_twice_changes_nothing(tmp_path):
    for name in ("Surface Laptop 5", "Surface Go 9"):
        a_model(name, "Microsoft")
    folder = tmp_path / "taken"
    shutil.copytree(SHAPES, folder)
    a_file(folder, "Where these are from: see there.\n", "README.txt")
    a_file(folder, b"\x00\x01", ".hidden")
    before, deeds = everything(), ChangeSet.objects.count()

    dry = load(folder, Options(AUGUST, category="switch"))
    assert everything() == before
    assert (dry.applied, dry.counts["create"], dry.counts["change"]) == (False, 10, 2)
    assert "README.txt is none of the shapes that are read." in dry.notes

    done = loaded(folder, category="switch")
    assert told(done) == told(dry)
    assert ChangeSet.objects.count() == deeds + 1
    deed = ChangeSet.objects.latest("id")
    assert (deed.by_id, deed.reason) == (
        None,
        "Reference data from Boavizta, GOV.UK, NetBox device-type library, endoflife.date",
    )
    after = everything()
    again = loaded(folder, category="switch")
    assert everything() == after
    assert not {"create", "change"} & set(again.counts)


GOOD_ROW = "windows,,11,11,2026-01-01,,2027-01-01,,\n"
ROWS = "product,title,release,cycle,release_date,end_of_active_support,end_of_life,extended_support_end,discontinued\n"
TYPE = "manufacturer: Cisco\nmodel: A\n"
SHAPELESS = "file is none of the shapes that are read."
REFUSED = {
    "an empty file": (b"", "file is empty."),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "file, line 1: the text is not in UTF-8. Save it as UTF-8."),
    "an old encoding": (
        ROWS.encode() + b"windows,caf\xe9,",
        "file, line 2: the text is not in UTF-8. Save it as UTF-8.",
    ),
    "zeros": (b"a\n\x00", "file, line 2: there is a zero byte, so this is not a text."),
    "half a UTF-16": (
        "{}".encode("utf-16") + b"\x00",
        "file, line 1: the text is not in UTF-8. Save it as UTF-8.",
    ),
    "another table": (b"a,b\n1,2\n", SHAPELESS),
    "other JSON": (b"{}", SHAPELESS),
    "a list of nothing": (b"[]", SHAPELESS),
    "broken JSON": (b'{"a": \n 1,}', None),
    "deep JSON": (b"[" * 100_000, "file: the JSON is nested too deeply."),
    "a long number": (b"[" + b"9" * 5000 + b"]", "file: the JSON has a number that is too long."),
    "a row too short": (f"{ROWS}windows,x\n", "file, line 2: there are 2 cells, not 9."),
    "two headings": (ROWS.replace("title", "cycle"), "file, line 1: two columns have the same heading."),
    "an open quote": (f'{ROWS}"windows', "file, line 2: the CSV is broken: unexpected end of data."),
    "no such day": (
        ROWS + GOOD_ROW + GOOD_ROW.replace("2027-01-01", "2027-02-30"),
        "file, line 3: eol is '2027-02-30', not a date such as 2026-10-14.",
    ),
    "a day in words": (
        ROWS + GOOD_ROW.replace("2026-01-01", "1/2/26"),
        "file, line 2: the day of the release is '1/2/26', not a date such as 2026-10-14.",
    ),
    "no cycle": (ROWS + GOOD_ROW.replace("11,11", "11,"), "file, line 2: the cycle is missing."),
    "a long name": (
        ROWS + GOOD_ROW.replace("11,11", f"11,{'x' * 61}"),
        "file, line 2: the cycle is longer than 60 characters.",
    ),
    "a number in words": (f"{FOOTPRINTS}HP,A,lots,,\n", "file, line 2: gwp_total is 'lots', not a number."),
    "no number": (f"{FOOTPRINTS}HP,A,NaN,,\n", "file, line 2: gwp_total is 'NaN', not a number."),
    "broken YAML": (f"{TYPE}ports: [", None),
    "an alias": (
        f"{TYPE}a: &a [x, x]\nb: [*a, *a]\n",
        "file, line 4, column 5: the YAML is broken: an alias is not read here.",
    ),
    "a built object": (f"{TYPE}x: !!python/object/apply:os.system [ls]\n", None),
    "deep YAML": (
        f"{TYPE}x: {'[' * 5000}",
        "file: the YAML is nested too deeply or has a value that cannot be.",
    ),
    "odd ports": (f"{TYPE}power-ports: yes\n", "file: power-ports is not a list of ports."),
    "a model of parts": ("manufacturer: Cisco\nmodel: [a]\n", "file: model is ['a'], not a text."),
    "a release of texts": (
        json.dumps({"result": {"name": "ios", "releases": ["18"]}}),
        "file, ios, release 1: it is not written as a release.",
    ),
    "a holiday without a day": (
        json.dumps({"division": "england-and-wales", "events": [{"title": "x"}]}),
        "file, event 1: the date is missing.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_file_that_cannot_be_read_is_refused_in_a_sentence_that_names_the_place(tmp_path, name):
    content, sentence = REFUSED[name]
    outcome = load(a_file(tmp_path, content), Options(AUGUST), apply=True)

    assert len(outcome.refused) == 1
    assert outcome.refused[0].startswith("file") and outcome.refused[0].endswith(".")
    assert sentence is None or outcome.refused == [sentence]
    assert not OperatingSystemRelease.objects.exists()


def test_nothing_is_written_where_one_file_of_a_folder_is_refused(tmp_path, monkeypatch):
    shutil.copy(SHAPES / "rows.csv", tmp_path)
    a_file(tmp_path, "[{", "z.json")
    outcome = load(tmp_path, Options(AUGUST), apply=True)
    assert [sentence.split(":")[0] for sentence in outcome.refused] == ["z.json, line 1, column 3"]
    assert not OperatingSystemRelease.objects.exists()

    monkeypatch.setattr(files, "LARGEST", 100)
    assert load(SHAPES / "rows.csv", Options()).refused == ["rows.csv is larger than 0 MB."]
    monkeypatch.setattr(files, "LARGEST", 20_000_000)
    monkeypatch.setattr(files, "LARGEST_YAML", 10)
    assert load(SHAPES / "switch.yaml", Options()).refused == [
        "switch.yaml is larger than 0 MB, too large for YAML."
    ]
    monkeypatch.setattr(files, "MOST_FILES", 1)
    assert load(SHAPES, Options()).refused == ["reference holds more than 1 files. Load a folder within it."]
    assert load(tmp_path / "none", Options()).refused == ["none cannot be read: No such file or directory."]
    link = tmp_path / "links"
    link.mkdir()
    (link / "out.csv").symlink_to(SHAPES / "rows.csv")
    assert load(link, Options()).refused == ["links holds no reference data."]


def test_what_a_file_is_is_decided_by_its_content_whatever_its_name_and_encoding(tmp_path):
    rows = (SHAPES / "rows.csv").read_text()
    for content in (rows.encode("utf-16"), rows.encode("utf-8-sig")):
        loaded(a_file(tmp_path, content, "holiday.yaml"))
        assert OperatingSystemRelease.objects.count() == 4


def test_new_bank_holiday_closes_the_calendars_that_keep_them_and_open_requests_follow(monkeypatch):
    standard = Calendar.objects.get(code="STD")
    own = Calendar.objects.create(code="OWN", name="Own hours", bank_holidays=False, windows=standard.windows)
    taken = Calendar.objects.create(code="OPEN", name="Open on the day", windows=standard.windows)
    CalendarException.objects.create(calendar=taken, date=date(2027, 6, 16), windows=[["09:00", "12:00"]])
    ben, eve_of_it = a_requester(a_council("OCC")), datetime(2027, 6, 15, 16, tzinfo=UTC)
    ticket = raise_ticket(
        by=ben, requester=ben, type="incident", title="x", service=a_service(), now=eve_of_it
    )
    clock = Clock.objects.filter(ticket=ticket, stopped_at=None, calendar=standard).latest("due_at")
    was_due = clock.due_at
    clock_on_the_wall = SimpleNamespace(localdate=lambda: date(2026, 11, 23), now=lambda: eve_of_it)
    monkeypatch.setattr("assets.register.reference.closing.timezone", clock_on_the_wall)
    outcome = loaded(SHAPES / "bank-holidays.json")

    bridge = "Day of the new bridge, 16 Jun 2027"
    assert sorted(told(outcome, "create", "kept"))[:1] == [("create", bridge, f"calendar {standard}")]
    assert ("kept", bridge, f"calendar {taken}: a person has entered hours for that day") in told(outcome)
    assert ("leave", "Christmas Day, 25 Dec 2026", "it is known already") in told(outcome)
    assert ("leave", "Early May bank holiday, 4 May 2026", "it has passed") in told(outcome)
    missing = "our calendars close on that day, and the file does not name it"
    assert ("kept", "1 Jan 2027", missing) in told(outcome)
    closed = CalendarException.objects.get(calendar=standard)
    assert (closed.date, closed.windows, closed.reason) == (
        date(2027, 6, 16),
        [],
        "Day of the new bridge (GOV.UK, 2026-08-14)",
    )
    standard.refresh_from_db()
    assert standard.version == 2
    assert hours_of(standard).exceptions[date(2027, 6, 16)] == ()
    assert not CalendarException.objects.filter(calendar=own).exists()
    clock.refresh_from_db()
    assert (clock.calendar_version, clock.due_at > was_due) == (2, True)

    assert "create" not in loaded(SHAPES / "bank-holidays.json").counts
    loaded(SHAPES / "bank-holidays.json", overwrite=True)
    assert CalendarException.objects.get(calendar=taken).windows == []


def test_days_are_closed_by_who_administers_them_alone():
    standard = Calendar.objects.get(code="STD")
    with pytest.raises(PermissionDenied):
        close_days(standard, by=a_person(a_council("OCC")), version=1, days={AUGUST: "x"})
    with pytest.raises(Stale):
        close_days(standard, by=None, version=2, days={AUGUST: "x"})


def run(*given: str) -> tuple[int, str]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("load_reference", *given, stdout=out)
    return left.value.code, out.getvalue()


def test_command_says_first_how_many_deadlines_a_bank_holiday_moves_and_never_those_that_ended(monkeypatch):
    asha, ben, eve_of_it = (
        a_person(a_council("OCC"), "engineer"),
        a_requester(),
        datetime(2027, 6, 15, 16, tzinfo=UTC),
    )
    open_one, second, ended = (
        raise_ticket(by=ben, requester=ben, type="incident", title="x", service=a_service(), now=eve_of_it)
        for _ in range(3)
    )
    move(ended, "resolve", by=asha, now=eve_of_it, resolution_code="fixed", resolution_note="Done")
    due = {one.pk: one.due_at for one in Clock.objects.filter(ticket=ended)}
    was_due = open_one.due_at
    clock_on_the_wall = SimpleNamespace(localdate=lambda: date(2026, 11, 23), now=lambda: eve_of_it)
    monkeypatch.setattr("assets.register.reference.closing.timezone", clock_on_the_wall)
    holidays, sentence = (
        str(SHAPES / "bank-holidays.json"),
        (
            "Bank holidays: 2 open requests get another deadline; 0 promises are late at once. "
            "What has ended stays as it was."
        ),
    )

    status, words = run(holidays)
    dry = json.loads(run(holidays, "--json")[1])
    open_one.refresh_from_db()
    assert (status, sentence in words.splitlines(), open_one.due_at) == (0, True, was_due)
    assert not CalendarException.objects.exists()
    done = run(holidays, "--apply")[1]

    for one in (open_one, second):
        one.refresh_from_db()
        assert one.due_at > was_due
    assert sentence in done.splitlines()
    assert dry["deadlines"] == {"open_requests": 2, "late_at_once": 0}
    assert {one.pk: one.due_at for one in Clock.objects.filter(ticket=ended)} == due
    assert "Bank holidays:" not in run(holidays, "--apply")[1]


def test_command_says_what_it_would_do_and_does_it_when_told(tmp_path):
    a_model("EliteBook 999 G9", "HP", model_number="9X")
    footprints = str(SHAPES / "footprints.csv")
    status, words = run(footprints, "--checked", "2026-08-14")
    assert status == 2
    assert words.splitlines()[0] == "footprints.csv: footprints, 5 from Boavizta, checked 2026-08-14"
    assert (
        "  HP EliteBook 999 G9: maker HP and the words 999 elitebook g9: annual_kwh not known → 18.8; "
        "embodied_kgco2e not known → 228.00 [footprints.csv, line 2]"
    ) in words.splitlines()
    assert words.splitlines()[-1] == "Checked, nothing written: 1 changed, 1 not clear, 3 none of ours"
    assert AssetModel.objects.get().annual_kwh is None

    status, printed = run(str(SHAPES / "ubuntu.json"), "--apply", "--json")
    told_as_json = json.loads(printed)
    assert (status, told_as_json["applied"], told_as_json["counts"]) == (0, True, {"create": 2})
    assert told_as_json["lines"][1] == {
        "action": "create",
        "kind": "operating system",
        "name": "ubuntu 25.10",
        "where": "ubuntu.json, release 2",
        "why": "product ubuntu and cycle 25.10",
        "values": [
            {"name": "end_of_active_support", "old": "", "new": "not known", "why": ""},
            {"name": "end_of_security_support", "old": "", "new": "ended, date not known", "why": ""},
            {"name": "end_of_extended_support", "old": "", "new": "not known", "why": ""},
        ],
    }
    written = datetime.fromtimestamp((SHAPES / "ubuntu.json").stat().st_mtime, UTC).date()
    assert ends("26.04")["source"] == ("endoflife.date", written)
    assert run(str(a_file(tmp_path, "[{")))[0] == 1
