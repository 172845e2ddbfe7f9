"""Warnings, hours and promises that change on the way, and whose hours count."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from servicedesk.service_levels.keeping import set_day
from servicedesk.service_levels.models import (
    Calendar,
    CalendarVersion,
    CouncilCalendar,
    Metric,
    ServiceLevel,
    TeamCalendar,
)
from servicedesk.service_levels.promises import next_working_instant
from servicedesk.tickets.breaches import mark_breaches, mark_warnings
from servicedesk.tickets.models import Clock
from servicedesk.tickets.prioritising import override_priority
from servicedesk.tickets.remeasuring import Touched, carry_out, count_stale_anew
from servicedesk.tickets.replying import say
from servicedesk.tickets.workflow import change, move
from tests.deeds import watching
from tests.factories import a_council, a_person, a_requester, a_service, a_team, an_engineer
from tests.tickets.promised import assert_rebuilt, at, raised, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def asha():
    return an_engineer(name="Asha")


@pytest.fixture
def ben():
    return a_requester(a_council("OCC"), name="Ben")


def test_warning_comes_at_its_instant_once(
    ben, asha
):  # E13w: 75 % of 28 h 30, paused Monday 14:00 to Tuesday 11:00
    ticket = raised(ben, asha, "23 10:00", impact=3)
    move(ticket, "ask_customer", by=asha, question="Which?", now=at("23 14:00"))
    assert ticket.clocks.get(metric="resolution").warn_at is None
    say(ticket, by=ben, body="This", visibility="public", now=at("24 11:00"))
    instant = at("26 09:22:30")

    early, due, again = (mark_warnings(now=instant + timedelta(seconds=by)) for by in (-1, 0, 60))

    clock = ticket.clocks.get(metric="resolution")
    assert (early, due, again) == (0, 1, 0)
    assert (clock.warn_at, clock.warned_at) == (instant, instant)


def test_warning_is_adjustable_and_comes_again_with_a_longer_target(ben, asha):
    ServiceLevel.objects.filter(metric="resolution", ticket_type="incident").update(warn_percent=50)
    ticket = raised(ben, asha, "23 08:00")  # P2, 8 h
    assert mark_warnings(now=at("23 12:00")) == 3  # of the reply, of the next update, and of the fix
    Clock.objects.filter(metric="next_update").update(warn_at=None)

    change(ticket, by=asha, version=ticket.version, impact=3, now=at("23 13:00"))  # P3, 28 h 30

    clock = ticket.clocks.get(metric="resolution")
    assert (clock.warn_at, clock.warned_at) == (at("24 12:45"), None)


def test_corrected_hours_leave_what_is_late_and_what_has_ended(ben, asha):
    late, ended, alive = (raised(ben, asha, "23 09:00") for _ in range(3))
    move(ended, "resolve", by=asha, resolution_code="fixed", resolution_note="x", now=at("23 10:00"))
    move(alive, "ask_customer", by=asha, question="Which?", now=at("23 10:00"))
    mark_breaches(now=at("24 09:00"))
    clocks = Clock.objects.filter(metric="resolution").select_related("calendar", "service_level", "ticket")
    before = {one.ticket_id: (one.due_at, one.breached_at, one.elapsed_seconds) for one in clocks}
    standard = Calendar.objects.get(code="STD")
    ada = a_person(None, "administrator")

    carry_out(
        lambda: Touched(
            set_day(standard, by=ada, version=1, day=date(2026, 11, 23), windows=[], reason="Snow")
        ),
        by=ada,
        cause="the hours were changed",
        now=at("24 09:00"),
    )

    after = {one.ticket_id: (one.due_at, one.breached_at, one.elapsed_seconds) for one in clocks.all()}
    assert {key: after[key] == before[key] for key in (late.pk, ended.pk, alive.pk)} == {
        late.pk: True,
        ended.pk: True,
        alive.pk: False,
    }
    assert after[alive.pk] == (None, None, 0)
    for ticket in (late, ended, alive):
        assert_rebuilt(ticket, at("24 09:00"))


def test_a_day_that_has_these_hours_already_is_not_written_again():
    """Each write stands in history, so where history would have nothing to tell nothing is written."""
    standard, ada = Calendar.objects.get(code="STD"), a_person(None, "administrator")
    snow = {"by": ada, "day": date(2026, 11, 23), "windows": [], "reason": "Snow"}
    set_day(standard, version=1, **snow)

    with watching() as deeds:
        set_day(standard, version=2, **snow)

    assert deeds.unrecorded() == set()
    assert [(row.date, row.windows, row.reason) for row in standard.exceptions.filter(date=snow["day"])] == [
        (date(2026, 11, 23), [], "Snow")
    ]


def test_what_started_while_hours_were_corrected_is_counted_anew(ben, asha):
    ticket = raised(ben, asha, "23 09:00")
    Calendar.objects.filter(code="STD").update(version=2)

    found = [count_stale_anew(at("23 09:10")) for _ in range(2)]

    assert found == [ticket.clocks.count(), 0]
    assert set(ticket.clocks.values_list("calendar_version", flat=True)) == {2}


def test_news_of_warning_and_breach_come_with_their_clock(ben, asha, settings):
    settings.TICKET_NEWS = ["tests.tickets.test_clocks_of_other_hours.hear"]
    ticket = raised(ben, asha, "23 09:00", impact=3)
    heard.clear()

    mark_warnings(now=at("23 12:00"))
    mark_breaches(now=at("23 13:01"))

    assert heard == [("warned", ticket.reference, "response"), ("breached", ticket.reference, "response")]


heard: list = []


def hear(event, ticket, *, by, now, **facts):
    heard.append((event, ticket.reference, facts["clock"].metric if "clock" in facts else ""))


def test_hours_from_a_day_on_count_from_that_day(ben, asha):
    standard = Calendar.objects.get(code="STD")
    CalendarVersion.objects.create(
        calendar=standard,
        starts_on=date(2026, 11, 24),
        windows={str(n): [["10:00", "12:00"]] for n in range(5)},
    )

    ticket = raised(ben, asha, "23 15:00", impact=3)  # 28 h 30: 2 h 30 on Monday, then 2 h a day

    clock = ticket.clocks.get(metric="resolution")
    assert clock.due_at == datetime(2026, 12, 10, 12, tzinfo=UTC)
    why = told(ticket, at("23 16:00"))["Fixed"].why
    assert why[0] == "Monday 23 November, 3pm to 5:30pm: 2 h 30 min"
    assert "Tuesday 24 November, midnight: other hours from here on" in why


def test_page_says_which_change_made_it_late(ben, asha):
    ticket = raised(ben, asha, "23 09:00", impact=3)
    mia = a_person(None, "queue_manager")

    ticket = override_priority(ticket, by=mia, priority="P2", reason="Payday", now=at("24 10:00"))

    deadline = told(ticket, at("24 11:00"))["Fixed"]
    assert deadline.breach == "Breached Monday 23 November 2026, 5pm, by a change: now P2 high"
    assert "Tuesday 24 November, 10am: now P2 high, so 8 h from the start" in deadline.why


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        (23, time(9), at("23 09:00")),
        (23, time(18), at("24 08:00")),
        (28, time(10), at("30 08:00")),
    ],
)
def test_next_working_instant_of_a_council_is_within_its_hours(day, clock, expected):
    now = datetime.combine(date(2026, 11, day), clock, UTC)

    assert next_working_instant(a_council(), now) == expected


def test_next_working_instant_of_a_team_and_its_people_is_within_their_own_hours(ben):
    asha = an_engineer(a_council("OCC"))
    team = a_team("Nights", members=(asha,))
    windows = {str(day): [["20:00", "24:00"]] for day in range(7)}
    TeamCalendar.objects.create(
        team=team, calendar=Calendar.objects.create(code="N", name="Nights", windows=windows)
    )

    asked = [next_working_instant(whom, at("28 10:00")) for whom in (team, asha, ben)]

    assert asked == [at("28 20:00"), at("28 20:00"), at("30 08:00")]


def test_version_of_a_promise_holds_for_what_is_reported_from_its_day(ben, asha):
    ServiceLevel.objects.create(
        ticket_type="incident",
        priority="P2",
        metric="resolution",
        target_seconds=3600,
        starts_on=date(2026, 11, 24),
    )

    before, after = raised(ben, asha, "23 09:00"), raised(ben, asha, "24 09:00")

    targets = [one.clocks.get(metric=Metric.RESOLUTION).target_seconds for one in (before, after)]
    assert targets == [28_800, 3600]


def test_promise_that_has_ended_makes_way_for_the_more_general_one(ben, asha):
    service = a_service(team=a_team(members=(asha,)))
    ServiceLevel.objects.create(
        ticket_type="incident",
        priority="P2",
        metric="resolution",
        service=service,
        target_seconds=3600,
        ended_on=date(2026, 11, 24),
    )

    held, ended = (raised(ben, asha, day, service=service) for day in ("23 09:00", "24 09:00"))

    targets = [one.clocks.get(metric=Metric.RESOLUTION).target_seconds for one in (held, ended)]
    assert targets == [3600, 28_800]


def test_hours_of_a_council_are_its_own(asha):
    occ, cdc = a_council("OCC"), a_council("CDC")
    late = Calendar.objects.create(
        code="L", name="Late", windows={str(n): [["12:00", "20:00"]] for n in range(5)}
    )
    CouncilCalendar.objects.create(council=cdc, calendar=late)

    due = [
        raised(a_requester(council), asha, "23 08:00").clocks.get(metric="resolution").due_at
        for council in (occ, cdc)
    ]

    assert due == [at("23 16:00"), at("23 20:00")]
