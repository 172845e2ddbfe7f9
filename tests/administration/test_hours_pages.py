"""Calendars and service levels by browser: what a change does is shown, then done, and only to what is open."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from servicedesk.service_levels.models import Calendar, CouncilCalendar, TeamCalendar
from servicedesk.tickets.models import Clock, Ticket
from servicedesk.tickets.settling import READ_FROM_EVENTS, read_again
from servicedesk.tickets.workflow import move
from tests.administration.effects import an_open_ticket, sent_again
from tests.factories import (
    a_case_group,
    a_council,
    a_grant,
    a_person,
    a_service,
    a_team,
    an_engineer,
)

pytestmark = pytest.mark.django_db

WEEK = {f"day_{n}": "08:00 to 17:30" for n in range(5)} | {"bank_holidays": "on"}


def the_day_after_tomorrow(ticket: Ticket) -> date:
    """A working day before the ticket is due."""
    return timezone.localdate(ticket.due_at)


def figures(clock: Clock) -> dict:
    return {name: getattr(clock, name) for name in READ_FROM_EVENTS}


def close_day(client, hours, day: date, **more):
    hours.refresh_from_db()
    given = {"version": hours.version, "day": day.strftime("%d/%m/%Y"), "hours": "", "reason": "Snow"}
    return client.post(f"/admin/calendars/{hours.pk}/day/", given | more)


def test_closing_a_day_is_shown_first_and_changes_nothing(client, cdc, hours, admin):
    ticket = an_open_ticket(cdc)
    due = ticket.due_at

    shown = close_day(client, hours, the_day_after_tomorrow(ticket))

    page = shown.content.decode()
    assert shown.status_code == 200
    assert "1 open request gets another deadline; 0 promises are late at once." in page
    assert ticket.reference in page
    assert "Secret words" not in page
    ticket.refresh_from_db()
    hours.refresh_from_db()
    assert (ticket.due_at, hours.version, hours.exceptions.count(), hours.editions.count()) == (due, 1, 0, 0)


def test_saved_it_moves_what_is_open_and_nothing_that_has_ended(client, cdc, hours, admin):
    ticket, ended = an_open_ticket(cdc), an_open_ticket(cdc)
    asha = an_engineer(cdc)
    move(ended, "take", by=asha)
    move(ended, "resolve", by=asha, resolution_code="fixed", resolution_note="Done")
    frozen = {clock.pk: figures(clock) for clock in ended.clocks.all()}
    due = ticket.due_at
    day = the_day_after_tomorrow(ticket)

    saved = client.post(
        f"/admin/calendars/{hours.pk}/day/", sent_again(close_day(client, hours, day)), follow=True
    )

    assert "Saved. 1 open request gets another deadline" in saved.content.decode()
    ticket.refresh_from_db()
    assert ticket.due_at > due
    clock = ticket.clocks.get(metric="resolution")
    assert (clock.calendar_version, clock.events.last().kind) == (2, "remeasure")
    now = timezone.now()
    assert figures(clock) == figures(read_again(clock, now))
    for old in ended.clocks.all():
        assert figures(old) == frozen[old.pk] == figures(read_again(old, now))


def test_closed_day_becomes_an_ordinary_one_again(client, cdc, hours, admin):
    ticket = an_open_ticket(cdc)
    due, day = ticket.due_at, the_day_after_tomorrow(ticket)
    client.post(f"/admin/calendars/{hours.pk}/day/", sent_again(close_day(client, hours, day)))
    ticket.refresh_from_db()
    closed_due, said = ticket.due_at, hours.exceptions.get()
    clear = f"/admin/calendars/{hours.pk}/days/{said.pk}/clear/"

    page = client.get(f"/admin/calendars/{hours.pk}/").content.decode()
    shown = client.post(clear, {"version": 2})
    ticket.refresh_from_db()
    assert (ticket.due_at, hours.exceptions.count()) == (closed_due, 1)
    saved = client.post(clear, sent_again(shown), follow=True)

    ticket.refresh_from_db()
    assert clear in page
    assert "1 open request gets another deadline; 0 promises are late at once." in shown.content.decode()
    assert closed_due > due == ticket.due_at
    assert hours.exceptions.count() == 0
    assert f"{said}: removed" in saved.content.decode()
    assert client.get(clear).status_code == 404


def test_something_else_than_was_shown_is_shown_again(client, cdc, hours, admin):
    ticket = an_open_ticket(cdc)
    seen = sent_again(close_day(client, hours, the_day_after_tomorrow(ticket)))

    again = client.post(f"/admin/calendars/{hours.pk}/day/", seen | {"reason": "Another reason"})

    assert "Save it" in again.content.decode()
    assert hours.exceptions.count() == 0


def test_more_harm_than_was_seen_is_shown_again(client, cdc, hours, admin):
    seen = sent_again(
        client.post(f"/admin/calendars/{hours.pk}/hours/", WEEK | {"version": 1, "day_5": "09:00 to 10:00"})
    )
    assert seen["late"] == "0"
    ticket = an_open_ticket(cdc, reported_at=timezone.now() - timedelta(days=8), impact=3, urgency=1)
    Clock.objects.filter(ticket=ticket).update(due_at=timezone.now() + timedelta(days=9), breached_at=None)

    again = client.post(f"/admin/calendars/{hours.pk}/hours/", seen)

    assert again.status_code == 409
    assert "late at once" in again.content.decode()
    hours.refresh_from_db()
    assert hours.version == 1


def test_a_newer_version_is_not_overwritten(client, cdc, hours, admin):
    seen = sent_again(close_day(client, hours, date(2027, 3, 2)))
    Calendar.objects.update(version=2)

    refused = client.post(f"/admin/calendars/{hours.pk}/day/", seen)

    assert refused.status_code == 409
    assert "was changed while you were looking at it" in refused.content.decode()
    assert hours.exceptions.count() == 0


def test_hours_from_a_day_on_leave_the_days_before(client, cdc, hours, admin):
    week = WEEK | {"version": 1, "day_5": "09:00 to 12:00", "starts_on": "1/4/2027"}

    client.post(
        f"/admin/calendars/{hours.pk}/hours/",
        sent_again(client.post(f"/admin/calendars/{hours.pk}/hours/", week)),
    )

    assert [(one.starts_on, one.windows["5"]) for one in hours.versions.all()] == [
        (date(2027, 4, 1), [["09:00", "12:00"]])
    ]
    page = client.get(f"/admin/calendars/{hours.pk}/").content.decode()
    assert "From 01 April 2027" in page


def test_private_requests_follow_and_are_not_told_of(client, cdc, hours, admin):
    a_case_group("hr", cdc, a_person(cdc, "requester"))
    ticket = an_open_ticket(cdc, sensitivity="hr")
    due = ticket.due_at

    shown = close_day(client, hours, the_day_after_tomorrow(ticket))
    client.post(f"/admin/calendars/{hours.pk}/day/", sent_again(shown))

    ticket.refresh_from_db()
    assert "No open request gets another deadline." in shown.content.decode()
    assert ticket.reference not in shown.content.decode()
    assert ticket.due_at > due


def test_hours_that_hold_for_another_council_are_not_hers_to_change(client, cdc, admin):
    a_council("OCC")
    standard = Calendar.objects.get(code="STD")

    page = client.get(f"/admin/calendars/{standard.pk}/")
    refused = client.post(
        f"/admin/calendars/{standard.pk}/day/", {"version": 1, "day": "2/3/2027", "hours": "", "reason": ""}
    )

    assert "Make one for your own council instead" in page.content.decode()
    assert refused.status_code == 403


def test_new_calendar_is_kept_by_the_council_and_moves_its_requests(client, cdc, hours, admin):
    ticket = an_open_ticket(cdc)
    client.post("/admin/calendars/new/", {"name": "All day", "code": "ALL", "always": "on"})
    every_hour = Calendar.objects.get(code="ALL")

    shown = client.post(f"/admin/calendars/{every_hour.pk}/keep/", {"council": cdc.pk})
    client.post(f"/admin/calendars/{every_hour.pk}/keep/", sent_again(shown))

    before = ticket.due_at
    ticket.refresh_from_db()
    assert CouncilCalendar.objects.get(council=cdc).calendar == every_hour
    assert ticket.due_at < before
    assert ticket.clocks.get(metric="resolution").events.last().kind == "retarget"


def test_supplier_keeps_hours_of_its_own(client, cdc, hours, admin):
    firm = a_team("Acme", cdc, kind="supplier")

    shown = client.post(f"/admin/calendars/{hours.pk}/keep/", {"team": firm.pk})
    client.post(f"/admin/calendars/{hours.pk}/keep/", sent_again(shown))

    assert TeamCalendar.objects.get(team=firm).calendar == hours


@pytest.fixture
def libraries(cdc, hours):
    """A service of Cherwell's, whose desk opens in two days and not before."""
    hours.windows = {str((timezone.localdate() + timedelta(days=2)).weekday()): [["08:00", "17:30"]]}
    hours.bank_holidays = False
    hours.save()
    return a_service("Library tills", team=a_team("Tills", cdc))


