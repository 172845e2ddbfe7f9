from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from servicedesk import wording

EVENING = datetime(2026, 11, 30, 17, 30, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 5, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("say", "value", "said"),
    [
        (wording.day, EVENING, "30 November 2026"),
        (wording.day, date(2026, 3, 1), "1 March 2026"),
        (wording.weekday, EVENING, "Monday 30 November 2026"),
        (wording.short_day, EVENING, "30 Nov 2026"),
        (wording.clock, EVENING, "5:30pm"),
        (wording.clock, SUMMER, "6:45am"),
        (wording.clock, datetime(2026, 1, 5, 9, 0, tzinfo=UTC), "9am"),
        (wording.clock, datetime(2026, 1, 5, 12, 0, tzinfo=UTC), "midday"),
        (wording.clock, datetime(2026, 1, 5, 0, 0, tzinfo=UTC), "midnight"),
        (wording.clock, datetime(2026, 1, 5, 12, 5, tzinfo=UTC), "12:05pm"),
        (wording.moment, EVENING, "Monday 30 November 2026, 5:30pm"),
        (wording.deadline, EVENING, "Monday 30 November, 5:30pm"),
        (wording.short_moment, SUMMER, "1 Jul 2026, 6:45am"),
        (wording.iso, SUMMER, "2026-07-01T06:45:00+01:00"),
        (wording.iso, date(2026, 7, 1), "2026-07-01"),
        (wording.number, 1234567, "1,234,567"),
        (wording.number, 0, "0"),
        (wording.number, -1234, "−1,234"),
        (wording.money, Decimal("1234.5"), "£1,234.50"),
        (wording.money, Decimal("0.125"), "£0.13"),
        (wording.money, Decimal("-15"), "−£15.00"),
        (wording.percent, Decimal("0.025"), "2.5%"),
        (wording.percent, Decimal("-0.03"), "−3%"),
    ],
)
def test_value_is_written_as_gov_uk_does(say, value, said):
    assert say(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(3, ("+3", "+£3.00")), (-3, ("−3", "−£3.00")), (0, ("0", "£0.00"))]
)
def test_a_difference_says_its_sign(value, said):
    assert (wording.number(value, signed=True), wording.money(Decimal(value), signed=True)) == said


@pytest.mark.parametrize(
    "say",
    [
        wording.day,
        wording.clock,
        wording.moment,
        wording.deadline,
        wording.short_moment,
        wording.iso,
        wording.number,
        wording.money,
    ],
)
def test_what_is_missing_is_written_as_nothing(say):
    assert say(None) == ""


def test_counted_agrees_with_the_number():
    assert [
        wording.counted(1, "ticket"),
        wording.counted(0, "ticket"),
        wording.counted(1204, "ticket"),
        wording.counted(2, "battery", "batteries"),
    ] == ["1 ticket", "0 tickets", "1,204 tickets", "2 batteries"]
