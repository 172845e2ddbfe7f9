"""Appointments for programs: ask, choose, did not come; the times of sites and change freezes."""

from datetime import date

import pytest
from django.utils import timezone

from assets.batches.models import Appointment, BatchItem, ChangeFreeze, SwapSlot
from tests.api.calling import NOTHING, as_person, invalid, named, one_page
from tests.batches.test_appointments import times, world
from tests.batches.waves import NOW
from tests.factories import a_team, a_ticket

pytestmark = pytest.mark.django_db
__all__ = ["world"]
ROOT = "refresh/appointments/"


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def ask(person, method: str, path: str, body=None) -> tuple[int, dict]:
    answer = as_person(person).ask(method, path, body)
    return answer.status_code, answer.json() if answer.content else {}


def asked(world) -> dict:
    """The appointment that Jo is asked for."""
    status, told = ask(world.eng, "POST", ROOT, {"items": [world.items[0].pk]})
    assert (status, told["refused"], len(told["offered"])) == (201, [], 1), told
    return told["offered"][0]


def test_an_appointment_is_asked_for_once_and_told(world):
    first = asked(world)

    assert first == {
        "id": Appointment.objects.get().pk,
        "council": "OCC",
        "batch": "RB-2026-000001",
        "item": world.items[0].pk,
        "asset": named(world.items[0].asset),
        "person": named(world.jo),
        "time": None,
        "freeze": None,
        "engineer": None,
        "state": "offered",
        "offered_at": "2026-11-23T10:00:00Z",
        "version": 1,
    }
    again = ask(world.eng, "POST", ROOT, {"items": [world.items[0].pk]})
    assert again == (201, {"offered": [], "refused": ["O-01 has an appointment already."]})
    assert ask(world.jo, "POST", ROOT, {"items": [world.items[1].pk]})[0] == 403
    assert ask(world.dee, "POST", ROOT, {"items": [world.items[1].pk]})[0] == 400
    assert ask(world.eng, "GET", f"{ROOT}?batch=RB-2026-000001&state=offered")[1] == one_page(first)
    assert ask(world.kim, "GET", f"{ROOT}{first['id']}/") == (404, NOTHING)


def test_whose_it_is_chooses_from_its_times(world):
    first, second = times(world)
    mine = asked(world)
    at = f"{ROOT}{mine['id']}/"
    told = {
        "id": first.pk,
        "where": "County Hall",
        "starts_at": "2026-12-08T09:00:00Z",
        "ends_at": "2026-12-08T09:30:00Z",
    }

    assert ask(world.jo, "GET", f"{at}times/")[1]["results"][0] == {**told, "freeze": ""}
    status, booked = ask(world.jo, "POST", f"{at}choose/", {"time": first.pk, "version": 1})

    assert (status, booked) == (200, {**mine, "time": told, "state": "booked", "version": 2})
    stale = ask(world.jo, "POST", f"{at}choose/", {"time": second.pk, "version": 1})
    assert (stale[0], stale[1]["current"]) == (409, booked)
    nowhere = ask(world.jo, "POST", f"{at}choose/", {"time": second.pk + 99})
    assert nowhere == (400, invalid(time=["This time is not offered. Choose another."]))
    assert ask(world.dee, "POST", f"{at}choose/", {"time": second.pk})[0] == 403


def test_who_swaps_and_the_request_that_is_done_with_it_are_said(world):
    mine = asked(world)
    at = f"{ROOT}{mine['id']}/"
    ticket = a_ticket(council=world.county, requester=world.jo)
    a_team("Desk", world.county, members=[world.eng])

    assert ask(world.eng, "GET", f"{at}engineers/")[1]["results"] == [named(world.eng)]
    assert ask(world.jo, "GET", f"{at}engineers/")[0] == 403
    sent = {"engineer": world.eng.pk, "ticket": ticket.reference, "version": 1}
    assert ask(world.eng, "POST", f"{at}assign/", sent) == (
        200,
        {**mine, "engineer": named(world.eng), "version": 2},
    )
    assert Appointment.objects.get().ticket == ticket
    assert ask(world.eng, "POST", f"{at}assign/", sent)[0] == 409
    stays = ask(world.eng, "POST", f"{at}assign/", {"engineer": None, "version": 2})[1]
    assert (stays["engineer"], Appointment.objects.get().ticket) == (None, ticket)
    nobody = ask(world.eng, "POST", f"{at}assign/", {"engineer": world.jo.pk})
    unknown = f'Invalid pk "{world.jo.pk}" - object does not exist.'
    assert nobody == (400, invalid(engineer=[unknown]))
    assert ask(world.jo, "POST", f"{at}assign/", sent)[0] == 403
    assert ask(world.dee, "POST", f"{at}assign/", sent)[0] == 403


