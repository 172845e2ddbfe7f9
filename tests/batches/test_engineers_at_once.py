"""Two people at once who give one engineer to two swaps of one time, on real connections: one of them is told no."""

from threading import Event

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from assets.batches.appointments import assign, book
from assets.batches.models import Appointment
from tests.at_once import at_once
from tests.batches.test_appointments import on_the_day, world
from tests.batches.test_engineers import NINE, two
from tests.batches.waves import NOW

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["on_the_day", "two", "world"]


def told(outcomes: list) -> list[dict]:
    return [one.message_dict for one in outcomes if isinstance(one, ValidationError)]


def engaged(tag: str) -> str:
    return f"Eng swaps {tag} on {NINE}. Choose another engineer"


def swaps_at_nine(world) -> list[Appointment]:
    """Those of Eng."""
    return list(Appointment.objects.filter(slot=world.first, engineer=world.eng))


def test_an_engineer_is_given_to_one_of_two_swaps_of_one_time(two):
    def giving(appointment: Appointment):
        return lambda: assign(appointment, by=two.eng, engineer=two.eng, now=NOW)

    outcomes = at_once(giving(two.mine), giving(two.kims), refusals=ValidationError)

    [kept] = swaps_at_nine(two)
    assert told(outcomes) == [{"engineer": [engaged("O-01" if kept == two.mine else "O-03")]}]


def test_a_swap_waits_to_be_moved_to_a_time_at_which_its_engineer_is_just_given_another(two):
    kims = book(two.kims, two.second, by=two.kim, now=NOW)
    kims = assign(kims, by=two.eng, engineer=two.eng, now=NOW)
    given, moved = Event(), Event()

    def giving():
        with transaction.atomic():
            assign(two.mine, by=two.eng, engineer=two.eng, now=NOW)
            given.set()
            moved.wait(2)  # whoever does not wait for this is done by then

    def moving():
        given.wait(10)
        book(kims, two.first, by=two.sam, now=NOW)
        moved.set()

    outcomes = at_once(giving, moving, refusals=ValidationError)

    assert told(outcomes) == [{"slot": [engaged("O-01")]}]
    assert swaps_at_nine(two) == [two.mine]
