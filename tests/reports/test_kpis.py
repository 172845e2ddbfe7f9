from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import add

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.reports import kpis
from servicedesk.reports.kpis import Tally, age_of, begun_before, percent
from servicedesk.service_levels.calendar_shape import calendar_from_shape
from servicedesk.service_levels.working_time import WorkingCalendar, worked
from tests.reports.vector import AS_AT, EXPECTED, ROWS, Row, at

STD = calendar_from_shape(
    {"STD": {"open": "08:00", "close": "17:30", "holidays": "england-and-wales"}}, "STD"
)
TARGETS = {"P1": 4, "P2": 8, "P3": 28.5, "P4": 47.5}
"""Hours."""


def tally(row: Row) -> Tally:
    """One request of the vector, counted by hand."""
    target = timedelta(hours=TARGETS[row.priority])
    if row.status.startswith("cancelled"):
        return Tally()
    if row.resolved is None:
        return Tally(backlog=1, late=worked(STD, at(row.opened), at(AS_AT)) > target)
    pauses = [(at(begin), at(end)) for begin, end in row.pauses]
    took = worked(STD, at(row.opened), at(row.resolved), pauses)
    return Tally(
        resolved=1,
        met=took <= target,
        missed=took > target,
        eligible=1,
        first_contact=row.first_contact and not row.reopened,
        reopened=row.reopened > 0,
        answered=row.csat is not None,
        satisfied=(row.csat or 0) >= kpis.SATISFIED,
        scores=row.csat or 0,
        seconds=(int(took.total_seconds()),),
    )


def counted(*councils: str) -> Tally:
    return reduce(add, (tally(row) for row in ROWS if row.council in councils), Tally())


def test_figures_of_the_vector():
    joint, occ, cdc = counted("OCC", "CDC"), counted("OCC"), counted("CDC")
    ages = {
        row.name: age_of(int(worked(STD, at(row.opened), at(AS_AT)).total_seconds()))
        for row in ROWS
        if tally(row).backlog
    }

    assert {
        "resolved": joint.resolved,
        "attainment_percent": percent(joint.met, joint.measured),
        "attainment_occ": percent(occ.met, occ.measured),
        "attainment_cdc": percent(cdc.met, cdc.measured),
        "first_contact_resolution_percent": percent(joint.first_contact, joint.eligible),
        "csat_percent": percent(joint.satisfied, joint.answered),
        "csat_response_percent": percent(joint.answered, joint.resolved),
        "csat_mean": kpis.mean_score(joint),
        "reopen_percent": percent(joint.reopened, joint.resolved),
        "mean_hours_to_resolve": kpis.mean_hours(joint),
        "median_hours_to_resolve": kpis.median_hours(joint),
        "backlog": joint.backlog,
        "backlog_age_working_days": ages,
        "open_past_target": [row.name for row in ROWS if tally(row).late],
    } == EXPECTED


def test_nothing_has_no_rate():
    nothing = Tally()

    assert [
        percent(nothing.met, nothing.measured),
        kpis.mean_goal(nothing),
        kpis.mean_score(nothing),
        kpis.mean_hours(nothing),
        kpis.median_hours(nothing),
    ] == [None] * 5


@pytest.mark.parametrize(
    "part, whole, rate", [(1, 3, "33.3"), (2, 3, "66.7"), (1, 16, "6.3"), (1, 80, "1.3")]
)
def test_a_rate_has_one_decimal_rounded_half_up(part, whole, rate):
    assert str(percent(part, whole)) == rate


@pytest.mark.parametrize(
    "days, age",
    [(0, "0-5"), (5, "0-5"), (6, "6-10"), (10, "6-10"), (11, "11-20"), (21, "21-30"), (31, "31+")],
)
def test_ages_begin_when_their_first_day_is_complete(days, age):
    assert age_of(days * kpis.WORKING_DAY) == age
    assert age_of((days + 1) * kpis.WORKING_DAY - 1) == age_of(days * kpis.WORKING_DAY)


numbers = st.integers(0, 500)
tallies = st.builds(
    Tally,
    met=numbers,
    missed=numbers,
    answered=numbers,
    scores=numbers,
    goals=numbers,
    seconds=st.lists(st.integers(0, 10**6), max_size=9).map(tuple),
)


@given(st.lists(tallies, min_size=1, max_size=4))
def test_sums_over_councils_are_the_joint_figures(councils):
    joint = reduce(add, councils)

    assert joint.measured == sum(one.met + one.missed for one in councils)
    assert sorted(joint.seconds) == sorted(second for one in councils for second in one.seconds)
    rates = [percent(one.met, one.measured) for one in councils if one.measured]
    if rates:
        assert min(rates) <= percent(joint.met, joint.measured) <= max(rates)
    means = [kpis.mean_hours(one) for one in councils if one.seconds]
    if means:
        assert min(means) <= kpis.mean_hours(joint) <= max(means)


@given(
    st.datetimes(datetime(2026, 2, 1), datetime(2027, 6, 1), timezones=st.just(UTC)),
    st.integers(1, 40),
    st.integers(1, 10**6),
)
def test_what_begins_later_has_not_completed_so_many_days(end, days, later):
    begun = begun_before(STD, end, days)
    wanted = timedelta(seconds=days * kpis.WORKING_DAY)

    assert worked(STD, begun, end) == wanted
    assert worked(STD, begun + timedelta(microseconds=later), end) < wanted


def test_a_calendar_that_is_hardly_open_has_no_ages():
    assert begun_before(WorkingCalendar(), at(AS_AT), 6) is None
