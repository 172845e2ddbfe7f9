"""People are asked to choose a time 30 days before, reminded on working days, and written to in working hours."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from assets.batches import letters
from assets.batches.appointment_letters import about_appointment
from assets.batches.appointments import book, offer
from assets.batches.inviting import invite_and_remind, remind_to_choose
from assets.batches.models import Appointment, Batch
from assets.batches.slots_of_sites import offer_day
from servicedesk.notifications.models import Message
from tests.batches.test_appointments import times, world
from tests.batches.waves import NOW

pytestmark = pytest.mark.django_db
__all__ = ["world"]


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def test_invitations_go_30_days_before_and_reminders_after_a_week_and_before_the_day(world):
    Batch.objects.update(planned_from=date(2026, 12, 24))
    first, _ = times(world)
    assert (invite_and_remind(NOW), Appointment.objects.count()) == (0, 0)
    a_day = timedelta(days=1)

    assert (invite_and_remind(NOW + a_day), invite_and_remind(NOW + a_day)) == (3, 0)
    assert invite_and_remind(NOW + 7 * a_day) == 0
    assert invite_and_remind(NOW + 8 * a_day) == 3
    mine = Appointment.objects.order_by("pk")[0]
    book(mine, first, by=world.jo, now=NOW + 8 * a_day)
    assert invite_and_remind(first.starts_at - timedelta(days=1)) == 1
    before = Message.objects.count()
    invite_and_remind(first.starts_at - timedelta(hours=20))
    assert Message.objects.count() == before
    last = Message.objects.order_by("pk").last()
    assert last.subject == "Reminder: your appointment is on Tuesday 8 December 2026, 9am"
    assert "Come to County Hall on Tuesday 8 December 2026, 9am" in about_appointment(world.jo, last).body
    Appointment.objects.update(state="cancelled")
    assert about_appointment(world.jo, last) is None


def test_a_reminder_whose_letter_was_not_written_goes_again(world, monkeypatch):
    offer(world.items[:1], by=None, now=NOW)
    later = NOW + timedelta(days=7)

    def broken(*args, **more):
        raise OSError("The disk is full")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="full"):
        patch.setattr(letters, "post", broken)
        remind_to_choose(later)

    assert list(Appointment.objects.values_list("told_at", "reminders")) == [(NOW, 0)]
    assert remind_to_choose(later) == 1


def test_reminders_count_the_working_days_of_the_council_whose_site_it_is(world):
    """Asked on Wednesday 23 December: the fifth working day after it is Monday 4 January. A time on that Monday is near
    from Wednesday 30 December on: New Year's Day and the weekend do not count."""
    asked_at = datetime(2026, 12, 23, 10, tzinfo=NOW.tzinfo)
    noon = datetime(2026, 12, 24, 12, tzinfo=NOW.tzinfo)
    offer(world.items, by=None, now=asked_at)
    told = [invite_and_remind(noon + timedelta(days=at)) for at in range(12)]
    assert told == [0] * 11 + [3]

    given = {"begins": time(9), "ends": time(10), "minutes": 30, "capacity": 1}
    slot = offer_day(world.hall, date(2027, 1, 4), by=world.ada, now=NOW, **given)[0]
    book(Appointment.objects.order_by("pk")[0], slot, by=world.jo, now=asked_at)
    Appointment.objects.filter(state="offered").update(reminders=3)
    before = Message.objects.count()
    for day in (28, 29, 30, 31):
        invite_and_remind(datetime(2026, 12, day, 12, tzinfo=NOW.tzinfo))
        if day == 30:
            assert Message.objects.count() == before + 1
    assert Message.objects.count() == before + 1


def test_a_letter_written_at_night_waits_for_working_hours(world):
    night = datetime(2026, 11, 23, 23, tzinfo=NOW.tzinfo)

    offer(world.items[:1], by=None, now=night)

    assert Message.objects.get().next_try_at.astimezone(NOW.tzinfo).date() == date(2026, 11, 24)
