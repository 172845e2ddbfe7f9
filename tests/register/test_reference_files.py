"""Folders and files of reference data: taken whole or refused with a sentence, and told by what they hold."""

import json
import shutil

import pytest

from assets.register.models import AssetModel, OperatingSystemRelease
from assets.register.reference import files
from assets.register.reference.loading import load
from assets.register.reference.shapes import Options
from servicedesk.history.models import ChangeSet
from servicedesk.service_levels.models import Calendar, CalendarException
from tests.factories import a_model
from tests.register.test_reference import AUGUST, FOOTPRINTS, SHAPES, a_file, loaded, told

pytestmark = pytest.mark.django_db


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