def an_outage(cdc, libraries) -> Ticket:
    """Critical, and to be mended in four hours."""
    return an_open_ticket(cdc, service=libraries, impact=1, urgency=1)


def test_cover_out_of_hours_is_shown_first_and_changes_nothing(client, cdc, admin, libraries):
    ticket = an_outage(cdc, libraries)
    due = ticket.due_at

    shown = client.post(f"/admin/services/{libraries.pk}/cover/", {"version": 1, "covered": "on"})

    libraries.refresh_from_db()
    ticket.refresh_from_db()
    assert "1 open request gets another deadline; 0 promises are late at once." in shown.content.decode()
    assert (libraries.out_of_hours_cover, libraries.version, ticket.due_at) == (False, 1, due)


def test_saved_cover_moves_what_is_critical_and_open_alone(client, cdc, admin, libraries):
    ticket, ended = (an_outage(cdc, libraries) for _ in range(2))
    normal, asha = an_open_ticket(cdc, service=libraries), an_engineer(cdc)
    move(ended, "take", by=asha)
    move(ended, "resolve", by=asha, resolution_code="fixed", resolution_note="Done")
    frozen, due = {one.pk: figures(one) for one in ended.clocks.all()}, normal.due_at

    seen = sent_again(client.post(f"/admin/services/{libraries.pk}/cover/", {"version": 1, "covered": "on"}))
    saved = client.post(f"/admin/services/{libraries.pk}/cover/", seen | {"covered": "on"}, follow=True)

    for one in (libraries, ticket, normal):
        one.refresh_from_db()
    assert "Saved. 1 open request gets another deadline" in saved.content.decode()
    assert "Covered out of hours, where it is critical." in saved.content.decode()
    assert libraries.out_of_hours_cover
    assert timedelta(0) <= ticket.due_at - (ticket.reported_at + timedelta(hours=4)) < timedelta(minutes=1)
    cause = "the cover of Library tills was changed"
    assert ticket.clocks.get(metric="resolution").events.last().cause == cause
    assert normal.due_at == due
    assert {one.pk: figures(one) for one in ended.clocks.all()} == frozen


