"""Exports through the programming interface."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from servicedesk.jobs.models import Job
from servicedesk.jobs.running import run
from servicedesk.people.grants import end
from servicedesk.spreadsheets.models import Export
from tests.api.calling import NOTHING, as_person, as_program, problem
from tests.api.test_imports import kim
from tests.factories import a_council, a_person, an_asset

pytestmark = pytest.mark.django_db
__all__ = ["kim"]


def test_export_is_made_and_fetched(kim):
    an_asset(a_council("OCC"), "T1", purchase_cost_ex_vat=Decimal("1"))
    an_asset(a_council("CDC"), "T2", purchase_cost_ex_vat=Decimal("2"))
    program = as_program(kim)

    made = program.ask("POST", "exports/", {"kind": "assets", "format": "csv", "filters": {"council": "OCC"}})

    body = made.json()
    assert made.status_code == 201
    assert datetime.fromisoformat(body.pop("wanted_at")) < datetime.now(UTC)
    assert body == {
        "id": body["id"],
        "kind": "assets",
        "format": "csv",
        "filters": {"council": "OCC"},
        "columns": [],
        "ready": True,
        "rows": 1,
        "job": None,
    }
    file = program.get(f"exports/{body['id']}/file/")
    text = file.getvalue().decode("utf-8-sig")
    assert file["Content-Type"].startswith("text/csv")
    assert "T1" in text
    assert "T2" not in text
    assert program.get(f"exports/{body['id']}/").json()["ready"] is True
    assert [row["id"] for row in program.get("exports/").json()["results"]] == [body["id"]]


def test_an_export_holds_the_columns_that_were_asked_for(kim):
    an_asset(a_council("OCC"), "T1", room="1.1")
    program = as_program(kim)

    made = program.ask("POST", "exports/", {"kind": "assets", "format": "csv", "columns": ["room"]}).json()

    text = program.get(f"exports/{made['id']}/file/").getvalue().decode("utf-8-sig")
    assert made["columns"] == ["room"]
    assert text.splitlines()[0] == '"Asset tag","Serial number","Hostname","Room","Version"'


def test_an_export_of_many_is_made_by_a_job(kim, monkeypatch):
    monkeypatch.setattr("servicedesk.spreadsheets.taking_out.MADE_AT_ONCE", 0)
    an_asset(a_council("OCC"), "T1")
    caller = as_person(kim)

    asked = caller.ask("POST", "exports/", {"kind": "assets"})
    path = f"exports/{asked.json()['id']}/"

    assert (asked.status_code, asked.json()["ready"], asked.json()["job"]["state"]) == (202, False, "queued")
    assert caller.get(f"{path}file/").json() == NOTHING
    run(Job.objects.get().pk)
    assert caller.get(path).json()["ready"] is True
    assert caller.get(f"{path}file/").getvalue().startswith(b"PK")


def test_an_export_that_is_under_way_says_how_far_it_is_and_is_stopped(kim, monkeypatch):
    monkeypatch.setattr("servicedesk.spreadsheets.taking_out.MADE_AT_ONCE", 0)
    an_asset(a_council("OCC"), "T1")
    caller, colleague = as_program(kim), as_person(a_person(a_council("OCC"), "asset_manager"))
    path = f"exports/{caller.ask('POST', 'exports/', {'kind': 'assets'}).json()['id']}/"
    job = Job.objects.get()
    begun = datetime(2026, 5, 3, 9, tzinfo=UTC)
    Job.objects.filter(pk=job.pk).update(
        state="running", stage="Writing rows", progress_done=3, progress_total=9, attempts=1, started_at=begun
    )

    assert colleague.ask("POST", f"{path}cancel/").json() == NOTHING
    stopping = caller.ask("POST", f"{path}cancel/")

    told = stopping.json()["job"]
    assert datetime.fromisoformat(told.pop("created_at")) == job.created_at
    assert (stopping.status_code, told) == (
        200,
        {
            "id": job.pk,
            "state": "running",
            "stage": "Writing rows",
            "progress_done": 3,
            "progress_total": 9,
            "cancel_wanted": True,
            "attempts": 1,
            "problem": "",
            "started_at": "2026-05-03T10:00:00+01:00",
            "finished_at": None,
        },
    )


def test_an_export_that_nobody_has_begun_is_stopped_at_once_and_then_no_more(kim, monkeypatch):
    monkeypatch.setattr("servicedesk.spreadsheets.taking_out.MADE_AT_ONCE", 0)
    an_asset(a_council("OCC"), "T1")
    caller = as_program(kim)
    path = f"exports/{caller.ask('POST', 'exports/', {'kind': 'assets'}).json()['id']}/"

    stopped, again = caller.ask("POST", f"{path}cancel/"), caller.ask("POST", f"{path}cancel/")
    run(Job.objects.get().pk)

    assert (stopped.status_code, stopped.json()["job"]["state"]) == (200, "cancelled")
    assert (again.status_code, again.json()["detail"]) == (409, "Nothing of this export is under way.")
    assert caller.get(path).json()["ready"] is False


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "kind"),
        ({"kind": "nix"}, "kind"),
        ({"kind": "assets", "format": "pdf"}, "format"),
        ({"kind": "assets", "filters": {"state": "nix"}}, "state"),
        ({"kind": "assets", "filters": {"council": "XXX"}}, "council"),
        ({"kind": "assets", "filters": {"coucil": "OCC"}}, "coucil"),
        ({"kind": "assets", "filters": {"co\0uncil": "OCC"}}, "filters"),
        ({"kind": "assets", "filters": []}, "filters"),
        ({"kind": "assets", "columns": ["room", "nix"]}, "columns"),
        ({"kind": "assets", "columns": "room"}, "columns"),
        ({"kind": "assets", "columns": ["\0"]}, "columns"),
        ({"kind": "assets", "filters": {"q": {"a": 1}}}, "filters"),
        ({"kind": "assets", "filters": {"q": "\0"}}, "filters"),
    ],
)
def test_odd_exports_are_refused_by_field(kim, body, field):
    answer = as_person(kim).ask("POST", "exports/", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not Export.objects.exists()


def test_exporting_needs_the_right():
    answer = as_person(a_person(None, "supplier_contact")).ask("POST", "exports/", {"kind": "assets"})
    assert answer.json() == problem(403, "Forbidden", "You need the right to export.")


def test_an_export_of_somebody_else_is_as_unknown_as_none(kim):
    theirs = as_person(a_person(None, "asset_manager")).ask("POST", "exports/", {"kind": "assets"}).json()
    for key in (theirs["id"], 10**9):
        for path in ("", "file/"):
            assert as_person(kim).get(f"exports/{key}/{path}").json() == NOTHING


def test_whose_grant_has_ended_fetches_no_export_at_the_next_request(kim):
    program = as_program(kim)
    path = f"exports/{program.ask('POST', 'exports/', {'kind': 'assets'}).json()['id']}/"
    assert program.get(f"{path}file/").getvalue()
    end(kim.grants.get(), by=None)
    assert [program.get(each).json() for each in (path, f"{path}file/")] == [NOTHING, NOTHING]
