"""Delivering, the next update and a supplier's own time: what starts, stops and stills each; warnings; other hours."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from servicedesk.people.models import Team
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
from servicedesk.tickets.deadlines import deadlines_of
from servicedesk.tickets.models import Clock, Ticket
from servicedesk.tickets.prioritising import override_priority
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.remeasuring import Touched, carry_out, count_stale_anew
from servicedesk.tickets.replying import say
from servicedesk.tickets.settling import READ_FROM_EVENTS, read_again
from servicedesk.tickets.workflow import change, move
from tests.factories import a_council, a_person, a_requester, a_service, a_team, an_engineer

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


@pytest.fixture
def asha():
    return an_engineer(name="Asha")


@pytest.fixture
def ben():
    return a_requester(a_council("OCC"), name="Ben")


def raised(ben, asha, when: str, impact: int = 2, urgency: int = 1, **given) -> Ticket:
    service = given.pop("service", None) or a_service(team=a_team(members=(asha,)))
    ticket = raise_ticket(
        by=ben,
        requester=ben,
        type=given.pop("type", "incident"),
        title="No line",
        service=service,
        impact=impact,
        urgency=urgency,
        now=at(when),
        **given,
    )
    return move(ticket, "take", by=asha, now=at(when))


def a_supplier(hours: bool = True, seconds: int = 21_600) -> Team:
    """Acme, who work 09:00 to 17:00 and promise a P2 within six hours."""
    firm = a_team("Acme", kind="supplier")
    if hours:
        windows = {str(day): [["09:00", "17:00"]] for day in range(5)}
        calendar = Calendar.objects.create(code="SUPPLIER", name="Acme's hours", windows=windows)
        TeamCalendar.objects.create(team=firm, calendar=calendar)
    ServiceLevel.objects.create(
        kind="uc", ticket_type="incident", priority="P2", metric="supplier", team=firm, target_seconds=seconds
    )
    return firm


def refer(ticket: Ticket, firm: Team, asha, when: str) -> Ticket:
    return move(ticket, "refer_to_supplier", by=asha, supplier_team=firm, now=at(when))


def told(ticket: Ticket, now: datetime) -> dict:
    return {deadline.metric: deadline for deadline in deadlines_of(ticket, now)}


def assert_rebuilt(ticket: Ticket, now: datetime) -> None:
    mark_breaches(now=now)
    for clock in ticket.clocks.all():
        again = read_again(clock, now)
        assert [getattr(clock, name) for name in READ_FROM_EVENTS] == [
            getattr(again, name) for name in READ_FROM_EVENTS
        ]


def test_supplier_keeps_its_own_hours_and_we_are_warned_that_it_is_later(ben, asha):  # E20
    ticket = refer(raised(ben, asha, "26 15:00"), a_supplier(), asha, "26 16:10")

    ours, theirs = (ticket.clocks.get(metric=metric).due_at for metric in ("resolution", "supplier"))
    assert (ours, theirs) == (at("27 13:30"), at("27 14:10"))
    shown = told(ticket, at("26 16:30"))
    assert shown["Supplier's fix: Acme"].warning == "The supplier's promise is 40 minutes later than ours"
    assert {deadline.warning for name, deadline in shown.items() if "Acme" not in name} == {""}
    ticket.refresh_from_db()
    assert ticket.supplier_due_at == theirs


def test_supplier_in_time_is_no_warning(ben, asha):
    ticket = refer(raised(ben, asha, "26 15:00"), a_supplier(seconds=3600), asha, "26 16:10")

    assert told(ticket, at("26 16:30"))["Supplier's fix: Acme"].warning == ""


def test_supplier_clocks_follow_one_another(ben, asha):
    firm = a_supplier()
    ticket = refer(raised(ben, asha, "26 15:00"), firm, asha, "26 16:10")
    ticket = move(ticket, "supplier_answered", by=asha, now=at("26 16:40"))
    ticket = refer(ticket, firm, asha, "27 10:00")
    ticket = move(ticket, "hand_over", by=asha, team=a_team(), note="Ours after all", now=at("27 10:30"))

    clocks = ticket.clocks.filter(metric="supplier").order_by("id")
    assert [(one.state, one.elapsed_seconds, one.stopped_at) for one in clocks] == [
        ("met", 1800, at("26 16:40")),
        ("cancelled", 1800, at("27 10:30")),
    ]
    assert ticket.clocks.get(metric="resolution").paused_seconds == 0
    assert_rebuilt(ticket, at("27 11:00"))


def test_supplier_without_a_contract_has_no_clock(ben, asha):
    ticket = refer(raised(ben, asha, "26 15:00"), a_team("Bits", kind="supplier"), asha, "26 16:10")

    assert not ticket.clocks.filter(metric="supplier").exists()


def test_waiting_for_a_supplier_stills_the_clock_where_a_level_says_so(ben, asha):
    ServiceLevel.objects.filter(priority="P2", metric="resolution", ticket_type="incident").update(
        pausing=["waiting_supplier"]
    )
    ticket = refer(raised(ben, asha, "23 09:00"), a_supplier(), asha, "23 10:00")
    assert ticket.clocks.get(metric="resolution").state == "paused"

    ticket = move(ticket, "supplier_answered", by=asha, now=at("23 12:00"))
    ticket = move(ticket, "ask_customer", by=asha, question="Which?", now=at("23 12:00"))

    clock = ticket.clocks.get(metric="resolution")
    assert (clock.state, clock.paused_seconds) == ("running", 7200)


def test_request_is_delivered(ben, asha):
    ticket = raised(ben, asha, "23 11:20", type="request", impact=3, urgency=3)

    ticket = move(
        ticket, "resolve", by=asha, resolution_code="fulfilled", resolution_note="x", now=at("24 09:00")
    )

    clock = ticket.clocks.get(metric="fulfilment")
    assert set(ticket.clocks.values_list("metric", flat=True)) == {"response", "fulfilment"}
    assert (clock.state, clock.stopped_at, ticket.due_at) == ("met", at("24 09:00"), at("30 11:20"))


def test_request_of_ten_days_waits_for_its_approval(ben, asha):  # E21
    laptop = a_service("Laptop", a_team(members=(asha,)))
    ServiceLevel.objects.create(
        ticket_type="request", priority="P4", metric="fulfilment", service=laptop, target_seconds=342_000
    )
    ticket = raise_ticket(
        by=ben, requester=ben, type="request", title="Laptop", service=laptop, now=at("23 11:20")
    )
    ann = a_person(None, "budget_approver")
    move(ticket, "request_approval", by=asha, approver=ann, reason="£900", now=at("23 11:20"))
    assert ticket.clocks.get(metric="fulfilment").state == "paused"

    move(ticket, "approve", by=ann, now=at("25 09:40"))

    assert ticket.clocks.get(metric="fulfilment").due_at == datetime(2026, 12, 9, 9, 40, tzinfo=UTC)


def test_each_public_word_of_the_desk_starts_the_next_update(ben, asha):
    ticket = raised(ben, asha, "23 09:00", impact=1)  # P1: an update every half hour

    say(ticket, by=asha, body="We look into it", visibility="public", now=at("23 09:20"))
    say(ticket, by=ben, body="Thanks", visibility="public", now=at("23 09:25"))
    say(ticket, by=asha, body="Cable?", visibility="internal", now=at("23 09:30"))

    clocks = ticket.clocks.filter(metric="next_update").order_by("id")
    assert [(one.state, one.started_at, one.due_at) for one in clocks] == [
        ("met", at("23 09:00"), at("23 09:30")),
        ("running", at("23 09:20"), at("23 09:50")),
    ]
    ticket.refresh_from_db()
    assert ticket.next_update_due_at == at("23 09:50")
    assert_rebuilt(ticket, at("23 09:31"))


def test_an_update_too_late_makes_the_ticket_late_until_it_is_given(ben, asha):
    ticket = raised(ben, asha, "23 09:00", impact=1)
    say(ticket, by=asha, body="We look into it", visibility="public", now=at("23 09:20"))

    mark_breaches(now=at("23 09:51"))
    ticket.refresh_from_db()
    late_since = ticket.breached_at
    say(ticket, by=asha, body="Found it", visibility="public", now=at("23 09:55"))
    ticket.refresh_from_db()

    assert (late_since, ticket.breached_at) == (at("23 09:50"), None)
    assert [one.state for one in ticket.clocks.filter(metric="next_update").order_by("id")] == [
        "met",
        "missed",
        "running",
    ]


def test_next_update_waits_with_the_requester_and_ends_with_the_work(ben, asha):
    ticket = raised(ben, asha, "23 09:00")
    ticket = move(ticket, "ask_customer", by=asha, question="Which?", now=at("23 09:30"))
    paused = ticket.clocks.get(metric="next_update", stopped_at=None)
    say(ticket, by=ben, body="This", visibility="public", now=at("23 11:00"))
    running = ticket.clocks.get(metric="next_update", stopped_at=None)
    ticket = move(
        ticket, "resolve", by=asha, resolution_code="fixed", resolution_note="x", now=at("23 11:30")
    )

    assert (paused.state, paused.due_at) == ("paused", None)
    assert (running.state, running.due_at) == ("running", at("23 13:00"))
    assert not ticket.clocks.filter(metric="next_update", stopped_at=None).exists()
    assert {one.state for one in ticket.clocks.filter(metric="next_update")} == {"met"}


def test_reopened_ticket_is_owed_an_update_from_then_on(ben, asha):
    ticket = raised(ben, asha, "23 09:00")
    ticket = move(
        ticket, "resolve", by=asha, resolution_code="fixed", resolution_note="x", now=at("23 11:30")
    )

    ticket = move(ticket, "reopen", by=ben, message="No", now=at("23 14:00"))

    clock = ticket.clocks.get(metric="next_update", stopped_at=None)
    assert (clock.started_at, clock.due_at) == (at("23 14:00"), at("23 16:00"))
    assert ticket.clocks.get(metric="resolution").paused_seconds == 9000
    assert_rebuilt(ticket, at("23 14:00"))


def test_lower_priority_owes_no_updates_and_a_higher_one_does(ben, asha):
    ticket = raised(ben, asha, "23 09:00")
    ticket = change(ticket, by=asha, version=ticket.version, impact=3, now=at("23 10:00"))
    assert [one.state for one in ticket.clocks.filter(metric="next_update")] == ["cancelled"]

    ticket = change(ticket, by=asha, version=ticket.version, impact=2, now=at("23 11:00"))

    clock = ticket.clocks.get(metric="next_update", stopped_at=None)
    assert (clock.started_at, clock.due_at) == (at("23 11:00"), at("23 13:00"))


def test_cancelled_ticket_has_no_result_even_of_what_was_kept(ben, asha):
    ticket = raised(ben, asha, "23 09:00")
    say(ticket, by=asha, body="We look into it", visibility="public", now=at("23 09:20"))
    mia = a_person(None, "queue_manager")

    move(ticket, "cancel", by=mia, reason="Twice", now=at("23 10:00"))

    clocks = {one.metric: one for one in ticket.clocks.filter(metric__in=["response", "resolution"])}
    assert {one.state for one in ticket.clocks.all()} == {"cancelled"}
    assert (clocks["response"].stopped_at, clocks["response"].elapsed_seconds) == (at("23 09:20"), 1200)
    assert_rebuilt(ticket, at("23 12:00"))


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


def test_what_started_while_hours_were_corrected_is_counted_anew(ben, asha):
    ticket = raised(ben, asha, "23 09:00")
    Calendar.objects.filter(code="STD").update(version=2)

    found = [count_stale_anew(at("23 09:10")) for _ in range(2)]

    assert found == [ticket.clocks.count(), 0]
    assert set(ticket.clocks.values_list("calendar_version", flat=True)) == {2}


def test_news_of_warning_and_breach_come_with_their_clock(ben, asha, settings):
    settings.TICKET_NEWS = ["tests.tickets.test_clocks_of_promises.hear"]
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
