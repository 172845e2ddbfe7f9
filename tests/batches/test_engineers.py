"""A time takes as many swaps as there are engineers, so that an engineer has one swap at a time, at one place."""

import pytest
from django.core.exceptions import ValidationError

from assets.batches.appointments import assign, book
from assets.batches.models import Appointment, BatchItem
from assets.batches.slots_of_sites import change_slot
from assets.batches.swapping import swap
from assets.batches.undoing import last_deed, take_back
from servicedesk.history.models import Change
from servicedesk.history.undoing import Overtaken
from tests.api.calling import as_program
from tests.batches.test_appointments import as_, offered, on_the_day, text, times, world
from tests.batches.waves import NOW
from tests.factories import a_site, a_team, a_ticket

pytestmark = pytest.mark.django_db
__all__ = ["on_the_day", "world"]
NINE = "Tuesday 8 December 2026, 9am"
BUSY = f"Sam swaps O-01 on {NINE}. Choose another engineer"


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


def test_the_ticket_of_one_of_several_that_an_engineer_has_at_one_time_since_before_is_written_down(two):
    Appointment.objects.filter(pk=two.kims.pk).update(engineer=two.sam)
    ticket = a_ticket(two.kim, type="request", reference="REQ-2026-000009")

    kims = assign(two.kims, by=two.eng, ticket=ticket, now=NOW)

    assert (kims.engineer, kims.ticket) == (two.sam, ticket)


def undone(world) -> str:
    """What the desk is told that takes its last deed back."""
    try:
        take_back(last_deed(world.eng, world.batch), world.batch, by=world.eng, now=NOW)
    except Overtaken as overtaken:
        return str(overtaken)
    return ""


def engineer_given_to_another(world) -> str:
    assign(world.mine, by=world.eng, engineer=world.eng, now=NOW)
    return f"Eng swaps O-01 on {NINE}. Choose another engineer."


def place_taken_away(world) -> str:
    change_slot(world.first, by=world.ada, version=world.first.version, capacity=1, now=NOW)
    return "This time is full. Choose another."


def person_comes_for_another(world) -> str:
    Appointment.objects.filter(pk=world.mine.pk).update(person=world.kim)
    return "Kim has an appointment at that time already: O-01 in RB-2026-000001."


@pytest.mark.parametrize(
    "since", [engineer_given_to_another, place_taken_away, person_comes_for_another, None]
)
def test_a_swap_is_not_taken_back_to_a_time_that_others_have_since(two, since):
    kims = assign(two.kims, by=two.eng, engineer=two.eng, now=NOW)
    book(kims, two.second, by=two.eng, now=NOW)
    why = since(two) if since else ""

    assert undone(two) == (why and f"Nothing was taken back. The swap of O-03 was on {NINE}. {why}")

    kims, there = Appointment.objects.get(pk=kims.pk), two.second if since else two.first
    scheduled = BatchItem.objects.get(pk=kims.item_id).scheduled_for
    assert (kims.slot, kims.engineer, scheduled) == (there, two.eng, there.starts_at)


@pytest.mark.parametrize("given_away", [True, False])
def test_what_was_swapped_is_not_booked_again_with_an_engineer_who_has_another_swap_since(two, given_away):
    given = {"old": "O-01", "new": "N-01", "signed_by": "Jo"}
    swap(two.mine.item, by=two.eng, data_saved=True, now=NOW, **given)
    why = ""
    if given_away:
        assign(two.kims, by=two.eng, engineer=two.sam, now=NOW)
        why = f"Nothing was taken back. The swap of O-01 was on {NINE}. {BUSY.replace('O-01', 'O-03')}."

    assert undone(two) == why

    two.mine.refresh_from_db()
    item = BatchItem.objects.get(pk=two.mine.item_id)
    assert (two.mine.state, item.state) == (("done", "swapped") if given_away else ("booked", "scheduled"))
