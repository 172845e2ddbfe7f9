"""Bank holidays and the command that loads what others publish: said first, then done."""

import io
import json
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from assets.register.models import AssetModel
from servicedesk.history.editing import Stale
from servicedesk.service_levels.keeping import close_days
from servicedesk.service_levels.models import Calendar, CalendarException
from servicedesk.service_levels.promises import hours_of
from servicedesk.tickets.models import Clock
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.workflow import move
from tests.factories import a_council, a_model, a_person, a_requester, a_service
from tests.register.test_reference import AUGUST, SHAPES, a_file, ends, loaded, told

pytestmark = pytest.mark.django_db


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
