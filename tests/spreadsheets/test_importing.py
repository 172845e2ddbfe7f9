"""A spreadsheet on its way in: what is told before anything is written, and what is written then."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from assets.register.models import Asset, Manufacturer
from assets.register.registering import change_asset
from servicedesk.history.models import Change
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import run
from servicedesk.people.grants import end
from servicedesk.people.models import Site
from servicedesk.search.models import SearchDocument
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.applying import Overtaken, write
from servicedesk.spreadsheets.columns import as_cell
from servicedesk.spreadsheets.importing import WrongStep
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Import, read
from servicedesk.spreadsheets.outcome import outcome
from servicedesk.spreadsheets.rejects import write_rejects
from tests.factories import a_council, a_person, a_site, an_asset
from tests.spreadsheets.incoming import HEADINGS, a_csv, a_workbook, actions, bring, codes, rows_of

pytestmark = pytest.mark.django_db


def a_manager(council=None):
    return a_person(council or a_council(), "asset_manager")


def test_check_counts_and_writes_nothing():
    site = a_site(name="County Hall")
    an_asset(tag="001", serial_number="SN1", site=site, notes="Old")
    file = a_workbook(
        HEADINGS,
        ("001", "SN1", "Laptop", "In use", "County Hall", None, "Old"),
        ("002", "SN2", "Laptop", "In use", "County Hall", None, None),
        ("003", "5.02E+18", "Laptop", "In use", None, None, None),
    )

    checked = bring(file, a_council())

    assert checked.counts == {"create": 1, "update": 0, "unchanged": 1, "ambiguous": 0, "error": 1}
    assert actions(checked) == {2: "unchanged", 3: "create", 4: "error"}
    assert Asset.objects.count() == 1


def test_apply_by_job_writes_rows_history_and_search_in_one_change_set(django_capture_on_commit_callbacks):
    manager, site = a_manager(), a_site(name="County Hall")
    changed = an_asset(tag="001", serial_number="SN1", notes="Old")
    rows = (
        ("001", "SN1", None, None, "County Hall", None, None),
        ("002", "SN2", "Laptop", "In use", None, None, "New"),
    )
    checked = bring(a_workbook(HEADINGS, *rows), a_council(), manager)

    applying = importing.apply(checked, by=manager, version=checked.version)
    run(applying.job_id)

    applied = Import.objects.get(pk=checked.pk)
    created = Asset.objects.get(asset_tag="002")
    changed.refresh_from_db()
    assert applied.state == "applied"
    assert (changed.site, changed.notes, changed.version) == (site, "Old", 2)
    assert (created.serial_number, created.category, created.state, created.notes) == (
        "SN2",
        "laptop",
        "in_use",
        "New",
    )
    history = Change.objects.filter(change_set=applied.change_set, kind="register.asset").order_by(
        "object_id"
    )
    assert [(change.object_id, change.action) for change in history] == [
        (changed.pk, "update"),
        (created.pk, "create"),
    ]
    assert history[0].fields == {"site": [None, site.pk, "", "County Hall"]}
    assert (applied.change_set.source, applied.change_set.by_id) == ("import", manager.pk)
    assert "county hall" in SearchDocument.objects.get(kind="register.asset", object_id=changed.pk).text
    assert SearchDocument.objects.filter(kind="register.asset", object_id=created.pk).exists()
    job = Job.objects.get(pk=applying.job_id)
    assert (job.state, job.outcome["counts"]["create"]) == ("done", 1)


def test_apply_asked_for_twice_makes_one_job():
    manager = a_manager()
    checked = bring(a_csv(("Asset tag", "Category"), ("1", "Laptop")), a_council(), manager)

    first = importing.apply(checked, by=manager, version=checked.version)
    second = importing.apply(Import.objects.get(pk=checked.pk), by=manager, version=checked.version)

    assert (first.job_id, Job.objects.count()) == (second.job_id, 1)


def test_apply_of_what_another_has_applied_meanwhile_is_refused():
    one, other = a_manager(), a_manager()
    checked = bring(a_csv(("Asset tag", "Category"), ("1", "Laptop")), a_council(), one)
    importing.apply(checked, by=one, version=checked.version)

    with pytest.raises(WrongStep):
        importing.apply(checked, by=other, version=checked.version)


def test_written_twice_is_written_once():
    checked = bring(a_csv(("Asset tag", "Category"), ("1", "Laptop")), a_council())

    write(checked, by=None)
    write(checked, by=None)

    assert Asset.objects.count() == 1
    assert Change.objects.filter(kind="register.asset").count() == 1


def test_same_file_again_changes_nothing():
    rows = (
        HEADINGS,
        ("001", "SN1", "Laptop", "In use", None, None, "x"),
        ("002", "", "Monitor", "In stock", None, None, ""),
    )
    write(bring(a_csv(*rows), a_council()), by=None)

    again = bring(a_csv(*rows), a_council())

    assert again.counts == {"create": 0, "update": 0, "unchanged": 2, "ambiguous": 0, "error": 0}


def test_blank_never_erases():
    asset = an_asset(tag="001", serial_number="SN1", notes="Keep", room="2.01")
    file = a_csv(("Asset tag", "Serial number", "Notes", "Room"), ("001", "", "", "2.02"))

    write(bring(file, a_council()), by=None)

    asset.refresh_from_db()
    assert (asset.serial_number, asset.notes, asset.room) == ("SN1", "Keep", "2.02")


def test_row_changed_since_the_check_stops_the_whole_import():
    asset = an_asset(tag="001")
    checked = bring(
        a_csv(("Asset tag", "Category", "Room"), ("001", "", "1"), ("002", "Laptop", "")), a_council()
    )
    change_asset(asset, by=None, version=1, room="9")

    with pytest.raises(Overtaken, match="Row 2 was changed"):
        write(checked, by=None)

    assert list(Asset.objects.values_list("asset_tag", "room")) == [("001", "9")]


def test_job_of_an_overtaken_import_ends_as_failed_and_says_why():
    manager = a_manager()
    checked = bring(a_csv(("Asset tag", "Category"), ("002", "Laptop")), a_council(), manager)
    applying = importing.apply(checked, by=manager, version=checked.version)
    an_asset(tag="002")

    run(applying.job_id)

    failed, job = Import.objects.get(pk=checked.pk), Job.objects.get(pk=applying.job_id)
    assert (failed.state, job.state) == ("failed", "failed")
    assert failed.refused == job.problem
    assert failed.refused.startswith("002 (row 2) has been registered since the rows were checked.")
    again = importing.check(failed, by=manager)
    assert (again.state, again.counts["unchanged"]) == ("checked", 1)


def test_job_of_somebody_who_has_lost_the_right_writes_nothing():
    manager = a_manager()
    checked = bring(a_csv(("Asset tag", "Category"), ("002", "Laptop")), a_council(), manager)
    applying = importing.apply(checked, by=manager, version=checked.version)
    end(manager.grants.get(), by=None)

    run(applying.job_id)

    assert (Asset.objects.count(), Import.objects.get(pk=checked.pk).state) == (0, "failed")


def test_keys_that_disagree_are_refused():
    an_asset(tag="001", serial_number="SN1")
    an_asset(tag="002", serial_number="SN2")

    checked = bring(a_csv(("Asset tag", "Serial number"), ("001", "SN2")), a_council())

    assert codes(checked) == {2: ["keys_disagree"]}


def test_serial_number_of_two_makers_matches_several_until_the_maker_is_said():
    from_dell, from_hp = (
        bring(
            a_csv(("Serial number", "Manufacturer", "Category"), ("S1", maker, "Laptop")),
            a_council(),
            create=["asset-models"],
        )
        for maker in ("Dell", "HP")
    )
    write(from_dell, by=None)
    write(from_hp, by=None)

    alone = bring(a_csv(("Serial number", "Room"), ("S1", "2")), a_council())
    told = bring(a_csv(("Serial number", "Manufacturer", "Room"), ("S1", "hp", "2")), a_council())

    assert (actions(alone), codes(alone)) == ({2: "ambiguous"}, {2: ["matches_several"]})
    assert [row.target_id for row in rows_of(told)] == [Asset.objects.get(manufacturer__name="HP").pk]


def test_second_row_of_one_serial_is_refused():
    file = a_csv(("Asset tag", "Serial number", "Category"), ("1", "ab1", "Laptop"), ("2", "AB1 ", "Laptop"))

    checked = bring(file, a_council())

    assert (actions(checked), codes(checked)) == ({2: "create", 3: "error"}, {3: ["duplicate_in_file"]})


def test_two_rows_that_mean_one_asset_by_different_keys_are_one_too_many():
    an_asset(tag="1", serial_number="S1")

    checked = bring(
        a_csv(("Asset tag", "Serial number", "Room"), ("1", "", "a"), ("", "S1", "b")), a_council()
    )

    assert codes(checked) == {3: ["duplicate_in_file"]}


def test_row_without_any_key_is_refused():
    checked = bring(a_csv(("Asset tag", "Category"), ("", "Laptop"), ("-", "Laptop")), a_council())

    assert codes(checked)[2] == ["nothing_to_match_on"]


def test_unknown_look_up_is_left_empty_or_created_where_allowed():
    rows = (
        ("Asset tag", "Category", "Site"),
        ("1", "Laptop", "Bodicote House"),
        ("2", "Laptop", "bodicote  house"),
    )

    left_empty = bring(a_csv(*rows), a_council())
    created = write(bring(a_csv(*rows), a_council(), create=["sites"]), by=None)

    site = Site.objects.get()
    assert codes(left_empty) == {2: ["look_up_unknown"], 3: ["look_up_unknown"]}
    assert set(Asset.objects.values_list("site", flat=True)) == {site.pk}
    assert site.name == "Bodicote House"
    assert Change.objects.filter(change_set=created.change_set, kind="people.site").count() == 1


def test_stranger_may_not_import():
    with pytest.raises(PermissionDenied):
        bring(a_csv(("Asset tag",), ("1",)), a_council("CDC"), a_manager(a_council("OCC")))


def test_rejects_hold_the_refused_rows_as_they_came_and_can_come_back(tmp_path):
    headings = ("Comments", "Tag No", "Price", "Category")
    file = a_workbook(headings, ("keep", "0001", "$5", "Laptop"), ("fine", "0002", 5.5, "Laptop"))
    checked = bring(file, a_council())

    target = tmp_path / "rejects.xlsx"
    assert write_rejects(checked, target) == 1

    with target.open("rb") as again:
        returned = bring(type(file)(again, "rejects.xlsx"), a_council())
    columns = {column["heading"]: column["field"] for column in returned.table["columns"]}
    assert list(columns) == [*headings, "Result", "Problem"]
    assert (columns["Result"], columns["Problem"]) == (None, None)
    assert actions(returned) == {2: "error"}
    assert rows_of(returned)[0].values["asset_tag"] == "0001"


@pytest.mark.django_db(transaction=True)
def test_file_is_read_before_the_transaction_begins(monkeypatch):
    within = []

    def noting(path, name, encoding):
        within.append(connection.in_atomic_block)
        return read(path, name, encoding)

    monkeypatch.setattr(importing, "read", noting)

    started = importing.start(a_csv(("Asset tag",), ("1",)), "x.csv", kinds()["assets"], a_council(), by=None)

    assert (started.state, within) == ("mapped", [False])


def test_character_that_no_database_keeps_is_named_where_it_is_quoted():
    rows = (("Asset tag", "Category", "Od\0d"), ("1", "Space\0ship", "sam\0ple"), ("2", "Laptop", "x" * 400))

    checked = bring(a_csv(*rows), a_council())

    columns = checked.sheets[0]["columns"]
    assert [(column["heading"], column["samples"][0]) for column in columns] == [
        ("Asset tag", "1"),
        ("Category", "Space‹U+0000›ship"),
        ("Od‹U+0000›d", "sam‹U+0000›ple"),
    ]
    assert [as_cell(column["cells"][0]) for column in columns] == ["1", "Space\0ship", "sam\0ple"]
    second = next(row for row in rows_of(checked) if row.number == 2)
    assert [problem["value"] for problem in second.problems] == ["Space‹U+0000›ship"]


def test_character_that_a_workbook_escapes_is_named_where_it_is_quoted():
    rows = (("Asset tag", "Odd_x0000_"), ("1", "sample_x0000_"))

    checked = bring(a_workbook(*rows), a_council())

    column = checked.sheets[0]["columns"][1]
    assert (column["heading"], column["samples"]) == ("Odd‹U+0000›", ["sample‹U+0000›"])


def test_refused_file_counts_nothing():
    started = importing.start(a_csv(("x",), ("1",)), "x.csv", kinds()["assets"], a_council(), by=None)

    counts = {"create": 0, "update": 0, "unchanged": 0, "ambiguous": 0, "error": 0}
    assert outcome(started)["counts"] == counts


def test_maker_that_would_make_two_assets_one_is_refused():
    lenovo, hp = Manufacturer.objects.create(name="Lenovo"), Manufacturer.objects.create(name="HP")
    Manufacturer.objects.create(name="Dell")
    for tag, maker, serial in (("1", lenovo, "S1"), ("2", hp, "S1"), ("3", hp, "S3"), ("4", lenovo, "S3")):
        an_asset(tag=tag, serial_number=serial, manufacturer=maker)
    rows = (("Asset tag", "Manufacturer"), ("1", "HP"), ("3", "Dell"), ("4", "Dell"))

    checked = bring(a_csv(*rows), a_council())
    write(checked, by=None)

    assert codes(checked) == {2: ["keys_disagree"], 4: ["keys_disagree"]}
    assert list(Asset.objects.order_by("asset_tag").values_list("manufacturer__name", flat=True)) == [
        "Lenovo",
        "HP",
        "Dell",
        "Lenovo",
    ]