def test_the_desk_chooses_a_time_within_a_freeze_for_a_reason(world):
    first, _ = times(world)
    mine = asked(world)
    at = f"{ROOT}{mine['id']}/"
    day = date(2026, 12, 8)
    ChangeFreeze.objects.create(council=world.county, starts_on=day, ends_on=day, why="Elections")
    said = "Changes are frozen at Oxfordshire County Council on 8 December 2026: Elections"
    sent = {"time": first.pk, "version": 1}

    assert ask(world.jo, "GET", f"{at}times/")[1]["results"] == []
    assert {one["freeze"] for one in ask(world.eng, "GET", f"{at}times/")[1]["results"]} == {said}
    assert ask(world.jo, "POST", f"{at}choose/", sent)[0] == 400
    why = f"{said}. Enter why it is done all the same"
    assert ask(world.eng, "POST", f"{at}choose/", sent) == (400, invalid(freeze_reason=[why]))
    status, told = ask(world.eng, "POST", f"{at}choose/", {**sent, "freeze_reason": "It is failing"})
    assert (status, told["freeze"], told["state"]) == (200, "Elections", "booked")


def test_who_did_not_come_is_asked_again_and_an_appointment_is_called_off(world, monkeypatch):
    first, _ = times(world)
    mine = asked(world)
    ask(world.jo, "POST", f"{ROOT}{mine['id']}/choose/", {"time": first.pk})
    assert ask(world.eng, "POST", f"{ROOT}{mine['id']}/no-show/", {})[0] == 409

    monkeypatch.setattr(timezone, "now", lambda: first.ends_at)
    status, again = ask(world.eng, "POST", f"{ROOT}{mine['id']}/no-show/", {"note": "No answer"})

    assert (status, again["state"], again["person"]) == (200, "offered", named(world.jo))
    assert BatchItem.objects.get(pk=mine["item"]).state == "no_show"
    assert ask(world.jo, "POST", f"{ROOT}{again['id']}/call-off/", {"reason": "No"})[0] == 403
    off = ask(world.eng, "POST", f"{ROOT}{again['id']}/call-off/", {"reason": "Jo is ill"})
    assert (off[0], off[1]["state"]) == (200, "cancelled")


def test_a_site_offers_times_which_change_and_go(world):
    day = {"begins": "09:00", "ends": "10:00", "minutes": 30, "capacity": 1, "day": "2026-12-08"}
    status, made = ask(world.ada, "POST", "refresh/swap-times/", {"site": world.hall.pk, **day})

    assert (status, [one["starts_at"] for one in made]) == (
        201,
        ["2026-12-08T09:00:00Z", "2026-12-08T09:30:00Z"],
    )
    at = f"refresh/swap-times/{made[0]['id']}/"
    changed = ask(world.ada, "PATCH", at, {"capacity": 3, "version": 1})
    assert changed == (200, {**made[0], "capacity": 3, "version": 2})
    assert ask(world.ada, "PATCH", at, {"capacity": 4, "version": 1})[0] == 409
    assert ask(world.eng, "PATCH", at, {"capacity": 4, "version": 2})[0] == 403
    assert ask(world.jo, "GET", at) == (404, NOTHING)
    assert ask(world.ada, "POST", f"{at}remove/") == (204, {})
    assert SwapSlot.objects.get().pk == made[1]["id"]


def test_changes_are_frozen_for_days_and_the_freeze_is_lifted(world):
    sent = {
        "council": "OCC",
        "site": world.hall.pk,
        "starts_on": "2026-12-07",
        "ends_on": "2026-12-11",
        "why": "Elections",
    }
    times(world)

    status, made = ask(world.ada, "POST", "refresh/freezes/", sent)

    freeze = ChangeFreeze.objects.get()
    assert (status, made) == (201, {"id": freeze.pk, **sent, "site": named(world.hall), "version": 1})
    assert ask(world.jo, "GET", f"{ROOT}{asked(world)['id']}/times/")[1] == one_page()
    at = f"refresh/freezes/{freeze.pk}/"
    changed = ask(world.ada, "PATCH", at, {"version": 1, "ends_on": "2026-12-07"})[1]
    assert (changed["ends_on"], ChangeFreeze.objects.get().ends_on) == ("2026-12-07", date(2026, 12, 7))
    assert ask(world.jo, "GET", at) == (404, NOTHING)
    assert ask(world.eng, "POST", f"{at}lift/")[0] == 403
    assert ask(world.ada, "POST", f"{at}lift/") == (204, {})
    assert not ChangeFreeze.objects.exists()