def test_cover_of_a_service_of_two_councils_is_changed_by_who_administers_both(client, cdc, admin, libraries):
    libraries.councils.add(a_council("OCC"))
    path, sent = f"/admin/services/{libraries.pk}/cover/", {"version": 1, "covered": "on"}
    assert client.post(path, sent).status_code == 403

    a_grant(admin, "administrator", a_council("OCC"))
    assert client.post(path, sent).status_code == 200


def test_requests_of_a_council_that_the_service_left_are_counted_and_not_named(client, cdc, admin, libraries):
    county = a_council("OCC")
    ours, theirs = an_outage(cdc, libraries), an_outage(cdc, libraries)
    type(theirs).objects.filter(pk=theirs.pk).update(council=county)

    shown = client.post(
        f"/admin/services/{libraries.pk}/cover/", {"version": 1, "covered": "on"}
    ).content.decode()

    assert "2 open requests get another deadline" in shown
    assert (ours.reference in shown, theirs.reference in shown) == (True, False)


def test_cover_is_not_changed_among_the_other_facts_of_a_service(client, cdc, admin, libraries):
    page = client.get(f"/admin/services/{libraries.pk}/").content.decode()

    assert 'name="out_of_hours_cover"' not in page
    assert f"/admin/services/{libraries.pk}/cover/" in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"day_0": "17:00 to 09:00"}, "must close after that"),
        ({"day_0": "nine to five"}, "is not written such as 08:00 to 17:30"),
        ({f"day_{n}": "" for n in range(5)}, "Enter the hours of one day at least"),
    ],
)
def test_hours_that_cannot_be_are_refused_in_a_sentence(client, hours, admin, given, sentence):
    refused = client.post(f"/admin/calendars/{hours.pk}/hours/", WEEK | {"version": 1} | given)

    assert refused.status_code == 422
    assert sentence in refused.content.decode()


@pytest.mark.parametrize("path", ["calendars/", "calendars/new/", "service-levels/", "service-levels/new/"])
def test_pages_are_for_administrators(client, cdc, path):
    client.force_login(an_engineer(cdc))

    assert client.get(f"/admin/{path}").status_code == 403
