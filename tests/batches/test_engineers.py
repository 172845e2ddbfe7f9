"""A time takes as many swaps as there are engineers, so that an engineer has one swap at a time, at one place."""

import pytest
from django.core.exceptions import ValidationError

from assets.batches.appointments import assign, book
from assets.batches.models import Appointment
from servicedesk.history.models import Change
from tests.api.calling import as_program
from tests.batches.test_appointments import as_, offered, on_the_day, text, times, world
from tests.batches.waves import NOW
from tests.factories import a_site, a_team

pytestmark = pytest.mark.django_db
__all__ = ["on_the_day", "world"]
BUSY = "Sam swaps O-01 on Tuesday 8 December 2026, 9am. Choose another engineer"


@pytest.fixture
def two(world):
    """Two swaps at nine, of Jo's and of Kim's; Sam has the first of them."""
    a_team("Desk", world.county, members=(world.sam, world.eng))
    world.first, world.second = times(world, 2)
    mine, world.other, kims = offered(world)
    mine = book(mine, world.first, by=world.jo, now=NOW)
    world.kims = book(kims, world.first, by=world.kim, now=NOW)
    world.mine = assign(mine, by=world.eng, engineer=world.sam, now=NOW)
    return world


def test_nobody_has_two_swaps_at_one_time_of_one_site(two):
    with pytest.raises(ValidationError) as refused:
        assign(two.kims, by=two.eng, engineer=two.sam, now=NOW)

    assert refused.value.message_dict == {"engineer": [BUSY]}
    assert assign(two.kims, by=two.eng, engineer=two.eng, now=NOW).engineer == two.eng
    assert assign(two.mine, by=two.eng, engineer=two.sam, now=NOW).engineer == two.sam


def test_the_page_and_a_program_are_told_so(two):
    at = f"appointments/{two.kims.pk}/assign/"

    page = as_(two.eng).post(f"/refresh/{at}", {"engineer": two.sam.pk, "ticket": ""})
    told = as_program(two.eng).ask("POST", f"refresh/{at}", {"engineer": two.sam.pk})

    assert (page.status_code, BUSY in text(page)) == (422, True)
    assert (told.status_code, told.json()["errors"]) == (400, {"engineer": [BUSY]})
    assert Appointment.objects.get(pk=two.kims.pk).engineer is None


def test_one_after_the_other_is_no_clash_and_what_is_done_or_called_off_keeps_nobody(two):
    kims = book(two.kims, two.second, by=two.kim, now=NOW)
    assert assign(kims, by=two.eng, engineer=two.sam, now=NOW).engineer == two.sam

    Appointment.objects.filter(pk=two.mine.pk).update(state="cancelled")

    assert book(kims, two.first, by=two.eng, now=NOW).engineer == two.sam


def test_the_desk_is_told_when_it_moves_a_swap_to_a_time_at_which_its_engineer_is_engaged(two):
    kims = book(two.kims, two.second, by=two.kim, now=NOW)
    kims = assign(kims, by=two.eng, engineer=two.sam, now=NOW)

    with pytest.raises(ValidationError) as refused:
        book(kims, two.first, by=two.eng, now=NOW)

    assert refused.value.message_dict == {"slot": [BUSY]}


@pytest.mark.parametrize("elsewhere", [False, True])
def test_whose_device_it_is_chooses_any_free_time_and_the_desk_finds_another_engineer(two, elsewhere):
    kims = book(two.kims, two.second, by=two.kim, now=NOW)
    kims = assign(kims, by=two.eng, engineer=two.sam, now=NOW)
    there = times(two, 2, site=a_site(two.county, "Depot"))[0] if elsewhere else two.first

    kims = book(kims, there, by=two.kim, now=NOW)

    assert (kims.slot, kims.engineer) == (there, None)
    told = Change.objects.filter(kind="batches.appointment", object_id=kims.pk).latest("pk")
    assert told.fields["engineer"] == [two.sam.pk, None, "Sam", ""]
