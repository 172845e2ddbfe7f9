"""Rows taken out come back as they were, and hold what their person may see and no more."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from assets.register.models import Asset, AssetModel
from servicedesk.history.models import Change
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import run
from servicedesk.people.grants import end, give_role
from servicedesk.people.models import Department, Person
from servicedesk.spreadsheets import exporting, taking_out
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.outgoing import offered
from tests.factories import a_council, a_model, a_person, a_site, an_asset, an_engineer
from tests.spreadsheets.incoming import bring, codes, rows_of

pytestmark = pytest.mark.django_db

AWKWARD = (
    "=1+1",
    "+44 1865 792422",
    "-15.00",
    "@SUM(1)",
    "'=quoted'",
    "'plain",
    'a\nb, "c" ; d\te',
    "<script>alert(1)</script>",
    "_x000D_ é 😀",
    "1E5",
    "00123",
    "TRUE",
    "N/A",
    "12/2024",
)


def exported(person, format="xlsx", **filters) -> bytes:
    export = taking_out.start(kinds()["assets"], filters, format, by=person)
    with export.file.content.open("rb") as file:
        return file.read()


def lines(content: bytes) -> list[dict]:
    rows = list(load_workbook(BytesIO(content))["Assets"].iter_rows(values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def an_estate(council) -> None:
    model = a_model("ThinkPad (T14)", "Lenovo")
    jo = a_person(council, name="O'Brien, Jo (ICT)", email="jo@occ.example")
    nobody = a_person(council, name="Sam Reid", email=None)
    site = a_site(council, "St. Mary's  *Depot*")
    for number, text in enumerate(AWKWARD):
        an_asset(
            council,
            tag=f"{number:05}",
            serial_number=f"00{number}E5",
            hostname=text.strip() if "\n" not in text else "",
            notes=text,
            managed_by=text if "\n" not in text else "",
            model=model,
            manufacturer=model.manufacturer if number % 2 else None,
            holder=(jo, nobody, None)[number % 3],
            holder_note="Somebody" if number % 3 == 2 else "",
            site=site,
            state=("in_use", "donated", "sold", "sanitise_failed", "written_off")[number % 5],
            category=("laptop", "meeting_room", "peripheral", "ups")[number % 4],
        )
    an_asset(
        council,
        tag="LT/17",
        purchase_date=date(2022, 9, 1),
        date_precision="month",
        purchase_cost_ex_vat=Decimal("1234.50"),
        po_number="000123",
        cost_centre="4E10",
        department=Department.objects.create(council=council, name="Children, Education & Families"),
        warranty_end=date(2031, 3, 31),
        warranty_months=36,
        last_seen_at=datetime(2026, 10, 25, 1, 30, 15, 250, tzinfo=UTC),
        last_audit_at=date(1985, 1, 2),
        encrypted=False,
        os_upgradeable="no",
        ownership="byod",
        condition="A",
        ip_address="2001:db8::1",
        mac_address="00:1A:2B:3C:4D:5E",
        imei="356938035643809",
        phone_number="07700 900123",
    )
    asset = an_asset(council, tag="", serial_number="ONLYSERIAL")
    Asset.objects.filter(pk=asset.pk).update(asset_tag="")
    Asset.objects.filter(pk=an_asset(council, hostname="only-host").pk).update(asset_tag="")


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_unedited_export_changes_nothing(format):
    council = a_council()
    an_estate(council)
    manager = a_person(council, "asset_manager")

    content = exported(manager, format)

    checked = bring(File(BytesIO(content), f"a.{format}"), council, manager)
    changes = {row.number: row.changes for row in rows_of(checked) if row.action != "unchanged"}
    assert (changes, checked.counts["unchanged"]) == ({}, len(AWKWARD) + 3)


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_edited_cell_is_the_only_change(format):
    council = a_council()
    an_asset(council, tag="001", notes="=1+1")
    an_asset(council, tag="002", notes="x")
    content = exported(a_person(council, "asset_manager"), "csv").replace(b'"x"', b'"y"')

    checked = bring(File(BytesIO(content), "a.csv"), council)

    assert [row.changes for row in rows_of(checked, "update")] == [{"notes": ["x", "y", "x", "y"]}]


def test_what_each_thing_uses_is_told_with_its_source_and_nobody_changes_it_in_a_sheet():
    council = a_council()
    said, guessed = a_model("T14"), a_model("T16")
    AssetModel.objects.filter(pk=said.pk).update(annual_kwh=Decimal("18.8"))
    point = a_model("AP-500", category="access_point")
    AssetModel.objects.filter(pk=point.pk).update(watts=Decimal("12.5"))
    an_asset(council, "1-OWN", model=said, category="laptop", annual_kwh_override=Decimal("20.5"))
    an_asset(council, "2-MODEL", model=said, category="laptop")
    an_asset(council, "3-WATTS", model=point, category="access_point")
    an_asset(council, "4-MEDIAN", model=guessed, category="laptop")
    an_asset(council, "5-NONE", category="dock")
    an_asset(council, "6-GONE", model=said, category="laptop", state="sold")
    manager = a_person(council, "asset_manager")

    content = exported(manager)

    told = {line["Asset tag"]: (line["kWh a year"], line["kWh known from"]) for line in lines(content)}
    assert told == {
        "1-OWN": (20.5, "measured for itself"),
        "2-MODEL": (18.8, "said of its model"),
        "3-WATTS": (109.5, "its model's watts, day and night"),
        "4-MEDIAN": (18.8, "the median of its category"),
        "5-NONE": (None, None),
        "6-GONE": (None, None),
    }
    plain = exported(manager, "csv")
    assert b'"109.5","its model\'s watts, day and night"' in plain or b'109.5,"its model' in plain
    edited = plain.replace(b"said of its model", b"I measured it").replace(b"109.5", b"1.0")
    rows = rows_of(bring(File(BytesIO(edited), "a.csv"), council, manager))
    assert {row.action for row in rows} == {"unchanged"}


def test_who_takes_out_what_they_hold_alone_reads_nothing_of_energy():
    council = a_council()
    holder = a_person(council, "requester")
    an_asset(council, "MINE", holder=holder, category="laptop", annual_kwh_override=Decimal("20.5"))

    names = {each.name for each in offered(kinds()["assets"], holder)}

    assert ("asset_tag" in names, "kwh" in names, "kwh_source" in names) == (True, False, False)


def test_row_edited_meanwhile_by_somebody_is_stale():
    council = a_council()
    asset = an_asset(council, tag="001", notes="x")
    content = exported(a_person(council, "asset_manager"), "csv")
    Asset.objects.filter(pk=asset.pk).update(version=2, notes="theirs")

    assert codes(bring(File(BytesIO(content), "a.csv"), council)) == {2: ["stale_version"]}


def test_money_is_shown_for_the_councils_where_the_person_may_see_it():
    occ, cdc = a_council("OCC"), a_council("CDC")
    for council in (occ, cdc):
        an_asset(council, tag="1", purchase_cost_ex_vat=Decimal("5.00"), po_number="PO1", cost_centre="CC1")
    manager, engineer = a_person(occ, "asset_manager"), an_engineer(occ)

    seen = {line["Council"]: line["Purchase cost (ex VAT)"] for line in lines(exported(manager))}
    orders = {line["Council"]: line["Purchase order"] for line in lines(exported(manager))}
    without = lines(exported(engineer))

    assert (seen, orders) == ({"OCC": 5, "CDC": None}, {"OCC": "PO1", "CDC": None})
    assert {"Purchase cost (ex VAT)", "Purchase order", "Cost centre"} & set(without[0]) == set()
    assert b"CC1" not in exported(engineer, "csv")


def test_export_holds_what_its_person_sees_and_what_the_filters_leave():
    occ, cdc = a_council("OCC"), a_council("CDC")
    an_asset(occ, tag="1", category="laptop")
    an_asset(occ, tag="2", category="monitor")
    an_asset(cdc, tag="3", category="laptop")
    approver = a_person(occ, "budget_approver")

    assert [line["Asset tag"] for line in lines(exported(approver))] == ["1", "2"]
    assert [line["Asset tag"] for line in lines(exported(approver, category="laptop"))] == ["1"]


def test_filter_that_is_not_understood_is_refused():
    with pytest.raises(ValidationError):
        exported(an_engineer(), category="spaceship")


def test_who_may_not_export_is_refused():
    with pytest.raises(PermissionDenied):
        exported(a_person(None, "supplier_contact"))


def test_nothing_is_hidden_and_the_cover_says_who_what_when_and_how_to_bring_it_back():
    manager = a_person(a_council("OCC"), "asset_manager", name="=Jo")
    an_asset(a_council("OCC"), tag="1")
    an_asset(a_council("CDC"), tag="2")

    book = load_workbook(BytesIO(exported(manager, category="laptop")))

    about = [row[0] for row in book["About"].iter_rows(values_only=True)]
    assert [(sheet.title, sheet.sheet_state) for sheet in book] == [
        (name, "visible") for name in ("Assets", "About")
    ]
    assert about[0].startswith("Assets as at ")
    assert about[1:] == [
        "Taken out by: =Jo, Oxfordshire County Council",
        "Filters: Category: Laptop",
        "Rows: 2 (CDC 1, OCC 1)",
        None,
        "What you can change: every column but the grey ones.",
        "Grey columns, which are not read back: Council, kWh a year, kWh known from, Version.",
        "Whose rows you can change: Oxfordshire County Council. Leave the others out.",
        "Leave the Version column as it is: by it we notice what somebody else has changed in the meantime, and ask "
        "you which is right.",
        "A blank cell leaves what is there as it is. To empty it, write (clear).",
        "You can sort, leave out rows and columns, and add rows. Keep the headings.",
        "To bring it back: save the file, open http://127.0.0.1:8000/imports/ and upload it. You see every change "
        "before it is made.",
    ]
    assert "f" not in {cell.data_type for row in book["Assets"].iter_rows() for cell in row}


def test_many_rows_are_written_by_a_job(monkeypatch):
    monkeypatch.setattr(taking_out, "MADE_AT_ONCE", 1)
    engineer = an_engineer()
    an_asset(tag="1")
    an_asset(tag="2")

    export = taking_out.start(kinds()["assets"], {}, "csv", by=engineer)
    waiting = export.file
    run(export.job_id)
    run(export.job_id)

    export.refresh_from_db()
    assert (waiting, export.rows, Job.objects.get().state) == (None, 2, "done")
    assert export.file.name.startswith("assets 20")
    assert Change.objects.filter(kind="spreadsheets.export", object_id=export.pk).count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at_once", [True, False])
def test_rows_are_written_to_the_file_before_the_transaction_begins(monkeypatch, at_once):
    monkeypatch.setattr(taking_out, "MADE_AT_ONCE", 5 if at_once else 0)
    engineer = an_engineer()
    an_asset(tag="1")
    locked = []

    def note(execute, sql, params, many, context):
        if sql.startswith(("SELECT", "DECLARE")) and "serial_number" in sql:
            locked.append(context["connection"].in_atomic_block)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        export = taking_out.start(kinds()["assets"], {}, "csv", by=engineer)
        if not at_once:
            run(export.job_id)

    export.refresh_from_db()
    assert (export.rows, locked) == (1, [False])


def test_export_is_seen_by_who_wanted_it():
    one, other = an_engineer(), an_engineer()
    an_asset()
    exported(one)

    assert [Export.objects.visible_to(person).count() for person in (one, other)] == [1, 0]


def test_query_count_is_the_same_for_one_row_and_for_three():
    one, other = an_engineer(), an_engineer()
    an_asset(site=a_site())
    with CaptureQueriesContext(connection) as for_one:
        exported(one)
    an_asset(site=a_site())
    an_asset(site=a_site())
    with CaptureQueriesContext(connection) as for_three:
        exported(other)

    assert len(for_three) == len(for_one)


def test_export_is_there_no_longer_for_who_may_not_export_any_more():
    engineer = an_engineer()
    an_asset()
    exported(engineer)

    end(engineer.grants.get(), by=None)

    assert not Export.objects.visible_to(Person.objects.get(pk=engineer.pk)).exists()


def test_file_is_there_no_longer_once_the_role_by_which_its_rows_were_seen_has_ended():
    """Also for who may still take out something: the file holds what they saw then."""
    engineer = a_person(None, "requester", "engineer")
    an_asset()
    exported(engineer)
    before = Export.objects.visible_to(engineer).count()

    end(engineer.grants.get(role="engineer"), by=None)

    later = Person.objects.get(pk=engineer.pk)
    assert (before, Export.objects.visible_to(later).count()) == (1, 0)
    assert exported(later)


@pytest.mark.parametrize(
    ("stopped", "ends"), [(False, ("done", 2, 2, True)), (True, ("cancelled", 1, 2, False))]
)
def test_job_shows_how_far_it_is_and_can_be_stopped_on_its_way(monkeypatch, stopped, ends):
    monkeypatch.setattr(taking_out, "MADE_AT_ONCE", 0)
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    engineer = an_engineer()
    an_asset(tag="1")
    an_asset(tag="2")
    export = taking_out.start(kinds()["assets"], {}, "xlsx", by=engineer)
    waiting = Job.objects.filter(pk=export.job_id, cancel_wanted=False)

    def stop(execute, sql, params, many, context):
        done = execute(sql, params, many, context)
        if stopped and sql.startswith("UPDATE") and "progress_done" in sql and waiting.exists():
            waiting.update(cancel_wanted=True)
        return done

    with connection.execute_wrapper(stop):
        run(export.job_id)

    export.refresh_from_db()
    job = Job.objects.get()
    assert (job.state, job.progress_done, job.progress_total, export.file is not None) == ends


def test_export_with_money_is_there_no_longer_for_who_may_not_see_money_any_more():
    council = a_council()
    manager = a_person(council, "asset_manager")
    an_asset(council, purchase_cost_ex_vat=Decimal("5.00"))
    exported(manager)
    before = Export.objects.visible_to(manager).count()
    end(manager.grants.get(), by=None)
    give_role(manager, "engineer", council, by=None)

    exported(Person.objects.get(pk=manager.pk))

    seen = Export.objects.visible_to(Person.objects.get(pk=manager.pk))
    assert (before, [export.money_of.count() for export in seen]) == (1, [0])


def test_export_reaches_as_far_as_the_rights_to_see_and_to_export():
    occ, cdc = a_council("OCC"), a_council("CDC")
    approver = a_person(occ, "budget_approver")
    an_asset(occ, tag="1")
    an_asset(cdc, tag="2", holder=approver)

    assert [line["Asset tag"] for line in lines(exported(approver))] == ["1"]


@pytest.mark.parametrize("name", ["coucil", "pk", "co\0uncil"])
def test_filter_that_there_is_not_is_refused(name):
    with pytest.raises(ValidationError, match="There is no such filter. There are: q, council"):
        exported(an_engineer(), **{name: "OCC"})

    assert not Export.objects.exists()
