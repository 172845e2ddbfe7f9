"""Times of sites that change, and days on which nothing is changed: what is planned minds them, and says so."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from assets.batches.appointments import book, call_off
from assets.batches.freezing import add_freeze, change_freeze, lift_freeze
from assets.batches.items import move_item, move_items
from assets.batches.models import BatchCouncil, ChangeFreeze, SwapSlot
from assets.batches.slots_of_sites import change_slot, remove_slot, times_of
from assets.register.lifecycle import MoveRefused
from servicedesk.history.editing import Stale
from servicedesk.history.models import Change
from tests.batches.test_appointments import DAY, as_, offered, text, times, world
from tests.batches.waves import NOW
from tests.factories import a_site

pytestmark = pytest.mark.django_db
__all__ = ["world"]
SAID = "Changes are frozen at {} from 7 December 2026 to 11 December 2026: Elections"


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def frozen(world, **more) -> ChangeFreeze:
    days = {"starts_on": date(2026, 12, 7), "ends_on": date(2026, 12, 11), "why": "Elections"}
    return add_freeze(ChangeFreeze(council=world.county, **{**days, **more}), by=world.ada, now=NOW)


def test_more_engineers_make_room_and_never_fewer_than_are_booked(world):
    first, _ = times(world)
    mine, other, kims = offered(world)
    book(mine, first, by=world.jo, now=NOW)

    wider = change_slot(first, by=world.ada, version=1, capacity=2)
    book(kims, wider, by=world.kim, now=NOW)

    with pytest.raises(ValidationError) as refused:
        change_slot(wider, by=world.ada, version=2, capacity=1)
    assert refused.value.message_dict == {"capacity": ["2 swaps booked already"]}
    with pytest.raises(Stale):
        change_slot(wider, by=world.ada, version=1, capacity=3)
    with pytest.raises(PermissionDenied):
        change_slot(wider, by=world.eng, version=2, capacity=3)
    told = Change.objects.get(kind="batches.swapslot", action="update")
    assert told.fields == {"capacity": [1, 2, "1", "2"]}


def test_a_time_that_nobody_has_chosen_is_taken_away_and_history_keeps_it(world):
    first, second = times(world)
    mine = book(offered(world)[0], first, by=world.jo, now=NOW)
    call_off(mine, by=world.eng, reason="Jo is ill", now=NOW)

    with pytest.raises(MoveRefused, match="Somebody has chosen this time"):
        remove_slot(first, by=world.ada)
    with pytest.raises(PermissionDenied):
        remove_slot(second, by=world.eng)
    remove_slot(second, by=world.ada)

    assert list(SwapSlot.objects.all()) == [first]
    gone = Change.objects.get(kind="batches.swapslot", action="remove")
    assert (gone.object_id, gone.label) == (second.pk, "County Hall")
    with pytest.raises(MoveRefused, match="not offered any more"):
        remove_slot(second, by=world.ada)


def test_times_are_changed_and_taken_away_on_their_page(world):
    first, second = times(world)
    ada = as_(world.ada)

    typed = ada.post(
        f"/refresh/appointments/times/{first.pk}/", {"capacity": "3", "version": "1"}, follow=True
    )
    gone = ada.post(f"/refresh/appointments/times/{second.pk}/remove/", follow=True)

    assert "Engineers are saved" in text(typed) and "0 of 3" in text(typed)
    assert "Tuesday 8 December 2026, 9:30am, County Hall: not offered any more" in text(gone)
    assert as_(world.dee).get(f"/refresh/appointments/times/{first.pk}/").status_code == 403


def test_nothing_is_offered_or_chosen_on_days_on_which_changes_are_frozen(world):
    first, _ = times(world)
    mine = offered(world)[0]

    freeze = frozen(world)

    assert times_of(mine, NOW) == []
    with pytest.raises(ValidationError) as refused:
        book(mine, first, by=world.jo, now=NOW)
    assert refused.value.message_dict == {"slot": [SAID.format("Oxfordshire County Council")]}
    with pytest.raises(ValidationError) as refused:
        times(world, room="2")
    assert refused.value.message_dict == {"day": [SAID.format("Oxfordshire County Council")]}
    lift_freeze(freeze, by=world.ada)
    assert book(mine, first, by=world.jo, now=NOW).slot == first


def test_the_desk_alone_chooses_a_time_within_a_freeze_and_its_reason_is_kept(world):
    first, _ = times(world)
    mine = offered(world)[0]
    frozen(world)
    said = SAID.format("Oxfordshire County Council")
    at = f"/refresh/appointments/{mine.pk}/"

    assert [slot.freeze for slot in times_of(mine, NOW, frozen=True)] == [said, said]
    assert "There are no free times at the moment" in text(as_(world.jo).get(at))
    assert f"County Hall. {said}" in text(as_(world.eng).get(at))
    bare = as_(world.eng).post(at, {"slot": first.pk})
    assert (bare.status_code, f"{said}. Enter why it is done all the same" in text(bare)) == (422, True)
    with pytest.raises(ValidationError) as refused:
        book(mine, first, by=world.jo, freeze_reason="I want it", now=NOW)
    assert refused.value.message_dict == {"slot": [said]}
    as_(world.eng).post(at, {"slot": first.pk, "freeze_reason": "Its disk is failing"})

    mine.refresh_from_db()
    assert (mine.slot, mine.state) == (first, "booked")
    kept = Change.objects.filter(kind="batches.appointment", object_id=mine.pk).latest("pk")
    assert kept.change_set.reason == "Its disk is failing"
    assert "Change freeze: Elections" in text(as_(world.eng).get("/refresh/appointments/"))
    sheet = f"/refresh/appointments/day-sheet/?day={DAY:%d/%m/%Y}"
    assert "Change freeze: Elections" in text(as_(world.eng).get(sheet))


def test_a_time_typed_for_one_or_many_within_a_freeze_needs_its_reason(world):
    frozen(world, site=world.hall)
    when = {"scheduled_for": datetime(2026, 12, 8, 9, tzinfo=UTC)}
    why = f"{SAID.format('County Hall')}. Enter why it is done all the same"
    item, *others = world.items
    BatchCouncil.objects.create(batch=world.batch, council=world.county)
    one = f"/refresh/batches/{world.batch.reference}/items/{item.pk}/schedule/"

    assert SAID.format("County Hall") in text(as_(world.eng).get(one))
    with pytest.raises(ValidationError) as refused:
        move_item(item, "schedule", by=world.eng, given=when, now=NOW)
    assert refused.value.message_dict == {"freeze_reason": [why]}
    many = move_items(others, "schedule", by=world.eng, given=when, now=NOW)
    assert [said.sentence for said in many.refused] == [why, why]
    done = move_items(others, "schedule", by=world.eng, given={**when, "freeze_reason": "Agreed"}, now=NOW)
    assert (len(done.moved), done.deed.reason) == (2, "Agreed")
    elsewhere = {"scheduled_for": datetime(2026, 12, 14, 9, tzinfo=UTC)}
    assert move_item(item, "schedule", by=world.eng, given=elsewhere, now=NOW).state == "scheduled"


def test_whoever_swaps_within_a_freeze_is_told_before(world):
    frozen(world, starts_on=NOW.date(), ends_on=NOW.date())

    page = text(as_(world.eng).get("/refresh/appointments/swap/?old=O-01"))

    assert "Changes are frozen at Oxfordshire County Council on 23 November 2026: Elections" in page


def test_a_freeze_of_one_site_or_of_other_days_leaves_the_rest_open(world):
    first, _ = times(world)
    mine = offered(world)[0]
    frozen(world, site=a_site(world.county, "Depot"))
    frozen(world, starts_on=date(2026, 12, 9))

    assert first in times_of(mine, NOW)
    frozen(world, site=world.hall, starts_on=DAY, ends_on=DAY)
    assert times_of(mine, NOW) == []


def test_a_freeze_is_checked_and_kept_to_those_who_plan(world):
    with pytest.raises(ValidationError) as refused:
        frozen(world, ends_on=date(2026, 12, 6))
    assert list(refused.value.message_dict) == ["ends_on"]
    with pytest.raises(ValidationError, match="site of this council"):
        frozen(world, site=a_site(world.district, "Bodicote"))
    with pytest.raises(PermissionDenied):
        add_freeze(ChangeFreeze(council=world.county), by=world.dee)
    freeze = frozen(world)
    changed = change_freeze(freeze, by=world.ada, version=1, why="Year end")
    assert (changed.why, changed.version) == ("Year end", 2)
    with pytest.raises(PermissionDenied):
        lift_freeze(freeze, by=world.eng)


def test_freezes_have_a_page_that_says_what_is_booked_within_and_a_batch_says_them(world):
    first, _ = times(world)
    book(offered(world)[0], first, by=world.jo, now=NOW)
    BatchCouncil.objects.create(batch=world.batch, council=world.county)
    sent = {
        "council": world.county.pk,
        "starts_on": "7/12/2026",
        "ends_on": "31/12/2026",
        "why": "Year end",
    }

    saved = text(as_(world.ada).post("/refresh/appointments/freezes/", sent, follow=True))

    freeze = ChangeFreeze.objects.get()
    assert "Change freeze at Oxfordshire County Council is saved" in saved
    assert "1 swap booked within it. Call them off by hand" in saved
    frozen_words = "Changes are frozen at Oxfordshire County Council from 7 December 2026 to 31 December 2026"
    assert frozen_words in text(as_(world.ada).get(f"/refresh/batches/{world.batch.reference}/"))
    assert frozen_words in text(as_(world.jo).get(f"/refresh/appointments/{first.appointments.get().pk}/"))
    at = f"/refresh/appointments/freezes/{freeze.pk}/"
    assert as_(world.dee).get(at).status_code == 403
    assert as_(world.jo).get(at).status_code == 404
    edited = {"starts_on": "7/12/2026", "ends_on": "9/12/2026", "why": "Audit", "version": "1"}
    assert "Audit" in text(as_(world.ada).post(at, edited, follow=True))
    lifted = as_(world.ada).post(f"{at}lift/", follow=True)
    assert "Nothing is frozen" in text(lifted) and not ChangeFreeze.objects.exists()
